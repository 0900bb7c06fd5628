"""Estimate of the time that painting takes at most: evaluations are timed, and those to come are counted.

Reading, optical flow and saving take no extra time, because they run in parallel with the painter.
"""

import time
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
from vidstyle.motion.fill import fill, plan_filling
from vidstyle.motion.flow import estimate_trust, find_flows
from vidstyle.options.groups import Options
from vidstyle.options.values import Time
from vidstyle.pipeline.paint.scales import full_iterations, scales
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.paint.targets import TargetSource
from vidstyle.pipeline.painters.registry import painter_type
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.work.frame_store import FrameStore

if TYPE_CHECKING:  # Loading it takes seconds.
    from vidstyle.neural.benchmark import Rate
    from vidstyle.pipeline.paint.painter_cache import PainterCache
    from vidstyle.pipeline.painters.painter import Painter

SAFETY = 1.1
"""Safety factor on the measured time, which is seldom the slowest."""
MIN_ITERATIONS = 30
"""Iterations below which no estimate is made: they are over before they could be timed."""
FILL_SAMPLE_PX = 320
"""Longest side of the frame whose filling is timed."""
MAX_SIZE_RATIO = 2.0
"""Ratio of pixels up to which a rate that was measured at one size is used at another."""


class Work(NamedTuple):
    """Numbers of frames to paint."""

    cold: int
    """Frames without a warm start: the first ones of their shots."""
    warm: int
    """Frames with a warm start, in all passes."""
    filled: int = 0
    """Frames that are filled."""

    def iterations(self, options: Options, size: tuple[int, int]) -> int:
        """Count the iterations at most, for frames of a width and a height."""
        cold = full_iterations(scales(*size, options))
        return self.cold * cold + self.warm * options.paint.iterations

    def seconds(self, rate: "Rate", options: Options, size: tuple[int, int]) -> float:
        """Add up the time at most, for frames of a width and a height."""
        sizes = scales(*size, options)
        cold = sum(rate.scaled(s.pixels / sizes[-1].pixels).seconds(s.iterations) for s in sizes)
        warm = rate.seconds(options.paint.iterations)
        filled = fill_seconds(*size) if self.filled else 0.0
        return SAFETY * (self.cold * cold + self.warm * warm + self.filled * filled)


def fill_seconds(width: int, height: int) -> float:
    """Time the filling of a frame, with its optical flow; of a large one a part."""
    side = min(width, FILL_SAMPLE_PX), min(height, FILL_SAMPLE_PX)
    noise = np.random.default_rng(0).random((side[1], side[0], 3), np.float32)
    moved = np.roll(noise, 1, axis=1)
    began = time.perf_counter()
    flows = find_flows(noise, moved)
    motions = estimate_trust(flows, noise, moved), estimate_trust(flows.reversed, moved, noise)
    fill(plan_filling(noise, (noise, moved), motions, 0.5), noise, (noise, moved))
    return (time.perf_counter() - began) * width * height / (side[0] * side[1])


def count_remaining(
    stores: Sequence[FrameStore],
    shots: Sequence[tuple[int, int]],
    keyframes: Sequence[tuple[int, ...]] = (),
) -> Work:
    """Count the frames still to paint, and to fill.

    Parameters
    ----------
    stores
        Frame store of each pass.
    shots
        Shots [start, stop), by their indices in the source.
    keyframes
        Frames of each shot that are painted; by default all.

    """
    cold = warm = filled = 0
    for place, (start, stop) in enumerate(shots):
        shot = (keyframes[place] if keyframes else ()) or range(start, stop)
        between = sorted(set(range(start, stop)) - set(shot))
        filled += len(stores[-1].missing(between))
        missing = [store.missing(shot) for store in stores]
        complete = max((number for number, frames in enumerate(missing) if not frames), default=-1)
        for number in range(complete + 1, len(stores)):
            has_first = number == 0 and start in missing[0]
            cold += has_first
            warm += len(missing[number]) - has_first
    return Work(cold, warm, filled)


