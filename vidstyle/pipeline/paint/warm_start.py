"""What a frame takes over from those painted before it.

Their pictures, carried along by the motion and trusted where the motion is (Ruder et al. 2016, sections 4.1 to 4.4); the
age of their pixels, so that what was uncovered lately is free to become as rich as the rest; the losses that are good enough.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.recolor import recolor
from vidstyle.imaging.types import Image
from vidstyle.media.frame_png import quantize
from vidstyle.motion.sampling import warp_lanczos
from vidstyle.motion.stability import detail
from vidstyle.motion.warp import warp_preserving_detail
from vidstyle.pipeline.paint.frame_state import SETTLED, FrameState, Reference

if TYPE_CHECKING:  # Loading it takes seconds.
    from vidstyle.neural.result import Painted


BORDER_PX = 5
"""How far from the border, where a slow camera uncovers slivers, a pixel must have come for that."""
ENTERS_PX = 0.05
"""Motion into the picture, along a whole side of it, that is more than the flow's noise."""
FEW = 0.002
"""Share of new pixels below which they do not count."""
STANDARD = 1.02
"""How near to its shot's first frame a frame's losses must come."""
SOFTER = 0.05
"""Share of its detail that a painting has lost since the shot's first frame, with which it regains the most of it."""
BLEND = 0.5
"""Share of the frame before in the start of a frame that an earlier pass has painted: delta of Ruder's equation 10."""


class _Carried(NamedTuple):
    """What several frames, each where none nearer can, say of a picture."""

    warped: Image
    """Their pictures carried here, [H, W, 3]."""
    trust: Image
    """How far that is trusted, [H, W] in [0, 1]."""
    kept: Image
    """How much of what they show is still there, [H, W] in [0, 1]."""
    known: Image
    """What is kept of them, weighted by how much is, [H, W, 3]."""


def carried(source: Image, origins: Sequence[Reference], matched: Image | None = None) -> dict[str, Any]:
    """Say what a frame takes over from those before it, as arguments of `Painter.paint`.

    Parameters
    ----------
    source
        The frame itself, [H, W, 3].
    origins
        Frames before it, the nearest first.
    matched
        The frame in the style's colours and contrasts: what has come into view starts from it, as a shot's first frame
        does. Without it, it starts from the source in the painting's colours.

    """
    nearest = origins[0]
    held, age = _carried(origins), _aged(origins)
    bare = recolor(source, held.warped, nearest.motion.trust) if matched is None else matched
    settled = age / np.float32(SETTLED)
    few = float(1 - settled.mean()) < FEW
    # Nor is a sliver carried as long as no stroke fits into it: what it was beside the border would go on rippling.
    grown = np.maximum(settled, _oldest(nearest.motion.backward_flow) / np.float32(SETTLED))[..., None]
    return {
        "start": grown * held.known + (1 - grown * held.kept[..., None]) * bare,
        "warped": held.warped,
        # What is new is free to change for a few frames.
        "trust": held.trust * settled,
        "gamma": nearest.painted.gamma,
        "firmness": nearest.painted.firmness,
        # A few new pixels do not show in the losses of the whole.
        "standard": nearest.painted.standard if few else None,
    }


def blended(own: FrameState, origins: Sequence[Reference]) -> dict[str, Any]:
    """Say what a frame takes over from an earlier pass and from those before it in this one, if there are any.

    Ruder et al. 2016, equation 10.
    """
    if not origins:
        return {"start": own.image, "warped": own.image, "gamma": own.gamma, "standard": own.standard}
    held = _carried(origins)
    share = np.float32(BLEND) * held.trust[..., None]
    return {
        "start": own.image + share * (held.warped - own.image),
        "warped": held.warped,
        "trust": held.trust,
        "gamma": origins[0].painted.gamma,
        "standard": own.standard,
    }


def _brought(origin: Reference) -> Image:
    """Carry the picture of a frame here, as sharp as it is, or nearer to how sharp its shot's first frame was."""
    (painted, motion, _), lean = origin, 0.0
    if painted.detail > 0:
        lean = float(np.clip((1 - detail(painted.image) / painted.detail) / SOFTER, -1, 1))
    return warp_preserving_detail(painted.image, motion.backward_flow, motion.trust, lean)


