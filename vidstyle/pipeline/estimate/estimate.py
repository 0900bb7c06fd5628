"""What a job will take, said before it starts."""

import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vidstyle.errors import InputError, OutputError, VidstyleError, quoted
from vidstyle.media.encode.writer import check_output
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.open import photo_size
from vidstyle.neural.device.hardware import memory_limit, resolve_precision, uses_gpu
from vidstyle.neural.device.memory import PROGRAM_BYTES, encode_bytes, memory_needed, plan_memory
from vidstyle.neural.device.retry import retry_smaller
from vidstyle.options.groups import PainterKind
from vidstyle.pipeline.estimate.disk import disk_of
from vidstyle.pipeline.estimate.duration import Work, rate_of
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.paint.passes import HELD_BYTES, source_of
from vidstyle.pipeline.paint.targets import load_targets
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.survey import JobSpec, resolve
from vidstyle.pipeline.work.workdir import ExistingWork

if TYPE_CHECKING:  # Loading it takes seconds.
    from vidstyle.neural.painter import Painter

COPYING_BYTES = 250 << 20
COPYING_BYTES_A_PIXEL = 200
STORED_BYTES_A_PIXEL = 64
"""A picture while it is brought from its stored size to the size to paint at."""


@dataclass(frozen=True)
class Estimate:
    """What a job will take."""

    width: int
    height: int
    frames: int
    memory_bytes: int
    disk_bytes: int
    notes: tuple[str, ...]
    seconds: float | None = None
    """To paint it, at most: in one shot, where shots are still to be found; None where nothing is painted or told."""
    seconds_a_shot: float | None = None
    """What each further shot adds."""


def estimate(job: Job, painters: PainterCache | None = None) -> Estimate:
    """Estimate a job, with a studio also how long it will take on this machine, for which the painter is loaded.

    Raises
    ------
    InputError
        The input cannot be read, or has not the part asked for.

    """
    if job.fault:
        raise job.fault
    spec = resolve(job)
    guess = rough_estimate(job, spec)
    try:
        check_room(job, spec)
        if spec.video and job.output.parent.is_dir():  # Another is made when it is needed.
            check_output(job.output, spec.frame, job.options.encode)
    except VidstyleError as exc:
        return replace(guess, notes=(*guess.notes, f"would be refused: {exc}"))
    painter = painters.painter(job.options, spec.largest) if painters else None
    return _timed(guess, job, spec, painters, painter) if painters and painter else guess


def _timed(guess: Estimate, job: Job, spec: JobSpec, painters: PainterCache, painter: "Painter") -> Estimate:
    """Add how long painting takes at most."""
    guide = load_targets(painters, painter, job, spec, source_of(job, spec))
    size = guess.width, guess.height
    rate = rate_of(painters, painter, guide, spec.start, size, partial(retry_smaller, painter))
    firsts = len(spec.shots or (0,))
    passes = job.options.motion.passes if spec.video else 1
    seconds = Work(firsts, spec.frames * passes - firsts).seconds(rate, job.options, size)
    further = Work(1, -1).seconds(rate, job.options, size) if spec.shots is None else None
    return replace(guess, seconds=seconds, seconds_a_shot=further)


def rough_estimate(job: Job, spec: JobSpec, begun: ExistingWork | None = None) -> Estimate:
    """Estimate a job that was measured; what is `begun` lies on the disk already."""
    frame = spec.frame
    painting, _ = _painting(job, spec)
    memory = painting + _largest(job, spec) * STORED_BYTES_A_PIXEL + _held(job, spec)
    # To say how many shots there are to be found, the film would have to be decoded.
    shots = (f"shots: {len(spec.shots)}",) if spec.video and spec.shots else ()
    return Estimate(
        frame.width,
        frame.height,
        spec.frames,
        memory,
        disk_of(job, spec, begun).total_bytes,
        (*shots, *notes(spec)),
    )


def check_room(job: Job, spec: JobSpec, begun: ExistingWork | None = None) -> None:
    """Refuse what the machine's memory, or the disk of the output, cannot hold; what is `begun` lies there already.

    Raises
    ------
    InputError
        It needs more memory than there is.
    OutputError
        It needs more disk than is free.
    """
    guess = rough_estimate(job, spec, begun)
    have = memory_limit()
    if guess.memory_bytes > have:
        raise InputError(
            f"{quoted(job.input)} is too large for this machine: {_memory_sum(job, spec)} come to "
            f"{_gib(guess.memory_bytes)} of memory, and there are {_gib(have)}; give a smaller --size or --style-scale, or a smaller picture."
        )
    free = _free(job.output)
    if guess.disk_bytes > free:
        raise OutputError(
            f"{quoted(job.output)} has not enough disk: {disk_of(job, spec, begun)} come to {_gib(guess.disk_bytes)}, and "
            f"{_gib(free)} are free there; free space, choose another folder with -o, or give a smaller --size or a part."
        )


