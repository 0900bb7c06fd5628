"""What jobs are expected to take, for the time that is left: a glance, not a survey."""

from fractions import Fraction

from vidstyle.errors import VidstyleError
from vidstyle.media.geometry import fit
from vidstyle.media.photo.open import photo_size
from vidstyle.media.video.header import glance
from vidstyle.media.video.probe import Kind
from vidstyle.options.groups import Options, PainterKind
from vidstyle.pipeline.plan.jobs import Job


def weigh(job: Job) -> float:
    """Pixels times iterations that a job is expected to take; 0 where its output is there, or it cannot begin."""
    try:
        if job.fault or (job.output.exists() and not job.overwrite):
            return 0.0
        if job.kind is Kind.PHOTO:
            size, frames = photo_size(job.input), 1
        else:
            film = glance(job.input)
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
