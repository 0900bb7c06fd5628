"""Paint the frames of a shot, each from its predecessor carried along by the motion.

Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016, section 4. Reading, flow and saving go on in
threads of their own beside the painter, which never waits for them if it can be helped.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import Interrupted
from vidstyle.events import Iterated, Observer, StopRequest
from vidstyle.media.frames import read_frame, write_frame
from vidstyle.motion.flow import Motion
from vidstyle.motion.stability import warping_error
from vidstyle.pipeline.ahead import Ahead, Behind
from vidstyle.pipeline.carry import Finished, carried, finished, packed, unpacked
from vidstyle.pipeline.motions import Flows
from vidstyle.pipeline.results import FrameFigures, Stages
from vidstyle.pipeline.workdir import Record, Workdir

if TYPE_CHECKING:  # Loading it takes seconds; whoever has one has loaded it.
    from vidstyle.neural.optimizer import Progress
    from vidstyle.neural.painter import Painted, Painter
    from vidstyle.neural.styles import StyleTargets

Image = NDArray[np.float32]
Source = Callable[[int], AbstractContextManager[Iterable[Image]]]
"""Opens the source at an index and gives its frames from there on, [H, W, 3], RGB in [0, 1]."""

DEPTH = 4
"""Frames that are read ahead, whose flow is known ahead, or that wait to be saved."""


@dataclass(frozen=True)
class Session:
    """What painting a job needs beside its frames."""

    job: int
    first: int
    """The source's index of the job's first frame."""
    work: Workdir
    painter: "Painter | None"
    """None copies the frames."""
    style: "StyleTargets | None"
    observer: Observer
    stop: StopRequest
    done: Callable[[FrameFigures], None]
    """Told of each frame, in order, when it is safe."""
    flows: Flows
    """Where the motion between two frames comes from."""


@dataclass(frozen=True)
class Step:
    """A frame of the source and its motion since the frame before, None where there is none or none is needed."""

    index: int
    source: Image
    motion: Motion | None = None
    floor: float | None = None
    """Warping error of the source itself."""
    still: bool = False
    """Whether it equals the frame before: what was painted for that one is held."""


def paint_shot(session: Session, source: Source, start: int, stop: int, stages: Stages) -> None:
    """Paint frames [start, stop) of a source into the work folder, but for those that are finished there.

    Parameters
    ----------
    session
        Painter, work folder, observer.
    source
        The source's frames.
    start, stop
        The shot, in the source's indices. Nothing is carried into its first frame.
    stages
        Where the time goes; added to.

    Raises
    ------
    Interrupted
        On request.
    VidstyleError
        Whatever reading, flow, painting or saving raised.

    """
    work = session.work
    kept = {index: record for index in range(start, stop) if (record := work.finished(index))}
    missing = [index for index in range(start, stop) if index not in kept]
    # The frame before the first that is missing is read too: its motion is needed.
    origin, last = (max(start, missing[0] - 1), missing[-1]) if missing else (stop, start)
    for index in range(start, origin):
        session.done(_resumed(kept[index]))
    if missing:
        _paint_missing(session, source, range(origin, last + 1), start, kept, stages)
        origin = last + 1
    for index in range(origin, stop):
        session.done(_resumed(kept[index]))


def _paint_missing(
    session: Session,
    source: Source,
    indices: range,
    first: int,
    kept: Mapping[int, Record],
    stages: Stages,
) -> None:
    previous: Finished | None = None
    with (
        source(indices.start) as images,
        Ahead(zip(indices, images, strict=False), DEPTH, "decode") as frames,
        Ahead(_steps(frames, session.flows, first, kept), DEPTH, "flow") as steps,
        Behind(_save, DEPTH, "save") as saver,
    ):

        def tell(saved: Iterable[FrameFigures]) -> None:
            for figures in saved:
                session.done(figures)

        def report(step: Step, progress: "Progress") -> None:
            # The frames before are saved meanwhile, and are not to be heard of only when this one is painted.
            tell(saver.ready())
            session.observer(_iterated(session, step, progress))

        try:
            for step in steps:
                if record := kept.get(step.index):
                    tell(saver.drain())
                    session.done(_resumed(record))
                    previous = None
                    continue
                if session.stop.after_frame:
                    tell(saver.drain())
                    raise Interrupted("Stopped; what is painted is kept.")
                if previous is None and step.index > first:
                    previous = _read_back(session.work, step.index - 1)
                painted, now = None, previous
                if now is None or not step.still:
                    painted = _paint(session, step, previous, partial(report, step))
                    now = finished(step.source, step.motion, previous, painted)
                stages.paint += painted.seconds if painted else 0.0
                tell(saver.submit(session.work, step, now, previous, painted))
                previous = now
            tell(saver.drain())
        finally:
            stages.decode += frames.busy_s
            stages.flow += steps.busy_s - frames.waited_s
            stages.save += saver.busy_s
            stages.wait += steps.waited_s + saver.waited_s


def _steps(
    frames: Iterable[tuple[int, Image]], flows: Flows, first: int, kept: Mapping[int, Record]
) -> Iterator[Step]:
    """Add its motion to each frame that is to be painted and has a predecessor in the shot."""
    previous: Image | None = None
    for index, image in frames:
        motion = None
        if previous is not None and index != first and index not in kept:
            motion = flows.between(index - 1, index, previous, image)
        if motion is None or previous is None:
            yield Step(index, image)
        else:
            floor = warping_error(previous, image, motion)
            yield Step(index, image, motion, floor, still=np.array_equal(previous, image))
        previous = image


def _paint(
    session: Session, step: Step, previous: Finished | None, report: "Callable[[Progress], None]"
) -> "Painted | None":
    if session.painter is None or session.style is None:
        return None
    handed: dict[str, Any] = {}
    if previous is not None and step.motion is not None:
        handed = carried(step.source, step.motion, previous)
    return session.painter.paint(
        step.source, session.style, on_progress=report, should_stop=lambda: session.stop.now, **handed
    )


def _iterated(session: Session, step: Step, progress: "Progress") -> Iterated:
    return Iterated(
        job=session.job,
        frame=step.index - session.first,
        iteration=progress.iteration,
        iterations=progress.iterations,
        loss=progress.loss,
        seconds=progress.seconds,
        steps=progress.steps,
    )


def _save(
    work: Workdir, step: Step, finished: Finished, previous: Finished | None, painted: "Painted | None"
) -> FrameFigures:
    """Store a frame, and then its line in the journal, which makes it count."""
    error = None
    if previous is not None and step.motion is not None:
        error = warping_error(previous.image, finished.image, step.motion)
    figures = FrameFigures(
        index=step.index,
        resumed=False,
        iterations=painted.iterations if painted else 0,
        undone=painted.undone if painted else 0,
        seconds=painted.seconds if painted else 0.0,
        loss=finished.losses,
        warping_error=error,
        warping_error_source=step.floor,
    )
    crc = write_frame(work.frame(step.index), finished.image)
    work.record(Record(step.index, crc, figures.as_dict(), packed(finished)))
    return figures


def _resumed(record: Record) -> FrameFigures:
    return FrameFigures.from_dict(dict(record.figures), resumed=True)


def _read_back(work: Workdir, index: int) -> Finished | None:
    record = work.finished(index)
    return unpacked(read_frame(work.frame(index)), record.carry) if record else None
