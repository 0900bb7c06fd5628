"""Optical flow between two source frames, and how far it is to be trusted.

Flow is DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016), or on request Farneback's
("Two-Frame Motion Estimation Based on Polynomial Expansion", SCIA 2003). A flow is `backward_flow`, from the current
frame to the previous one: [H, W, 2] float32, (dx, dy) in pixels.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.types import Image
from vidstyle.motion.camera import fit_camera_motion
from vidstyle.motion.sampling import sampled_at, warp_lanczos
from vidstyle.options.values import FlowMethod

Flow = NDArray[np.float32]

MASK_SIGMA_PX = 0.8
"""Softening of the mask, so that its edge does not show as a seam."""
EXPLAINED_SIGMA_PX = 1.5
"""Neighbourhood over which the source's change is averaged: grain is none."""
EXPLAINED, UNEXPLAINED = 0.03, 0.09
"""Changes of the source, in its range, up to which all is kept and from which nothing is."""
FARNEBACK: dict[str, Any] = {
    "pyr_scale": 0.5,
    "levels": 5,
    "winsize": 31,
    "iterations": 5,
    "poly_n": 7,
    "poly_sigma": 1.5,
    "flags": 0,
}
"""Arguments of `cv2.calcOpticalFlowFarneback`."""
SMALLEST_SIDE_PX = 16
"""DIS matches patches of 8 pixels on a pyramid; smaller pictures are taken as still."""


@dataclass(frozen=True)
class Motion:
    """What moved between a frame and its predecessor."""

    backward_flow: Flow
    """Where each pixel was, relative to where it is: [H, W, 2], (dx, dy) in pixels."""
    trust: Image
    """How far each pixel's flow is trusted, [H, W] in [0, 1]."""
    kept: Image
    """How much of what the previous frame showed is still there, [H, W] in [0, 1]: none where a pixel is uncovered, or
    where the source has changed in a way that its motion does not explain. An edge of motion is not trusted, but kept."""

    def without(self, share: Image | None) -> "Motion":
        """Take a share of each pixel, [H, W] in [0, 1], for neither trusted nor kept."""
        if share is None:
            return self
        return replace(self, trust=(1 - share) * self.trust, kept=(1 - share) * self.kept)


class FlowPair(NamedTuple):
    """Flow between two frames, there and back."""

    backward: Flow
    """From the later frame to the earlier one, [H, W, 2] in pixels."""
    forward: Flow
    """From the earlier frame to the later one."""
    backward_background: NDArray[np.bool_] | None = None
    """Where the flow backward is that of the background, which has no edges of motion, [H, W]; None if unknown."""
    forward_background: NDArray[np.bool_] | None = None

    @property
    def reversed(self) -> "FlowPair":
        """The same with time running backward: the later frame is the earlier one."""
        return FlowPair(self.forward, self.backward, self.forward_background, self.backward_background)


def find_motion(previous: Image, current: Image, method: FlowMethod = FlowMethod.DIS) -> Motion:
    """Find the motion between two frames [H, W, 3], RGB in [0, 1]."""
    return estimate_trust(find_flows(previous, current, method), previous, current)


def find_flows(previous: Image, current: Image, method: FlowMethod = FlowMethod.DIS) -> FlowPair:
    """Find the flow between two frames [H, W, 3], RGB in [0, 1]."""
    before, now = _grey(previous), _grey(current)
    if min(now.shape) < SMALLEST_SIDE_PX or np.array_equal(before, now):
        still, everywhere = np.zeros((*now.shape, 2), np.float32), np.ones(now.shape, bool)
        return FlowPair(still, still, everywhere, everywhere)
    backward, backward_background = fit_camera_motion(now, before, optical_flow(now, before, method))
    forward, forward_background = fit_camera_motion(before, now, optical_flow(before, now, method))
    return FlowPair(backward, forward, backward_background, forward_background)