def measure_rate(
    painters: "PainterCache",
    painter: "Painter",
    targets: TargetSource,
    first: int,
    size: tuple[int, int],
    retry: "Callable[[int, int, Callable[[], Rate | None]], Rate | None]",
) -> "Rate | None":
    """Time evaluations of a job's first frame; a rate measured at a similar size is used instead.

    None if painting takes no time worth predicting.

    Parameters
    ----------
    painters
        Cache of measured rates.
    painter, targets
        Painter, and targets of the job's frames.
    first
        First frame, by its index in the source.
    size
        Width and height in pixels.
    retry
        Calls a function for frames of a height and a width, again in smaller tiles where memory is short.

    """
    width, height = size
    for pixels, known in painters.rates:
        if 1 / MAX_SIZE_RATIO <= width * height / pixels <= MAX_SIZE_RATIO:
            return known.scaled(width * height / pixels)
    # The time does not depend on what the frame shows.
    noise = np.random.default_rng(0).random((height, width, 3), np.float32)
    rate = retry(height, width, partial(painter.rate, targets.for_frame(first, noise)))
    if rate is not None:
        painters.rates.append((width * height, rate))
    return rate


def predict_duration(
    painters: "PainterCache",
    context: JobContext,
    options: Options,
    shots: Sequence[tuple[int, int]],
    size: tuple[int, int],
    keyframes: Sequence[tuple[int, ...]] = (),
) -> DurationEstimated | None:
    """Estimate the time that painting takes at most; None for few iterations, and for copying.

    Parameters
    ----------
    painters
        Cache of measured rates.
    context, options
        Context and options of the job.
    shots
        Shots [start, stop), by their indices in the source.
    size
        Width and height in pixels.
    keyframes
        Frames of each shot that are painted; by default all.

    """
    stores = [context.store(number + 1) for number in range(context.passes)]
    work = count_remaining(stores, shots, keyframes)
    if work.iterations(options, size) < MIN_ITERATIONS:
        return None
    rate = measure_rate(painters, context.painter, context.targets, context.first, size, context.fitted)
    if rate is None:
        return None
    seconds = work.seconds(rate, options, size)
    firsts = tuple(start - context.first for start, _ in shots)
    return DurationEstimated(context.job, seconds, firsts, full_iterations(scales(*size, options)))


def estimate_work(job: Job) -> float:
    """Estimate pixels times iterations of a job, from file headers; 0 where it is done or cannot start."""
    try:
        if job.fault or (job.output.exists() and not job.overwrite):
            return 0.0
        if job.kind is Kind.PHOTO:
            size, frames = photo_size(job.input), 1
        else:
            header = read_header(job.input)
            size = header.width, header.height
            frames = max(1, _count_range(job.options, header.seconds, header.frames))
        painted = fit(*size, Fraction(1), job.options.source.size.longer_side, even=False)
    except (VidstyleError, OSError, ValueError, ZeroDivisionError):
        return 0.0
    return pixel_iterations(job.options, painted.width * painted.height, frames)


def pixel_iterations(options: Options, pixels: int, frames: int) -> float:
    """Multiply pixels by iterations, for frames that form one shot."""
    cold, warm = painter_type(options).iterations(options)
    following = frames * options.motion.passes - 1 if frames > 1 else 0
    return float(pixels * (cold + following * warm))


def _count_range(options: Options, seconds: float, frames: int) -> int:
    """Count the frames between --start and --end, at a constant frame rate."""
    rate = frames / seconds if seconds else 0.0

    def index(time: Time) -> int:
        return time.frame if time.frame is not None else round(float(time.seconds or 0) * rate)

    start, end = options.source.start, options.source.end
    stop = min(frames, index(end)) if end else frames
    return stop - (index(start) if start else 0)