def _carried(origins: Sequence[Reference]) -> _Carried:
    """Carry what frames show to a later one: each where no nearer one can (Ruder et al. 2016, equation 9).

    Several anchors on one pixel pull at it as one does, their mean, with the sum of their trust.
    """
    nearest, *others = origins
    warped, kept = _brought(nearest), nearest.motion.visible
    trust, known = nearest.motion.trust * kept, kept[..., None] * warped
    anchor = trust[..., None] * warped if others else warped
    for origin in others:
        further = _brought(origin)
        more = np.maximum(origin.motion.visible - kept, 0)
        more_trust = np.maximum(origin.motion.trust * origin.motion.visible - trust, 0)
        anchor = anchor + more_trust[..., None] * further
        known = known + more[..., None] * further
        kept, trust = kept + more, trust + more_trust
    if others:
        warped = np.where(trust[..., None] > 0, anchor / np.maximum(trust, 1e-6)[..., None], warped)
    return _Carried(warped, trust, kept, known)


def _aged(origins: Sequence[Reference], step: int = 1) -> Image:
    """Frames since each pixel was uncovered, [H, W], at most SETTLED: each by the nearest frame that shows it."""
    age = kept = np.float32(0)
    oldest = _oldest(origins[0].motion.backward_flow)
    for painted, motion, distance in origins:
        if painted.age is None:
            before: Image | np.float32 = np.float32(SETTLED)
        else:
            before = warp_lanczos(painted.age, motion.backward_flow)
        more = np.maximum(motion.visible - kept, 0)
        older = np.minimum(before + (distance - 1 + step), oldest)
        age = age + more * np.maximum(before, older)  # What was settled already remains so.
        kept = kept + more
    return np.asarray(np.minimum(age, SETTLED), np.float32)  # Shares of 1 may come to a little more, rounded.


def _oldest(flow: NDArray[np.float32]) -> Image:
    """How old each pixel can become by how far it lies from a side where the picture comes into view, [H, W], at most SETTLED.

    No stroke fits into the sliver that a slow camera uncovers between two frames. If all were held as soon as it is a few
    frames old, none would ever be painted: there it is by the breadth of what is new that it settles.
    """
    height, width, _ = flow.shape
    x, y = (np.arange(side, dtype=np.float32) for side in (width, height))
    sides = (
        (-flow[:, 0, 0], x),
        (flow[:, -1, 0], x[::-1]),
        (-flow[0, :, 1], y[:, None]),
        (flow[-1, :, 1], y[::-1, None]),
    )
    oldest = np.full((height, width), SETTLED, np.float32)
    for inward, depth_px in sides:
        if np.median(inward) > ENTERS_PX:
            oldest = np.minimum(oldest, SETTLED * (depth_px + np.float32(0.5)) / np.float32(BORDER_PX))
    return oldest


def finished(
    source: Image,
    origins: Sequence[Reference],
    painted: "Painted | None",
    own: FrameState | None = None,
    firmness: float = 1.0,
) -> FrameState:
    """Put together what a frame hands on, from what it was handed and how it was painted.

    Parameters
    ----------
    source
        The frame itself, [H, W, 3]; it is what is handed on where nothing painted it.
    origins
        Frames it was carried from; none for the first of a shot.
    painted
        What the painter made of it.
    own
        What an earlier pass made of it.
    firmness
        Share of the temporal weight that the next frame is held by.

    """
    if painted is None:
        return FrameState(quantize(source))
    image = quantize(painted.image)
    if own is not None:
        return FrameState(image, painted.gamma, own.standard, detail=own.detail, told=painted.told)
    if not origins:
        standard = painted.reached and (STANDARD * painted.reached[0], STANDARD * painted.reached[1])
        return FrameState(image, painted.gamma, standard, detail=detail(image), told=painted.told)
    # Nothing has settled that was not painted. Rounded as it is stored, so that a resumed run goes on from the same.
    age = np.rint(_aged(origins, step=min(painted.iterations, 1)))
    return FrameState(
        image,
        painted.gamma,
        origins[0].painted.standard,
        None if age.min() >= SETTLED else age,
        firmness,
        origins[0].painted.detail,
        painted.told,
    )
