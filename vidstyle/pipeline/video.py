"""Paint the frames of a shot, each from its predecessor carried along by the motion.

Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016, section 4. Reading, flow and saving go on in
threads of their own beside the painter, which never waits for them if it can be helped.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import Interrupted
from vidstyle.events import Iterated, Observer, StopRequest
from vidstyle.media.photos import quantize, read_frame, write_frame
from vidstyle.motion.flow import Motion, find_motion, recolored, warp
from vidstyle.motion.stability import warping_error
from vidstyle.pipeline.ahead import Ahead, Behind
from vidstyle.pipeline.results import FrameFigures, Stages
from vidstyle.pipeline.workdir import Record, Workdir

if TYPE_CHECKING:  # Loading it takes seconds; whoever has one has loaded it.
    from vidstyle.neural.painter import Painted, Painter, Progress
    from vidstyle.neural.styles import StyleTargets

Image = NDArray[np.float32]
Source = Callable[[int], AbstractContextManager[Iterable[Image]]]
"""Opens the source at an index and gives its frames from there on, [H, W, 3], RGB in [0, 1]."""

MATURE = 12
"""Frames in which what was uncovered is to become as rich as the rest."""
SETTLED = 4
"""Frames after which it is held like the rest: longer, and it is seen to change."""
FEW = 0.002
"""Share of new pixels below which they are not worth a style loss of their own."""
STANDARD = 1.02
"""How near to its shot's first frame a frame's losses must come."""
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


@dataclass(frozen=True)
class Step:
    """A frame of the source and its motion since the frame before, None where there is none or none is needed."""

    index: int
    source: Image
    motion: Motion | None = None
    floor: float | None = None
    """Warping error of the source itself."""


@dataclass(frozen=True)
class Finished:
    """A painted frame, rounded as it is stored, and what it hands to the next."""

    image: Image
    gamma: float = 0.0
    standard: tuple[float, float] | None = None
    """Content and style loss of the shot's first frame, as good as which the others are to be."""
    age: Image | None = None
    """Frames since each pixel was uncovered, [H, W], at most MATURE; None where all are."""


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
        Ahead(_steps(frames, first, kept), DEPTH, "flow") as steps,
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
                painted = _paint(session, step, previous, partial(report, step))
                now = _finished(step, previous, painted)
                stages.paint += painted.seconds if painted else 0.0
                tell(saver.submit(session.work, step, now, previous, painted))
                previous = now
            tell(saver.drain())
        finally:
            stages.decode += frames.busy_s
            stages.flow += steps.busy_s - frames.waited_s
            stages.save += saver.busy_s
            stages.wait += steps.waited_s + saver.waited_s


def _steps(frames: Iterable[tuple[int, Image]], first: int, kept: Mapping[int, Record]) -> Iterator[Step]:
    """Add its motion to each frame that is to be painted and has a predecessor in the shot."""
    previous: Image | None = None
    for index, image in frames:
        motion = None if previous is None or index == first or index in kept else find_motion(previous, image)
        floor = None if motion is None or previous is None else warping_error(previous, image, motion)
        yield Step(index, image, motion, floor)
        previous = image


def _paint(
    session: Session, step: Step, previous: Finished | None, report: "Callable[[Progress], None]"
) -> "Painted | None":
    if session.painter is None or session.style is None:
        return None
    carried: dict[str, Any] = {}
    if previous is not None and step.motion is not None:
        carried = _carried(step.source, step.motion, previous)
    return session.painter.paint(
        step.source, session.style, on_progress=report, should_stop=lambda: session.stop.now, **carried
    )


def _carried(source: Image, motion: Motion, previous: Finished) -> dict[str, Any]:
    """Say what a frame takes over from its predecessor, as arguments of `Painter.paint`."""
    warped, kept = warp(previous.image, motion.backward_flow), motion.kept[..., None]
    # Where nothing is kept nothing is known of the painting: it begins with the source in its colours.
    start = kept * warped + (1 - kept) * recolored(source, warped, motion.trust)
    age = _aged(previous.age, motion)
    young = 1 - age / np.float32(MATURE)
    few = float(young.mean()) < FEW
    return {
        "start": start,
        "warped": warped,
        # What is new is free to change for a few frames.
        "trust": motion.trust * motion.kept * np.minimum(age / np.float32(SETTLED), 1),
        "young": None if few else young,
        "gamma": previous.gamma,
        # A few new pixels do not show in the losses of the whole.
        "standard": previous.standard if few else None,
    }


def _aged(age: Image | None, motion: Motion) -> Image:
    """Frames since each pixel was uncovered, carried to this frame, [H, W] in [0, MATURE]."""
    before = (
        np.full(motion.kept.shape, MATURE, np.float32) if age is None else warp(age, motion.backward_flow)
    )
    return np.asarray(motion.kept * np.minimum(before + 1, MATURE), np.float32)


def _finished(step: Step, previous: Finished | None, painted: "Painted | None") -> Finished:
    if painted is None:
        return Finished(quantize(step.source))
    image = quantize(painted.image)
    if previous is None or step.motion is None:
        standard = (STANDARD * painted.losses.content, STANDARD * painted.losses.style)
        return Finished(image, painted.gamma, standard)
    # Rounded as it is stored, so that a resumed run goes on from the same numbers.
    age = np.rint(_aged(previous.age, step.motion))
    return Finished(image, painted.gamma, previous.standard, None if age.min() >= MATURE else age)


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
        loss=painted.losses if painted else None,
        warping_error=error,
        warping_error_source=step.floor,
    )
    crc = write_frame(work.frame(step.index), finished.image)
    carry = {"gamma": finished.gamma, "standard": finished.standard, "age": _packed(finished.age)}
    work.record(Record(step.index, crc, figures.as_dict(), carry))
    return figures


def _packed(age: Image | None) -> list[Any] | None:
    """Ages as text: shape, and the compressed bytes in base 64."""
    if age is None:
        return None
    return [*age.shape, b64encode(zlib.compress(age.astype(np.uint8).tobytes())).decode()]


def _unpacked(packed: list[Any] | None) -> Image | None:
    if packed is None:
        return None
    *shape, text = packed
    return np.frombuffer(zlib.decompress(b64decode(text)), np.uint8).reshape(shape).astype(np.float32)


def _resumed(record: Record) -> FrameFigures:
    return FrameFigures.from_dict(dict(record.figures), resumed=True)


def _read_back(work: Workdir, index: int) -> Finished | None:
    record = work.finished(index)
    if record is None:
        return None
    carry = record.carry
    standard = carry["standard"] and tuple(carry["standard"])
    return Finished(read_frame(work.frame(index)), carry["gamma"], standard, _unpacked(carry["age"]))
