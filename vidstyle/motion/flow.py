"""Optical flow between two source frames, the warp along it, and how far it is to be trusted.

Flow is DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016). A flow is `backward_flow`, from
the current frame to the previous one: [H, W, 2] float32, (dx, dy) in pixels.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Flow = NDArray[np.float32]

MASK_SIGMA_PX = 0.8
"""Softening of the mask, so that its edge does not show as a seam."""
SMALLEST_SIDE_PX = 16
"""DIS matches patches of 8 pixels on a pyramid; smaller pictures are taken as still."""


@dataclass(frozen=True)
class Motion:
    """What moved between a frame and its predecessor."""

    backward_flow: Flow
    """Where each pixel was, relative to where it is: [H, W, 2], (dx, dy) in pixels."""
    trust: Image
    """How far each pixel's flow is trusted, [H, W] in [0, 1]."""


def find_motion(previous: Image, current: Image) -> Motion:
    """Find the motion between two frames [H, W, 3], RGB in [0, 1]."""
    before, now = _grey(previous), _grey(current)
    if min(now.shape) < SMALLEST_SIDE_PX:
        still = np.zeros((*now.shape, 2), np.float32)
        return Motion(still, trust_mask(still, still))
    backward = optical_flow(now, before)
    return Motion(backward, trust_mask(backward, optical_flow(before, now)))


def optical_flow(origin: NDArray[np.uint8], target: NDArray[np.uint8]) -> Flow:
    """Flow [H, W, 2] that leads from pixels of one grey picture [H, W] to those of another, in pixels."""
    # A new one each time: the object keeps buffers between calls, and is not made for several threads.
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(dis.calc(origin, target, None), np.float32)  # type: ignore[call-overload]


def warp(image: Image, flow: Flow) -> Image:
    """Carry an image [H, W] or [H, W, C] along a flow: result[y, x] = image[y + dy, x + dx].

    Sampled with Lanczos' window over 8 x 8 pixels, as a bilinear one blurs the film a little more at every frame, and
    kept in the range of the image, which Lanczos overshoots. Beyond the border the border is repeated.
    """
    x, y = _sampled_at(flow)
    warped = cv2.remap(image, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    return np.clip(warped, image.min(), image.max())


def recolored(image: Image, like: Image, where: Image) -> Image:
    """Give an image [H, W, 3] the mean and deviation of another in each channel, measured under a mask [H, W]."""
    weights = where[..., None] / max(float(where.sum()), 1e-6)

    def moments(picture: Image) -> tuple[Image, Image]:
        mean = (weights * picture).sum(axis=(0, 1))
        return mean, np.sqrt((weights * (picture - mean) ** 2).sum(axis=(0, 1)))

    (mean, deviation), (wanted_mean, wanted_deviation) = moments(image), moments(like)
    scaled = (image - mean) * (wanted_deviation / np.maximum(deviation, 1e-3)) + wanted_mean
    return np.clip(scaled, 0, 1).astype(np.float32)


def trust_mask(backward: Flow, forward: Flow) -> Image:
    """Trust [H, W] in a backward flow: 1 where it is confirmed, 0 where a pixel was hidden, outside, or on an edge of motion.

    Sundaram, Brox and Keutzer, "Dense Point Trajectories by GPU-accelerated Large Displacement Optical Flow", ECCV 2010,
    with the constants of Ruder et al. 2016, equations 5 and 6.
    """
    height, width, _ = backward.shape
    x, y = _sampled_at(backward)
    returned = cv2.remap(forward, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    there, back = _squared(backward), _squared(returned)
    consistent = _squared(backward + returned) <= 0.01 * (there + back) + 0.5
    # A pixel that is outside by a fraction, at the edge of a still shot, is not outside.
    inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    gradient = _squared(
        np.concatenate(np.gradient(backward, axis=(0, 1)), axis=-1)
    )  # of both components: [H, W, 4]
    smooth = gradient <= 0.01 * there + 0.002
    mask = (consistent & inside & smooth).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), MASK_SIGMA_PX), np.float32)


def _sampled_at(flow: Flow) -> tuple[Image, Image]:
    height, width, _ = flow.shape
    x = np.arange(width, dtype=np.float32)[None] + flow[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    return x, y


def _squared(vectors: NDArray[Any]) -> Image:
    return np.asarray(np.square(vectors).sum(axis=-1), np.float32)


def _grey(image: Image) -> NDArray[np.uint8]:
    return np.rint(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) * 255).astype(np.uint8)
