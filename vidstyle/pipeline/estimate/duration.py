"""How long painting a job will take at most: a few evaluations are timed, and those that are left are counted.

Frames are painted one after the other, so what is read, carried and saved beside the painter takes no time of its own.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vidstyle.errors import VidstyleError
from vidstyle.events import DurationEstimated
from vidstyle.media.geometry import fit
from vidstyle.media.photo.open import photo_size
from vidstyle.media.video.header import read_header
from vidstyle.media.video.probe import Kind
from vidstyle.options.groups import Options, PainterKind
from vidstyle.pipeline.paint.scales import full_iterations, scales
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.paint.targets import TargetSource
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.work.frame_store import FrameStore

if TYPE_CHECKING:  # Loading it takes seconds.
    from vidstyle.neural.benchmark import Rate
    from vidstyle.pipeline.paint.painter_cache import PainterCache
    from vidstyle.pipeline.painters.painter import Painter

MARGIN = 1.1
"""What is said to be the most is so much more than what was measured, which is seldom as slow as it gets."""
FEW = 30
"""Evaluations that are over before it could be said how long they take."""
NEAR = 2.0
"""A rate is good for a picture of up to so many times the pixels, or as many times fewer."""


class Work(NamedTuple):
    """What there is to paint."""

    firsts: int
    """Pictures that are carried from no other."""
    carried: int
    """Pictures that are, of all passes."""

    def iterations(self, options: Options, size: tuple[int, int]) -> int:
        """Count iterations for pictures of a width and a height, at most."""
        first = full_iterations(scales(*size, options))
        return self.firsts * first + self.carried * options.paint.iterations

    def seconds(self, rate: "Rate", options: Options, size: tuple[int, int]) -> float:
        """Add up their time at most."""
        sizes = scales(*size, options)
        first = sum(rate.scaled(s.pixels / sizes[-1].pixels).seconds(s.iterations) for s in sizes)
        carried = rate.seconds(options.paint.iterations)
        return MARGIN * (self.firsts * first + self.carried * carried)


def work_left(stores: Sequence[FrameStore], shots: Sequence[tuple[int, int]]) -> Work:
    """Count what is left to paint of shots [start, stop), in the source's indices, by what lies in the store of each pass."""
    firsts = carried = 0
    for start, stop in shots:
        shot = range(start, stop)
        missing = [store.missing(shot) for store in stores]
        complete = max((number for number, left in enumerate(missing) if not left), default=-1)
        for number in range(complete + 1, len(stores)):
            cold = number == 0 and start in missing[0]
            firsts += cold
            carried += len(missing[number]) - cold
    return Work(firsts, carried)


def rate_of(
    painters: "PainterCache",
    painter: "Painter",
    guide: TargetSource,
    first: int,
    size: tuple[int, int],
    fitted: "Callable[[int, int, Callable[[], Rate | None]], Rate | None]",
) -> "Rate | None":
    """Time evaluations of a job's first picture.

    Pictures of nearly its size that were timed before say as much.

    Parameters
    ----------
    studio
        Keeps what was timed.
    painter, guide
        What it is painted by.
    first
        Its index in the source.
    size
        Width and height in pixels.
    fitted
        Does what may not fit into memory, for pictures of a height and a width.

    """
    width, height = size
    for known, found in painters.rates:
        if 1 / NEAR <= width * height / known <= NEAR:
            return found.scaled(width * height / known)
    # What it shows does not count.
    noise = np.random.default_rng(0).random((height, width, 3), np.float32)
    rate = fitted(height, width, partial(painter.rate, guide.for_frame(first, noise)))
    if rate is not None:
        painters.rates.append((width * height, rate))
    return rate


def predict_duration(
    painters: "PainterCache",
    session: JobContext,
    options: Options,
    shots: Sequence[tuple[int, int]],
    size: tuple[int, int],
) -> DurationEstimated | None:
    """Say how long painting shots of the source will take at most; None where that is not worth the while."""
    left = work_left([session.store(number + 1) for number in range(session.passes)], shots)
    if left.iterations(options, size) < FEW:
        return None
    rate = rate_of(painters, session.painter, session.targets, session.first, size, session.fitted)
    if rate is None:
        return None
    seconds = left.seconds(rate, options, size)
    firsts = tuple(start - session.first for start, _ in shots)
    return DurationEstimated(session.job, seconds, firsts, full_iterations(scales(*size, options)))


def estimate_work(job: Job) -> float:
    """Pixels times iterations that a job is expected to take; 0 where its output is there, or it cannot begin."""
    try:
        if job.fault or (job.output.exists() and not job.overwrite):
            return 0.0
        if job.kind is Kind.PHOTO:
            size, frames = photo_size(job.input), 1
        else:
            film = read_header(job.input)
            size, frames = (film.width, film.height), max(1, _part(job.options, film.seconds, film.frames))
        frame = fit(*size, Fraction(1), job.options.source.size.longer_side, even=False)
    except (VidstyleError, OSError, ValueError, ZeroDivisionError):
        return 0.0
    return work(job.options, frame.width * frame.height, frames)


def work(options: Options, pixels: int, frames: int) -> float:
    """Pixels times iterations of so many frames, of which the first takes more."""
    if options.painter is PainterKind.NONE:
        return float(pixels * frames)
    carried = frames * options.motion.passes - 1 if frames > 1 else 0
    return float(pixels * (options.paint.first_iterations + carried * options.paint.iterations))


def _part(options: Options, seconds: float, frames: int) -> int:
    """Frames of the part that is asked for."""
    start, end = options.source.start, options.source.end
    rate = frames / seconds if seconds else 0.0

    def index(frame: int | None, at: Fraction | None) -> int:
        return frame if frame is not None else round(float(at or 0) * rate)

    first = index(start.frame, start.seconds) if start else 0
    stop = min(frames, index(end.frame, end.seconds)) if end else frames
    return stop - first