def optical_flow(
    origin: NDArray[np.uint8], target: NDArray[np.uint8], method: FlowMethod = FlowMethod.DIS
) -> Flow:
    """Flow [H, W, 2] that leads from pixels of one grey picture [H, W] to those of another, in pixels."""
    if method is FlowMethod.FARNEBACK:
        still = np.zeros((*origin.shape, 2), np.float32)
        farneback = cv2.calcOpticalFlowFarneback(origin, target, still, **FARNEBACK)
        return np.asarray(farneback, np.float32)
    # A new one each time: the object keeps buffers between calls, and is not made for several threads.
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    # Against known motion a quarter less error than the preset alone: tests/benchmarks/bench_flow.py.
    dis.setFinestScale(0)
    dis.setVariationalRefinementIterations(10)
    return np.asarray(dis.calc(origin, target, None), np.float32)  # type: ignore[call-overload]


def compose(first: Flow, second: Flow) -> Flow:
    """Flow [H, W, 2] of two steps in one: along `first`, then from there along `second`, in pixels.

    A pixel that leaves the picture on its way stays outside.
    """
    x, y = sampled_at(first)
    height, width, _ = first.shape
    further = cv2.remap(second, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    return np.asarray(np.where(inside[..., None], first + further, first), np.float32)


def estimate_trust(flows: FlowPair, previous: Image, current: Image) -> Motion:
    """Judge how far a backward flow is to be trusted.

    Sundaram, Brox and Keutzer, "Dense Point Trajectories by GPU-accelerated Large Displacement Optical Flow", ECCV 2010,
    with the constants of Ruder et al. 2016, equations 5 and 6.

    Parameters
    ----------
    flows
        From the current frame to the previous one, and back.
    previous, current
        Frames of the source [H, W, 3], RGB in [0, 1].

    """
    backward, forward, background, _ = flows
    x, y = sampled_at(backward)
    returned = cv2.remap(forward, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    there, back = _squared(backward), _squared(returned)
    consistent = _squared(backward + returned) <= 0.01 * (there + back) + 0.5
    coverage = _coverage(backward)
    shown = consistent & (coverage > 0)
    # Across a picture of a single row or column there is no gradient.
    gradient = sum(_squared(np.gradient(backward, axis=axis)) for axis in (0, 1) if backward.shape[axis] > 1)
    smooth = gradient <= 0.01 * there + 0.002
    if background is not None:
        smooth |= background
    return Motion(
        backward,
        coverage * _softened(shown & smooth),
        coverage * _softened(shown) * _explained(backward, previous, current),
    )


def _explained(backward: Flow, previous: Image, current: Image) -> Image:
    """How well the flow explains the source, [H, W] in [0, 1], where the flow alone cannot tell.

    A head that turns, a light that goes on: the flow is smooth and consistent, but what it carries here is not what is
    here, and would stay as a ghost.
    """
    squared = np.square(current - warp_lanczos(previous, backward)).mean(axis=-1)
    nearby = cv2.GaussianBlur(squared, (0, 0), EXPLAINED_SIGMA_PX)
    kept: Image = (UNEXPLAINED**2 - nearby) / (UNEXPLAINED**2 - EXPLAINED**2)
    return np.clip(kept, 0, 1)


def _softened(mask: NDArray[np.bool_]) -> Image:
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), MASK_SIGMA_PX), np.float32)


def _coverage(flow: Flow) -> Image:
    """How much of each pixel the picture shows where a flow leads to, [H, W] in [0, 1].

    A pixel that lies beyond the border by a fraction is new by that fraction: in a slow pan all of it comes into view so.
    """
    height, width, _ = flow.shape
    beyond = (
        np.maximum(-at, at - (side - 1)) for at, side in zip(sampled_at(flow), (width, height), strict=True)
    )
    across, down = (np.clip(1 - over, 0, 1) for over in beyond)
    return np.asarray(across * down, np.float32)


def _squared(vectors: NDArray[Any]) -> Image:
    return np.asarray(np.square(vectors).sum(axis=-1), np.float32)


def _grey(image: Image) -> NDArray[np.uint8]:
    return np.rint(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) * 255).astype(np.uint8)
