"""Keyframes painted by hand, from which the other frames of their shot are painted.

As a shot's first frame sets what the others start from, so do they: from the first of them backward to the
beginning of the shot, and from each forward to the next, or to the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import pairwise

from vidstyle.media.frame_png import quantize, write_frame
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.reader import read_photo
from vidstyle.motion.stability import detail
from vidstyle.neural.inputs import WarmStart
from vidstyle.pipeline.paint.frame_state import FrameState, to_json
from vidstyle.pipeline.paint.history import History
from vidstyle.pipeline.paint.passes import Pass
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.paint.shot import paint_shot
from vidstyle.pipeline.paint.warm_start import next_state
from vidstyle.pipeline.results import FrameKind, FrameMetrics
from vidstyle.pipeline.work.frame_store import Record


def paint_from_given(context: JobContext, keyframes: Sequence[int], given: Sequence[int]) -> None:
    """Paint a shot in one pass, from the keyframes that were painted by hand.

    Parameters
    ----------
    context
        The job, with the pictures of these keyframes.
    keyframes
        Frames that are painted, ascending, the first and the last of the shot and the given ones among them.
    given
        Frames that were painted by hand, ascending, at least one.

    Raises
    ------
    Interrupted
        On request; what is painted is kept.
    VidstyleError
        Reading, flow, painting or saving failed.

    """
    for index in context.work.missing(given):
        _store_given(context, index, shot_start=keyframes[0])
    for segment in segments(keyframes, given, context.passes):
        if context.work.missing(segment.frames):
            paint_shot(context, History(context, segment))


def segments(keyframes: Sequence[int], given: Sequence[int], number: int) -> Iterator[Pass]:
    """Give the parts of a shot in the order in which they are painted, each from a given keyframe on."""

    def part(first: int, last: int, *, backward: bool) -> Pass:
        inside = tuple(index for index in keyframes if first <= index <= last)
        return Pass(number, first, last + 1, inside, backward=backward, shot_start=keyframes[0])

    if keyframes[0] < given[0]:
        yield part(keyframes[0], given[0], backward=True)
    for first, last in pairwise((*given, keyframes[-1])):
        if first < last:
            yield part(first, last, backward=False)


def _store_given(context: JobContext, index: int, *, shot_start: int) -> None:
    """Store a picture as the painting of its frame, with the losses that those painted from it aim at."""
    with context.source(index) as images:
        content = next(iter(images))
    height, width, _ = content.shape
    picture = read_photo(context.given[index], FrameSize(width, height, Fraction(1)))
    targets = context.targets.for_frame(index, content)
    evaluate = partial(context.painter.paint, targets, WarmStart(picture), iterations=0)
    painted = context.fitted(height, width, evaluate)
    state: FrameState = replace(next_state([], painted), image=quantize(picture), detail=detail(picture))
    metrics = FrameMetrics(
        index=index,
        resumed=False,
        iterations=0,
        undone=0,
        seconds=0.0,
        loss=painted.losses,
        warping_error=None,
        warping_error_source=None,
        kind=FrameKind.GIVEN,
    )
    crc = write_frame(context.work.frame(index), state.image, durable=context.work.durable)
    context.work.record(Record(index, crc, metrics.as_dict(), to_json(state)), shot_start=shot_start)
