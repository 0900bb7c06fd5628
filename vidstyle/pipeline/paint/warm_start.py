"""Warm start of a frame from painted predecessors.

Their images, warped along the optical flow and trusted where the flow is (Ruder et al. 2016, sections 4.1 to
4.4); the age of their pixels, so that a newly revealed area becomes as rich as the rest.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from vidstyle.imaging.recolor import recolor
from vidstyle.imaging.types import Flow, Image, Mask
from vidstyle.media.frame_png import quantize
from vidstyle.motion.sampling import warp_lanczos
from vidstyle.motion.stability import detail
from vidstyle.motion.warp import warp_preserving_detail
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.result import Painted
from vidstyle.pipeline.paint.frame_state import SETTLE_FRAMES, FrameState, Reference
from vidstyle.pipeline.paint.targets import TargetSource

BORDER_PX = 5
"""Distance from a border, where a slow camera reveals slivers, at which a pixel has settled."""
ENTERS_PX = 0.05
"""Motion into the image, along a whole side of it, that exceeds the noise of the flow."""
NEGLIGIBLE_SHARE = 0.002
"""Share of newly revealed pixels below which they are ignored."""
NEW_ITERATIONS = 8
"""Least iterations of a frame with newly revealed areas, which hardly show in the losses of all of it."""
QUALITY_TOLERANCES = 1.04, 1.1
"""Tolerances on the first frame's content and style loss for early stopping."""
DETAIL_LOSS_FULL = 0.05
"""Loss of detail since the shot's first frame at which the warp restores the most of it."""
PASS_BLEND = 0.5
"""Share of the previous frame in a start from an earlier pass: delta in Ruder's equation 10."""


class _LongTerm(NamedTuple):
    """Warped references, each where no nearer one shows the place (Ruder et al. 2016, equation 9)."""

    warped: Image
    """[H, W, 3]"""
    trust: Mask
    """Trust in it, [H, W]."""
    visible: Mask
    """Share of what the references show that is still visible, [H, W]."""
    visible_image: Image
    """The references' images weighted by it, [H, W, 3]."""


def start_frame(
    index: int,
    now: FrameTargets,
    references: Sequence[Reference],
    earlier: FrameState | None,
    targets: TargetSource,
) -> WarmStart:
    """Start a frame from its painting of an earlier pass, or else from its references.

    Parameters
    ----------
    index
        Its index in the source.
    now
        Its targets.
    references
        Painted frames before it, the nearest first; there may be none in a later pass.
    earlier
        Its painting of the earlier pass, if there is one.
    targets
        Targets of the job.

    """
    if earlier is not None:
        return blend_with_previous_pass(earlier, references)
    start = warm_start(now.content, references, targets.matched(index, now.content, now.style))
    if not targets.is_constant:
        start = replace(start, new=None, target_losses=None if targets.changes else start.target_losses)
    return replace(start, image=references[0].painted.image) if targets.skips_warp else start


def warm_start(content: Image, references: Sequence[Reference], matched: Image | None = None) -> WarmStart:
    """Start a frame from the frames painted before it.

    Parameters
    ----------
    content
        The frame itself, [H, W, 3].
    references
        Painted frames before it, the nearest first.
    matched
        The frame with the style's colours and contrasts: newly revealed areas start from it, as a shot's
        first frame does. Without it, they start from the content in the painting's colours.

    """
    nearest = references[0]
    long_term, age = _combine_long_term(references), _pixel_age(references)
    new = recolor(content, long_term.warped, nearest.motion.trust) if matched is None else matched
    settled_share = age / np.float32(SETTLE_FRAMES)
    is_negligible = float(1 - settled_share.mean()) < NEGLIGIBLE_SHARE
    # A sliver is not propagated until a stroke fits into it: artefacts of the border would be carried along.
    limit = _age_limit_near_border(nearest.motion.backward_flow) / np.float32(SETTLE_FRAMES)
    fill_share = np.maximum(settled_share, limit)[..., None]
    return WarmStart(
        image=fill_share * long_term.visible_image + (1 - fill_share * long_term.visible[..., None]) * new,
        warped=long_term.warped,
        trust=long_term.trust * settled_share,  # A newly revealed area is free to change for a few frames.
        hessian_scale=nearest.painted.hessian_scale,
        temporal_scale=nearest.painted.temporal_scale,
        target_losses=nearest.painted.target_losses,
        least_iterations=0 if is_negligible else NEW_ITERATIONS,
        # What moves loses some of its style on the network's grid.
        new=np.maximum(1 - settled_share, nearest.motion.backward_flow.any(axis=-1)),
    )


def blend_with_previous_pass(own: FrameState, references: Sequence[Reference]) -> WarmStart:
    """Start a frame from its painting of an earlier pass, and from the frames before it in this one, if any.

    Ruder et al. 2016, equation 10.
    """
    if not references:
        return WarmStart(own.image, own.image, None, own.hessian_scale, target_losses=own.target_losses)
    long_term = _combine_long_term(references)
    share = np.float32(PASS_BLEND) * long_term.trust[..., None]
    return WarmStart(
        image=own.image + share * (long_term.warped - own.image),
        warped=long_term.warped,
        trust=long_term.trust,
        hessian_scale=references[0].painted.hessian_scale,
        target_losses=own.target_losses,
    )


