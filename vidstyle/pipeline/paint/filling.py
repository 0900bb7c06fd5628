"""Filling of the frames between two painted ones, which are painted only where neither shows the place."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from vidstyle.imaging.types import Image
from vidstyle.media.frame_png import quantize
from vidstyle.motion.fill import fill
from vidstyle.neural.inputs import WarmStart
from vidstyle.neural.optimize.monitor import Monitor
from vidstyle.neural.result import Painted
from vidstyle.pipeline.paint.frame_state import FrameState
from vidstyle.pipeline.paint.motion_steps import FrameBetween, Span
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.results import FrameKind

REPAIR_SHARE = 0.04
"""Share of a frame that neither keyframe shows from which it is repaired; less is a sliver."""
REPAIR_ITERATIONS = 8
"""Iterations of a repair."""


@dataclass(frozen=True)
class FilledFrame:
    """A filled frame."""

    frame: FrameBetween
    image: Image
    """Rounded as it is stored, [H, W, 3]."""
    seconds: float = 0.0
    """Time that it took, without its optical flow."""
    kind: FrameKind = FrameKind.FILLED
    repair: Painted | None = None
    """Its repair, if there was one."""


def fill_between(
    context: JobContext,
    span: Span,
    painted: tuple[FrameState, FrameState],
    monitor_of: Callable[[int], Monitor],
) -> Iterator[FilledFrame]:
    """Fill the frames between two painted ones, in the order of the pass.

    Parameters
    ----------
    context
        The job.
    span
        The frames of the source.
    painted
        Paintings of the first and the last of them.
    monitor_of
        Makes the monitor of a frame that is repaired, from its index.

    """
    before, after = painted
    previous = before.image
    for between, filling in zip(span.between, span.fillings(), strict=True):
        if between.is_duplicate and context.targets.is_constant:
            yield FilledFrame(between, previous, kind=FrameKind.HELD)
            continue
        began = time.perf_counter()
        content = context.targets.content(between.source)
        image = fill(filling, content, (before.image, after.image))
        repair = None
        if filling.unseen_share > REPAIR_SHARE:
            start = WarmStart(image, image, filling.seen, after.hessian_scale)
            repair = _repair(context, between, start, monitor_of(between.index))
        previous = quantize(repair.image if repair else image)
        kind = FrameKind.REPAIRED if repair else FrameKind.FILLED
        yield FilledFrame(between, previous, time.perf_counter() - began, kind, repair)


def _repair(context: JobContext, between: FrameBetween, start: WarmStart, monitor: Monitor) -> Painted:
    """Paint what neither keyframe shows, and hold the rest."""
    targets = context.targets.for_frame(between.index, between.source)
    height, width, _ = between.source.shape
    paint = partial(context.painter.paint, targets, start, iterations=REPAIR_ITERATIONS, monitor=monitor)
    return context.fitted(height, width, paint)
