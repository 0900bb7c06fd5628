"""Sampling of images at positions between pixels, for analysis: fast, not meant to be repeated hundreds of times."""

import cv2
import numpy as np

from vidstyle.imaging.types import Image

WINDOWS_PER_PX = 32
"""Places within a pixel for which `cv2.remap` has Lanczos' window."""


def warp_lanczos(image: Image, flow: Image) -> Image:
    """Warp for what is looked at, and not carried on: by Lanczos' window over 8 x 8 pixels, several times as fast."""
    x, y = sampled_at(flow)
    warped = cv2.remap(image, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    # OpenCV rounds the place to the nearest that its window is tabulated at; the rest of the way is made good to first
    # order, as what moves by less than half such a step would seem to stand still.
    for axis, place in enumerate((y, x)):
        rest_px = place - np.rint(place * WINDOWS_PER_PX) / WINDOWS_PER_PX
        slope = cv2.Sobel(
            warped, cv2.CV_32F, axis, 1 - axis, ksize=1, scale=0.5, borderType=cv2.BORDER_REPLICATE
        )
        warped += rest_px.reshape(*rest_px.shape, *[1] * (image.ndim - 2)) * slope
    return np.asarray(np.clip(warped, image.min(), image.max()))


def sampled_at(flow: Image) -> tuple[Image, Image]:
    """Places (x, y) that a flow leads to from each pixel, [H, W] each, in pixels."""
    height, width, _ = flow.shape
    x = np.arange(width, dtype=np.float32)[None] + flow[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    return x, y
