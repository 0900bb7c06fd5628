"""Filling of a frame between two painted keyframes, from both of them.

What is hidden at one keyframe is nearly always seen at the other. Where both show a place, the painting turns
from one into the other across all of the span, so that nothing changes at once. Where neither does, the
change of the source is added, in the painting's contrast.
"""

from typing import NamedTuple

import cv2
import numpy as np

from vidstyle.imaging.types import Image, Mask
from vidstyle.motion.flow import Motion, coverage
from vidstyle.motion.sampling import warp_lanczos
from vidstyle.motion.warp import warp

LEAD = 0.4
"""Difference of the shares of a pixel that two keyframes show, from which the one that shows more has more of
it: smaller ones vary from frame to frame."""
LEAD_SIGMA_PX = 2.0
"""Neighbourhood over which that difference is averaged, for the same reason."""
SEEN = 0.5
"""Share of a pixel that a keyframe shows from which all of it is taken from there."""


class Filling(NamedTuple):
    """Origin of each pixel of a frame between two keyframes."""

    motions: tuple[Motion, Motion]
    """Motion of the frame relative to each."""
    second_share: Mask
    """Share of the second keyframe, [H, W] in [0, 1]; the rest is the first one's."""
    seen: Mask
    """Share of each pixel that one of them shows, [H, W] in [0, 1]."""
    change: Image
    """Difference of the source's frame from the source filled likewise, [H, W, 3]."""

    @property
    def unseen_share(self) -> float:
        """Share of the frame that neither keyframe shows."""
        return float(1 - self.seen.mean(dtype="float64"))

    @property
    def source_error(self) -> float:
        """Mean squared difference of the filled source from the frame, where it is seen."""
        squared = np.square(self.change).mean(axis=-1)
        return float((self.seen * squared).sum(dtype="float64") / max(1.0, self.seen.sum(dtype="float64")))


def plan_filling(
    content: Image, ends: tuple[Image, Image], motions: tuple[Motion, Motion], position: float
) -> Filling:
    """Find where each pixel of a frame comes from.

    Parameters
    ----------
    content
        The frame in the source, [H, W, 3].
    ends
        The keyframes in the source.
    motions
        Motion of the frame relative to each.
    position
        Position between them, from 0, the first, to 1, the second.

    """
    first, second = (motion.visible for motion in motions)
    lead = cv2.GaussianBlur(second - first, (0, 0), LEAD_SIGMA_PX)
    clear = np.clip((np.abs(lead) - LEAD) / (1 - LEAD), 0, 1)
    share = np.asarray(position + clear * ((lead > 0) - np.float32(position)), np.float32)
    # A strip along a border may be narrower than that neighbourhood.
    outside = [coverage(motion.backward_flow) <= 0 for motion in motions]
    share[outside[0] & ~outside[1]] = 1
    share[outside[1] & ~outside[0]] = 0
    seen = np.asarray(np.clip(np.maximum(first, second) / SEEN, 0, 1), np.float32)
    one, other = (warp_lanczos(end, motion.backward_flow) for end, motion in zip(ends, motions, strict=True))
    change = np.asarray(content - _blend(one, other, share), np.float32)
    return Filling(motions, share, seen, change)


def fill(filling: Filling, content: Image, keyframes: tuple[Image, Image]) -> Image:
    """Fill a frame from the paintings of its keyframes.

    Parameters
    ----------
    filling
        Origin of each pixel.
    content
        The frame in the source, [H, W, 3].
    keyframes
        The paintings, [H, W, 3].

    """
    one, other = (
        warp(keyframe, motion.backward_flow)
        for keyframe, motion in zip(keyframes, filling.motions, strict=True)
    )
    blended = _blend(one, other, filling.second_share)
    if float(filling.seen.min()) < 1:
        gain = _deviation(blended) / np.maximum(_deviation(content), np.float32(1e-3))
        blended += (1 - filling.seen[..., None]) * gain * filling.change
    return np.asarray(np.clip(blended, 0, 1), np.float32)


def _blend(first: Image, second: Image, share: Mask) -> Image:
    return np.asarray(first + share[..., None] * (second - first), np.float32)


def _deviation(image: Image) -> Image:
    """Compute the standard deviation of each channel, [3]."""
    return np.asarray(image.std(axis=(0, 1), dtype="float64"), np.float32)
