"""Optical flow between two source frames, and its trust: the mask of where it is reliable.

The flow is DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016), or on request
Farneback's ("Two-Frame Motion Estimation Based on Polynomial Expansion", SCIA 2003). A `backward_flow` leads
from the current frame to the previous one: [H, W, 2] float32, (dx, dy) in pixels.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.types import BinaryMask, Flow, GreyImage, Image, Mask
from vidstyle.motion.camera import fit_camera_motion
from vidstyle.motion.sampling import sample_positions, warp_lanczos
from vidstyle.options.values import FlowMethod

MASK_SIGMA_PX = 0.8
"""Softening of the mask, so that its edge does not show as a seam."""
EXPLAINED_SIGMA_PX = 1.5
"""Neighbourhood over which the change of the source is averaged, so that grain does not count as change."""
EXPLAINED, UNEXPLAINED = 0.03, 0.09
"""Changes of the source, in its range, up to which a pixel is visible in full and from which not at all."""
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
INVERSIONS = 3
"""Steps towards the inverse of a flow, each of which brings it nearer by the slope of the flow."""
SMALLEST_SIDE_PX = 16
"""Smallest side for DIS, which matches patches of 8 pixels on a pyramid; smaller frames count as still."""


@dataclass(frozen=True)
class Motion:
    """Motion between a frame and an earlier one, with the masks of where it holds."""

    backward_flow: Flow
    """Displacement from each pixel to its position in the earlier frame, [H, W, 2], (dx, dy) in pixels."""
    trust: Mask
    """Reliability of each pixel's flow, [H, W] in [0, 1]."""
    visible: Mask
    """Share of each pixel that the earlier frame shows as well, [H, W] in [0, 1]: 0 in newly revealed areas,
    and where the source has changed in a way that its motion does not explain. A motion boundary is not
    trusted, but visible."""

    def without(self, share: Mask | None) -> "Motion":
        """Take a share of each pixel, [H, W] in [0, 1], as neither trusted nor visible."""
        if share is None:
            return self
        return replace(self, trust=(1 - share) * self.trust, visible=(1 - share) * self.visible)


class FlowPair(NamedTuple):
    """Flow between two frames, backward and forward."""

    backward: Flow
    """From the later frame to the earlier one, [H, W, 2] in pixels."""
    forward: Flow
    """From the earlier frame to the later one."""
    backward_background: BinaryMask | None = None
    """Pixels whose backward flow is the background's, which has no motion boundaries, [H, W]."""
    forward_background: BinaryMask | None = None

    @property
    def reversed(self) -> "FlowPair":
        """The pair with time running backward: the later frame is the earlier one."""
        return FlowPair(self.forward, self.backward, self.forward_background, self.backward_background)


def find_motion(previous: Image, current: Image, method: FlowMethod = FlowMethod.DIS) -> Motion:
    """Find the motion between two frames [H, W, 3], RGB in [0, 1]."""
    return estimate_trust(find_flows(previous, current, method), previous, current)


def find_dense_flows(previous: Image, current: Image) -> FlowPair:
    """Find the flow between two frames [H, W, 3] by DIS alone, in half the time of `find_flows`."""
    before, now = _to_luma(previous), _to_luma(current)
    if min(now.shape) < SMALLEST_SIDE_PX or np.array_equal(before, now):
        return find_flows(previous, current)
    return FlowPair(optical_flow(now, before), optical_flow(before, now))


def find_flows(previous: Image, current: Image, method: FlowMethod = FlowMethod.DIS) -> FlowPair:
    """Find the flow between two frames [H, W, 3], RGB in [0, 1], in both directions."""
    before, now = _to_luma(previous), _to_luma(current)
    if min(now.shape) < SMALLEST_SIDE_PX or np.array_equal(before, now):
        still, everywhere = np.zeros((*now.shape, 2), np.float32), np.ones(now.shape, bool)
        return FlowPair(still, still, everywhere, everywhere)
    backward, backward_background = fit_camera_motion(now, before, optical_flow(now, before, method))
    forward, forward_background = fit_camera_motion(before, now, optical_flow(before, now, method))
    return FlowPair(backward, forward, backward_background, forward_background)


def optical_flow(origin: GreyImage, target: GreyImage, method: FlowMethod = FlowMethod.DIS) -> Flow:
    """Compute the dense flow [H, W, 2] from one grey image [H, W] to another, in pixels."""
    if method is FlowMethod.FARNEBACK:
        still = np.zeros((*origin.shape, 2), np.float32)
        farneback = cv2.calcOpticalFlowFarneback(origin, target, still, **FARNEBACK)
        return np.asarray(farneback, np.float32)
    # One object per call: it keeps buffers between calls, and is not safe to share between threads.
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    # A quarter less error than the preset alone, against known motion: benchmarks/bench_flow.py.
    dis.setFinestScale(0)
    dis.setVariationalRefinementIterations(10)
    return np.asarray(dis.calc(origin, target, None), np.float32)  # type: ignore[call-overload]