def _memory_sum(job: Job, spec: JobSpec) -> str:
    """Say what the memory of an estimate is the sum of."""
    frame, (_, words), held = spec.frame, _painting(job, spec), _held(job, spec)
    return (
        f"{words.format(size=f'{frame.width} x {frame.height} pixels')}, and {STORED_BYTES_A_PIXEL} for "
        f"each of {_largest(job, spec) / 1e6:.3g} million in the largest picture"
        + (f", and {held >> 20} MiB of frames that are gone through backward," if held else "")
    )


def _painting(job: Job, spec: JobSpec) -> tuple[int, str]:
    """Bytes that painting a picture takes, and their sum in words, whose `size` is the picture's."""
    frame, machine = spec.frame, job.options.machine
    pixels, copied = frame.width * frame.height, job.options.painter is PainterKind.NONE
    # A graphics card has memory of its own, and says itself where that does not do.
    if copied or uses_gpu(machine):
        program = COPYING_BYTES if copied else PROGRAM_BYTES
        each = f"{COPYING_BYTES_A_PIXEL} bytes for each of {{size}}"
        return program + pixels * COPYING_BYTES_A_PIXEL, f"{program >> 20} MiB, {each}"
    precision = resolve_precision(machine)
    layout = plan_memory(frame.height, frame.width, precision, machine.tile, memory_limit())
    needed = memory_needed(frame.height, frame.width, precision, layout)
    # Styles are looked at before anything is painted, which takes the more where --style-scale makes them large.
    looked, size = _largest_look(job, spec)
    if looked > needed.total_bytes:
        return looked, f"{looked >> 20} MiB to look at a style picture of {size.width} x {size.height} pixels"
    words = f"{PROGRAM_BYTES >> 20} MiB, {needed.bytes_per_px} bytes for each of {{size}}"
    return (
        needed.total_bytes,
        f"{words}, {needed.bytes_per_encoded_px} for each of {needed.encoded_px} that the network sees at once",
    )


def _largest_look(job: Job, spec: JobSpec) -> tuple[int, FrameSize]:
    """Bytes that looking at the style picture takes which takes the most, and its size."""
    machine, have = job.options.machine, memory_limit()
    precision = resolve_precision(machine)

    def bytes_of(style: FrameSize) -> int:
        layout = plan_memory(style.height, style.width, precision, machine.tile, have)
        return encode_bytes(style.height, style.width, layout)

    return max(((bytes_of(style), style) for style in spec.styles), key=lambda found: found[0])


def _held(job: Job, spec: JobSpec) -> int:
    """Bytes of the source's frames that are held to go backward through them."""
    if spec.video is None or job.options.motion.passes == 1:
        return 0
    return min(HELD_BYTES, spec.frames * spec.frame.width * spec.frame.height * 12)


def _largest(job: Job, spec: JobSpec) -> int:
    """Pixels of the largest picture that is read."""
    video = spec.video
    sizes = [photo_size(style.picture) for style in job.styles]
    sizes.append((video.width, video.height) if video else photo_size(job.input))
    return max(width * height for width, height in sizes)


def _free(output: Path) -> int:
    """Bytes that are free where an output is to lie, whose folder may yet have to be made."""
    folder = output.absolute().parent
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _gib(amount: int) -> str:
    """`0.42 GiB`: one unit, so that the sums can be compared at a glance."""
    return f"{amount / 2**30:.3g} GiB"


def notes(spec: JobSpec) -> tuple[str, ...]:
    """Say what a user should know of how pictures are taken and of what accompanies them."""
    video = spec.video
    if video is None or spec.delivery is None:
        pages = spec.rendering.pages
        first = (f"of its {pages} pages the first is painted",) if pages > 1 else ()
        return (*first, *spec.masks.notes)
    found = [f"damaged: {video.damage}; painted as far as it decodes"] if video.damage else []
    if video.picks is not None:
        found.append(f"pictures are shown again or passed over for {video.rate} a second")
    if video.interlaced:
        found.append("interlaced pictures are deinterlaced (bwdif)")
    if video.hdr:
        found.append(f"HDR ({video.hdr}) is tone-mapped to SDR (ITU-R BT.2390)")
    if video.alpha and not video.keeps_alpha:
        found.append("what is transparent shows the --background, since this codec cannot keep it")
    return (*found, *spec.masks.notes, *spec.delivery.notes)
