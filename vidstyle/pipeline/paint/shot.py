"""Paint a shot: pass by pass, each frame from those before it.

Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016, section 4.
"""

from collections.abc import Container, Sequence
from dataclasses import replace
from functools import partial

from vidstyle.events import PassStarted
from vidstyle.imaging.types import Image
from vidstyle.pipeline.paint.frame_state import Reference
from vidstyle.pipeline.paint.painting import Painting, resumed
from vidstyle.pipeline.paint.passes import Pass, Source
from vidstyle.pipeline.paint.recurring_shots import find_recurring_frame
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.results import Stages


def paint_shot(
    session: JobContext, source: Source, start: int, stop: int, stages: Stages, ends: Sequence[int] = ()
) -> None:
    """Paint frames [start, stop) of a source into the work folder, but for those that are finished there.

    Parameters
    ----------
    session
        Painter, work folder, observer.
    source
        The source's frames.
    start, stop
        The shot, in the source's indices. Nothing is carried into its first frame, unless it shows what an earlier shot
        ended with.
    stages
        Where the time goes; added to.
    ends
        Last frames of the shots before, in the source's indices.

    Raises
    ------
    Interrupted
        On request.
    VidstyleError
        Whatever reading, flow, painting or saving raised.

    """
    shot = range(start, stop)
    before = {index for index in shot if session.work.get(index)}
    complete = [number for number in range(1, session.passes + 1) if not session.store(number).missing(shot)]
    for number in range(max(complete, default=0) + 1, session.passes + 1):
        now = Pass(number, start, stop)
        if session.passes > 1:
            session.observer(
                PassStarted(session.job, start - session.first, stop - session.first, number, session.passes)
            )
        _paint_pass(session, source, now, stages, ends)
        if number > 1:
            session.store(number - 1).discard(shot)
    if (complete and max(complete) == session.passes) or session.passes % 2 == 0:
        _tell_all(session, shot, before)
    session.work.discard_flows(shot)


def _paint_pass(session: JobContext, source: Source, now: Pass, stages: Stages, ends: Sequence[int]) -> None:
    """Paint what is missing of a pass; the last one, if it goes forward, tells of each frame."""
    store, indices = session.store(now.number), now.indices
    kept = {index: record for index in indices if (record := store.get(index))}
    missing = [place for place, index in enumerate(indices) if index not in kept]
    # The frames before the first that is missing are read too: the motion since them is needed.
    origin = max(0, missing[0] - max(session.distances))
    telling = now.number == session.passes and not now.backward
    done = session.done if telling else lambda _: None
    for index in indices[:origin]:
        done(resumed(kept[index]))
    Painting(session, now, kept, done, partial(_place, session, source, ends)).paint(
        source, indices[origin : missing[-1] + 1], stages
    )
    for index in indices[missing[-1] + 1 :]:
        done(resumed(kept[index]))


def _place(session: JobContext, source: Source, ends: Sequence[int], first: Image) -> Reference | None:
    """Find what the first frame of a shot starts from, where it returns to a place."""
    if session.guide is None or not session.guide.from_source:
        return None
    return find_recurring_frame(source, session.work, ends, first)


def _tell_all(session: JobContext, shot: range, before: Container[int]) -> None:
    """Tell of all frames of a shot in order, from the journal; some were painted before."""
    records = {index: record for index in shot if (record := session.work.get(index))}
    backward = session.passes % 2 == 0
    for index in shot:
        figures = replace(resumed(records[index]), resumed=index in before)
        if backward:  # Each was compared with the one painted before it, the next one in the film.
            record = records.get(index - 1)
            compared = resumed(record) if record else None
            figures = replace(
                figures,
                warping_error=compared.warping_error if compared else None,
                warping_error_source=compared.warping_error_source if compared else None,
            )
        session.done(figures)