def compose(first: Flow, second: Flow) -> Flow:
    """Compose two flows [H, W, 2], in pixels: along `first`, then from there along `second`.

    A pixel that leaves the image on the way stays outside.
    """
    x, y = sample_positions(first)
    height, width, _ = first.shape
    further = cv2.remap(second, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    return np.asarray(np.where(inside[..., None], first + further, first), np.float32)


def make_consistent(flows: FlowPair) -> FlowPair:
    """Make the forward flow the inverse of the backward one, wherever the two agree but for a fraction.

    A painting that is warped there and back by the two would otherwise not return to its place. The inverse f
    of a backward flow b is the fixed point of f(x) = -b(x + f(x)).
    """
    backward, forward = flows.backward, flows.forward
    agree = _soften(_are_consistent(forward, backward))[..., None]
    inverse = forward
    for _ in range(INVERSIONS):
        inverse = -_sample(backward, inverse)
    return flows._replace(forward=np.asarray(forward + agree * (inverse - forward), np.float32))


def compose_pairs(first: FlowPair, second: FlowPair) -> FlowPair:
    """Compose the flows between three frames, one after the other in time: those from the first to the last.

    Where the background is in both, is not kept.
    """
    return FlowPair(compose(second.backward, first.backward), compose(first.forward, second.forward))


def estimate_trust(flows: FlowPair, previous: Image, current: Image) -> Motion:
    """Estimate where a backward flow is reliable: consistent with the forward flow, off motion boundaries.

    Sundaram, Brox and Keutzer, "Dense Point Trajectories by GPU-accelerated Large Displacement Optical Flow",
    ECCV 2010, with the constants of Ruder et al. 2016, equations 5 and 6.

    Parameters
    ----------
    flows
        From the current frame to the previous one, and back.
    previous, current
        Frames of the source [H, W, 3], RGB in [0, 1].

    """
    backward, forward, background, _ = flows
    there = _squared_norm(backward)
    covered = coverage(backward)
    unoccluded = _are_consistent(backward, forward) & (covered > 0)
    # An image of a single row or column has no gradient across it.
    gradient = sum(
        _squared_norm(np.gradient(backward, axis=axis)) for axis in (0, 1) if backward.shape[axis] > 1
    )
    smooth = gradient <= 0.01 * there + 0.002
    if background is not None:
        smooth |= background
    return Motion(
        backward,
        covered * _soften(unoccluded & smooth),
        covered * _soften(unoccluded) * _explained_share(backward, previous, current),
    )


def _are_consistent(there: Flow, back: Flow) -> BinaryMask:
    """Tell where a flow returns to each pixel along another one (Ruder et al. 2016, equation 5)."""
    returned = _sample(back, there)
    slack = 0.01 * (_squared_norm(there) + _squared_norm(returned)) + 0.5
    return np.asarray(_squared_norm(there + returned) <= slack)


def _sample(flow: Flow, along: Flow) -> Flow:
    """Sample a flow where another one leads to from each pixel."""
    x, y = sample_positions(along)
    return np.asarray(cv2.remap(flow, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _explained_share(backward: Flow, previous: Image, current: Image) -> Mask:
    """Measure how well a flow explains the source, [H, W] in [0, 1], where the flow alone cannot tell.

    When a head turns or a light goes on, the flow is smooth and consistent, but the warped frame differs from
    the current one, and would stay as a ghost.
    """
    squared = np.square(current - warp_lanczos(previous, backward)).mean(axis=-1)
    nearby = cv2.GaussianBlur(squared, (0, 0), EXPLAINED_SIGMA_PX)
    explained: Mask = (UNEXPLAINED**2 - nearby) / (UNEXPLAINED**2 - EXPLAINED**2)
    return np.clip(explained, 0, 1)


def _soften(mask: BinaryMask) -> Mask:
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), MASK_SIGMA_PX), np.float32)


def coverage(flow: Flow) -> Mask:
    """Compute how much of each pixel lies inside the image where a flow leads to, [H, W] in [0, 1].

    A pixel beyond the border by a fraction is newly revealed by that fraction, as are all in a slow pan.
    """
    height, width, _ = flow.shape
    beyond = (
        np.maximum(-position, position - (side - 1))
        for position, side in zip(sample_positions(flow), (width, height), strict=True)
    )
    across, down = (np.clip(1 - distance, 0, 1) for distance in beyond)
    return np.asarray(across * down, np.float32)


def _squared_norm(vectors: NDArray[Any]) -> Image:
    return np.asarray(np.square(vectors).sum(axis=-1), np.float32)


def _to_luma(image: Image) -> GreyImage:
    return np.rint(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) * 255).astype(np.uint8)
