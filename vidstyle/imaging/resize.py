"""Resampling of images to another size."""

import cv2
import numpy as np

from vidstyle.imaging.types import Image


def resize(image: Image, width: int, height: int) -> Image:
    """Resize an image [H, W, 3] in [0, 1] to [height, width, 3]; pixels are averaged where it shrinks."""
    if image.shape[:2] == (height, width):
        return np.ascontiguousarray(image)
    if height <= image.shape[0] and width <= image.shape[1]:
        return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    # Wide pixels become square by growing in one direction; the cubic kernel overshoots the range.
    enlarged = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(enlarged, 0, 1), np.float32)
