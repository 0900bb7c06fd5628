"""Adaptive temporal weight: frames are held less firmly where the film itself is no more stable.

A hard motion makes a held painting poorer from frame to frame. And stability means something only relative to
the film (`motion.stability`), whose own frames differ by noise, by light, and by motion that cannot be
followed.
"""

from collections.abc import Sequence

from vidstyle.motion.stability import warping_error
from vidstyle.neural.result import Painted
from vidstyle.pipeline.paint.frame_state import FrameState, Reference
from vidstyle.pipeline.paint.motion_steps import FrameWithMotion
from vidstyle.pipeline.paint.session import JobContext

DECAY = 0.6
"""Factor of the weight from one frame to the next."""
MIN_SCALE = 0.0625
"""Smallest share of the temporal weight."""
MAX_EXCESS = 1.1
"""Style loss, as a multiple of the target, up to which the weight does not decay."""
MAX_ERROR_RATIO = 2.5
"""Warping error, as a multiple of the film's own, up to which a temporal weight of 1 decays. The error goes
by the inverse square root of the weight, and so does this limit: a higher weight gives a more stable film."""


def adapt_temporal_weight(
    frame: FrameWithMotion, painted: Painted, previous: FrameState, temporal_weight: float = 1.0
) -> float:
    """Choose the share of the temporal weight that holds the next frame.

    The weight decays while the style loss is above its target by more than `MAX_EXCESS` and the warping error
    below `MAX_ERROR_RATIO`, and recovers otherwise.

    Parameters
    ----------
    frame
        The frame, with its motion and the film's own warping error.
    painted
        Its painting.
    previous
        The painted frame that it started from.
    temporal_weight
        Weight given in the options.

    """
    if (
        temporal_weight <= 0
        or painted.reached_losses is None
        or previous.target_losses is None
        or frame.motion_in_time is None
    ):
        return previous.temporal_scale
    if painted.reached_losses[1] > MAX_EXCESS * previous.target_losses[1]:
        error = warping_error(previous.image, painted.image, frame.motion_in_time)
        limit = frame.source_error and MAX_ERROR_RATIO * frame.source_error / temporal_weight**0.5
        if error is not None and limit is not None and error < limit:
            return max(MIN_SCALE, DECAY * previous.temporal_scale)
    return min(1.0, previous.temporal_scale / DECAY)


def next_temporal_scale(
    context: JobContext,
    frame: FrameWithMotion,
    painted: Painted,
    references: Sequence[Reference],
    earlier: FrameState | None,
) -> float:
    """Choose the share for the next frame: 1 without references, in later passes, and in a changing style."""
    if not references or earlier is not None or context.targets.changes:
        return 1.0
    weight = context.options.paint.temporal_weight
    return adapt_temporal_weight(frame, painted, references[0].painted, weight)
