"""Multi-pass painting of a shot: passes in alternating direction, each starting from the one before.

Ruder et al. 2016, section 4.4: what is newly revealed at one end of a movement was painted long ago at the
other, so that a second pass, backward, brings it to where the first had to begin without it.
"""

from collections.abc import Container
from dataclasses import replace

from vidstyle.events import PassStarted
from vidstyle.pipeline.paint.given import paint_from_given
from vidstyle.pipeline.paint.history import History
from vidstyle.pipeline.paint.passes import Pass
from vidstyle.pipeline.paint.recorder import resumed
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.paint.shot import paint_shot


def paint_passes(
    context: JobContext,
    start: int,
    stop: int,
    recurs_from: int | None = None,
    keyframes: tuple[int, ...] = (),
) -> None:
    """Paint frames [start, stop) of the source, one shot, in all passes that are missing.

    Parameters
    ----------
    context
        The job.
    start, stop
        The shot, in the source's indices. Nothing is propagated into its first frame, unless it returns to a
        place.
    recurs_from
        Painted frame of an earlier shot that shows what this one begins with, by index in the source.
    keyframes
        Frames that are painted, ascending, the first and the last of the shot among them; the others are
        filled in the last pass. By default all are painted.

    Raises
    ------
    Interrupted
        On request; what is painted is kept.
    VidstyleError
        Reading, flow, painting or saving failed.

    """
    shot, last = range(start, stop), context.passes
    before = {index for index in shot if context.work.get(index)}
    painted = keyframes or shot
    if given := [index for index in context.given if index in shot]:
        paint_from_given(context, painted, given)
        _report_shot(context, shot, before, backward=range(start, given[0] + 1))
        context.work.discard_flows(shot)
        return
    complete = [
        number
        for number in range(1, last + 1)
        if not context.store(number).missing(shot if number == last else painted)
    ]
    for number in range(max(complete, default=0) + 1, last + 1):
        if last > 1:
            first = context.first
            context.observer(PassStarted(context.job, start - first, stop - first, number, last))
        paint_shot(context, History(context, Pass(number, start, stop, keyframes), recurs_from))
        if number > 1:
            context.store(number - 1).discard(painted)
    if last in complete or last % 2 == 0:
        _report_shot(context, shot, before, backward=shot if last % 2 == 0 else range(0))
    context.work.discard_flows(shot)


def _report_shot(
    context: JobContext, shot: range, before: Container[int], *, backward: Container[int]
) -> None:
    """Report all frames of a shot in order, from the journal; some were painted by an interrupted run.

    Those that were painted backward were compared with the next one in the film.
    """
    records = {index: record for index in shot if (record := context.work.get(index))}
    for index in shot:
        metrics = replace(resumed(records[index]), resumed=index in before)
        if index in backward:
            record = records.get(index - 1)
            compared = resumed(record) if record else None
            metrics = replace(
                metrics,
                warping_error=compared.warping_error if compared else None,
                warping_error_source=compared.warping_error_source if compared else None,
            )
        context.on_frame(metrics)
