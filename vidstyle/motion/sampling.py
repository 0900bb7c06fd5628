"""Sampling of images at positions between pixels, for analysis: fast, but not exact enough to be repeated."""

import cv2
import numpy as np

from vidstyle.imaging.types import Flow, Image

STEPS_PER_PX = 32
"""Positions within a pixel that `cv2.remap` has a Lanczos kernel for."""


def warp_lanczos(image: Image, flow: Flow) -> Image:
    """Warp an image that is only analysed: by Lanczos over 8 x 8 pixels, several times as fast as `warp`."""
    x, y = sample_positions(flow)
    warped = cv2.remap(image, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    # OpenCV rounds a position to the nearest tabulated one. The remainder is corrected to first order, as
    # motion of less than half a step would otherwise look like standing still.
    for axis, position in enumerate((y, x)):
        rest_px = position - np.rint(position * STEPS_PER_PX) / STEPS_PER_PX
        slope = cv2.Sobel(
            warped, cv2.CV_32F, axis, 1 - axis, ksize=1, scale=0.5, borderType=cv2.BORDER_REPLICATE
        )
        warped += rest_px.reshape(*rest_px.shape, *[1] * (image.ndim - 2)) * slope
    return np.asarray(np.clip(warped, image.min(), image.max()))


def sample_positions(flow: Flow) -> tuple[Image, Image]:
    """Compute the positions (x, y) that a flow leads to from each pixel, [H, W] each, in pixels."""
    height, width, _ = flow.shape
    x = np.arange(width, dtype=np.float32)[None] + flow[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    return x, y
