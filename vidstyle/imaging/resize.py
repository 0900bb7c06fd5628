"""Pictures of another size."""

import cv2
import numpy as np
from numpy.typing import NDArray


def resize(image: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Bring a picture [H, W, 3] in [0, 1] to `width` x `height`, averaging where it shrinks."""
    if image.shape[:2] == (height, width):
        return np.ascontiguousarray(image)
    if height <= image.shape[0] and width <= image.shape[1]:
        return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    # Wide pixels grow to square ones in one direction; the cubic's overshoot would leave the range.
    enlarged = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(enlarged, 0, 1), np.float32)