def _warp_painting(reference: Reference) -> Image:
    """Warp a painted frame, as sharp as it is, or closer to the sharpness of its shot's first frame."""
    (painted, motion, _), bias = reference, 0.0
    if painted.detail > 0:
        bias = float(np.clip((1 - detail(painted.image) / painted.detail) / DETAIL_LOSS_FULL, -1, 1))
    return warp_preserving_detail(painted.image, motion.backward_flow, motion.trust, bias)


def _combine_long_term(references: Sequence[Reference]) -> _LongTerm:
    """Warp references to a later frame, each where no nearer one shows the place (Ruder et al., equation 9).

    Several anchors on one pixel act as one: their mean, with the sum of their trust.
    """
    nearest, *others = references
    warped, visible = _warp_painting(nearest), nearest.motion.visible
    trust, visible_image = nearest.motion.trust * visible, visible[..., None] * warped
    anchor = trust[..., None] * warped if others else warped
    for reference in others:
        further = _warp_painting(reference)
        more = np.maximum(reference.motion.visible - visible, 0)
        more_trust = np.maximum(reference.motion.trust * reference.motion.visible - trust, 0)
        anchor = anchor + more_trust[..., None] * further
        visible_image = visible_image + more[..., None] * further
        visible, trust = visible + more, trust + more_trust
    if others:
        warped = np.where(trust[..., None] > 0, anchor / np.maximum(trust, 1e-6)[..., None], warped)
    return _LongTerm(warped, trust, visible, visible_image)


def _pixel_age(references: Sequence[Reference], step: int = 1) -> Mask:
    """Count the frames since each pixel was revealed, [H, W], by the nearest frame that shows it."""
    age = visible = np.float32(0)
    limit = _age_limit_near_border(references[0].motion.backward_flow)
    for painted, motion, distance in references:
        if painted.age is None:
            before: Image | np.float32 = np.float32(SETTLE_FRAMES)
        else:
            before = warp_lanczos(painted.age, motion.backward_flow)
        more = np.maximum(motion.visible - visible, 0)
        older = np.minimum(before + (distance - 1 + step), limit)
        age = age + more * np.maximum(before, older)  # What had settled stays settled.
        visible = visible + more
    return np.asarray(np.minimum(age, SETTLE_FRAMES), np.float32)  # Shares of 1 may sum to slightly more.


def _age_limit_near_border(flow: Flow) -> Mask:
    """Limit the age of each pixel by its distance from a side where the image comes into view, [H, W].

    No stroke fits into the sliver that a slow camera reveals between two frames. If every sliver were held as
    soon as it is a few frames old, none would ever be painted: near such a side a pixel settles by the
    breadth of what is new.
    """
    height, width, _ = flow.shape
    x, y = (np.arange(side, dtype=np.float32) for side in (width, height))
    sides = (
        (-flow[:, 0, 0], x),
        (flow[:, -1, 0], x[::-1]),
        (-flow[0, :, 1], y[:, None]),
        (flow[-1, :, 1], y[::-1, None]),
    )
    limit = np.full((height, width), SETTLE_FRAMES, np.float32)
    for inward, depth_px in sides:
        if np.median(inward) > ENTERS_PX:
            breadth = (depth_px + np.float32(0.5)) / np.float32(BORDER_PX)
            limit = np.minimum(limit, SETTLE_FRAMES * breadth)
    return limit


def next_state(
    references: Sequence[Reference],
    painted: Painted,
    own: FrameState | None = None,
    temporal_scale: float = 1.0,
) -> FrameState:
    """Put together what a painted frame passes on.

    Parameters
    ----------
    references
        Painted frames that it started from; none for the first of a shot.
    painted
        Its painting.
    own
        Its painting of an earlier pass.
    temporal_scale
        Share of the temporal weight that holds the next frame to it.

    """
    image = quantize(painted.image)
    if own is not None:
        return FrameState(
            image,
            painted.hessian_scale,
            own.target_losses,
            detail=own.detail,
            lazy_losses=painted.lazy_losses,
        )
    if not references:
        reached = painted.reached_losses
        targets = reached and (QUALITY_TOLERANCES[0] * reached[0], QUALITY_TOLERANCES[1] * reached[1])
        return FrameState(
            image, painted.hessian_scale, targets, detail=detail(image), lazy_losses=painted.lazy_losses
        )
    # Nothing settles that was not painted. Rounded as stored, so that a resumed run goes on from the same.
    age = np.rint(_pixel_age(references, step=min(painted.iterations, 1)))
    return FrameState(
        image,
        painted.hessian_scale,
        references[0].painted.target_losses,
        None if age.min() >= SETTLE_FRAMES else age,
        temporal_scale,
        references[0].painted.detail,
        painted.lazy_losses,
    )
