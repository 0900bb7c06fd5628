"""Estimate of a job's memory, disk space and time, before it starts."""

import math
import shutil
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path

from vidstyle.errors import InputError, OutputError, VidstyleError, quoted
from vidstyle.media.encode.audio_trial import check_audio
from vidstyle.media.encode.writer import check_output
from vidstyle.media.photo.notes import photo_notes
from vidstyle.media.photo.open import photo_size
from vidstyle.media.video.video import Video
from vidstyle.motion.keyframes import longest_span
from vidstyle.neural.device.hardware import memory_limit
from vidstyle.neural.device.retry import retry_smaller
from vidstyle.options.media import ColorMatrix
from vidstyle.pipeline.estimate.disk import disk_needed
from vidstyle.pipeline.estimate.duration import Work, measure_rate
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.paint.passes import HELD_BYTES, open_source
from vidstyle.pipeline.paint.target_loader import load_targets
from vidstyle.pipeline.painters.registry import painter_type
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.survey import JobSpec, resolve
from vidstyle.pipeline.shots import paints_all, sample_painted_share
from vidstyle.pipeline.work.workdir import ExistingWork

BETWEEN_BYTES_PER_PIXEL = 44
"""Memory of a frame between two keyframes: the frame, and the flow to its neighbour in both directions."""
SPANS = 3
"""Spans between keyframes that are held at a time: being filled, waiting, and being prepared."""
STORED_BYTES_PER_PIXEL = 64
"""Memory for an image that is resized from its stored size."""


@dataclass(frozen=True)
class Estimate:
    """Memory, disk space and time that a job takes."""

    width: int
    height: int
    frames: int
    memory_bytes: int
    disk_bytes: int
    notes: tuple[str, ...]
    seconds: float | None = None
    """Time to paint it at most, as one shot where shots are still to be detected; None if not timed."""
    seconds_a_shot: float | None = None
    """Further time for each further shot, where shots are still to be detected."""


def estimate(job: Job, painters: PainterCache | None = None) -> Estimate:
    """Estimate a job; with a cache of painters also its time on this machine, which loads the painter.

    Raises
    ------
    InputError
        The input cannot be read, or does not have the part asked for.

    """
    if job.fault:
        raise job.fault
    spec = resolve(job)
    room = estimate_room(spec)
    try:
        check_room(spec)
        if spec.video and job.output.parent.is_dir():  # A missing folder is made when it is needed.
            check_output(job.output, spec.size, job.options.encode)
        if spec.video:
            check_audio(job.output, spec.video, spec.start, spec.stop)
    except VidstyleError as exc:
        return replace(room, notes=(*room.notes, f"would be refused: {exc}"))
    return _add_time(room, spec, painters) if painters else room


def _add_time(room: Estimate, spec: JobSpec, painters: PainterCache) -> Estimate:
    options, size = spec.job.options, (spec.size.width, spec.size.height)
    painter = painters.painter(options, spec.largest)
    targets = load_targets(painters, painter, spec, open_source(spec))
    rate = measure_rate(painters, painter, targets, spec.start, size, partial(retry_smaller, painter))
    if rate is None:
        return room
    shots = len(spec.shots or (0,))
    # To choose all keyframes, the video would have to be decoded: a part of it stands for the rest.
    painted = max(shots, math.ceil(sample_painted_share(spec) * spec.frames))
    work = Work(shots, painted * spec.motion.passes - shots, spec.frames - painted)
    seconds = work.seconds(rate, options, size)
    further = Work(1, -1).seconds(rate, options, size) if spec.shots is None else None
    return replace(room, seconds=seconds, seconds_a_shot=further)


def estimate_room(spec: JobSpec, existing: ExistingWork | None = None) -> Estimate:
    """Estimate memory and disk space of a job, of which `existing` work is on disk already."""
    memory, _ = painter_type(spec.job.options).memory(spec.size, spec.style_sizes, spec.job.options)
    memory += _largest_stored_pixels(spec) * STORED_BYTES_PER_PIXEL
    memory += _backward_buffer_bytes(spec) + _span_bytes(spec)
    # To count shots that are still to be detected, the video would have to be decoded.
    shots = (f"shots: {len(spec.shots)}",) if spec.video and spec.shots else ()
    return Estimate(
        spec.size.width,
        spec.size.height,
        spec.frames,
        memory,
        disk_needed(spec, existing).total_bytes,
        (*shots, *notes(spec)),
    )


def check_room(spec: JobSpec, existing: ExistingWork | None = None) -> None:
    """Refuse a job that exceeds memory or free disk space, with `existing` work on disk already.

    Raises
    ------
    InputError
        It needs more memory than the machine has.
    OutputError
        It needs more disk space than is free.
    """
    room, job = estimate_room(spec, existing), spec.job
    have = memory_limit()
    if room.memory_bytes > have:
        raise InputError(
            f"not enough memory for {quoted(job.input)}: {_memory_terms(spec)} need "
            f"{_gib(room.memory_bytes)}, the machine has {_gib(have)}; give a smaller --size or "
            "--style-scale, or a smaller image."
        )
    free = _free_bytes(job.output)
    if room.disk_bytes > free:
        raise OutputError(
            f"not enough disk space for {quoted(job.output)}: {disk_needed(spec, existing)} need "
            f"{_gib(room.disk_bytes)}, {_gib(free)} are free; free space, choose another folder with -o, or "
            "give a smaller --size or a shorter part."
        )


def _memory_terms(spec: JobSpec) -> str:
    """List the terms of an estimate's memory."""
    _, terms = painter_type(spec.job.options).memory(spec.size, spec.style_sizes, spec.job.options)
    buffer = _backward_buffer_bytes(spec)
    if buffer:
        terms += f", {buffer >> 20} MiB for frames of the backward pass"
    if spans := _span_bytes(spec):
        terms += f", {spans >> 20} MiB for the frames between keyframes"
    millions = _largest_stored_pixels(spec) / 1e6
    return f"{terms} and {STORED_BYTES_PER_PIXEL} for each of {millions:.3g} million in the largest image"


def _backward_buffer_bytes(spec: JobSpec) -> int:
    """Compute the bytes of the source's frames that a backward pass holds."""
    if spec.motion.passes == 1:
        return 0
    return min(HELD_BYTES, spec.frames * spec.size.width * spec.size.height * 12)


def _span_bytes(spec: JobSpec) -> int:
    """Compute the bytes of the frames between keyframes that are held at a time, with their flow."""
    if spec.video is None or paints_all(spec):
        return 0
    longest = spec.motion.paint_every.frames or longest_span(Fraction(spec.video.rate))
    frames = min(longest, spec.frames) if longest > 1 else 0
    return SPANS * frames * spec.size.width * spec.size.height * BETWEEN_BYTES_PER_PIXEL


def _largest_stored_pixels(spec: JobSpec) -> int:
    """Count the pixels of the largest image that is read."""
    sizes = [photo_size(style.picture) for style in spec.job.styles]
    video = spec.video
    sizes.append((video.width, video.height) if video else photo_size(spec.job.input))
    return max(width * height for width, height in sizes)


def _free_bytes(output: Path) -> int:
    """Find the free bytes in an output's folder, which may still have to be made."""
    folder = output.absolute().parent
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _gib(amount: int) -> str:
    """Write an amount as `0.42 GiB`: one unit, so that the terms can be compared at a glance."""
    return f"{amount / 2**30:.3g} GiB"


def notes(spec: JobSpec) -> tuple[str, ...]:
    """List what a user should know of how frames are read, and of the other streams."""
    video = spec.video
    if video is None or spec.stream_plan is None:
        return (*photo_notes(spec.job.input), *_style_notes(spec), *spec.masks.notes)
    found = [f"damaged: {video.damage}; painted as far as it decodes"] if video.damage else []
    if video.picks is not None:
        found.append(f"frames are duplicated or dropped for {video.rate} frames per second")
    if video.interlaced:
        found.append("interlaced frames are deinterlaced (bwdif)")
    if video.hdr:
        found.append(f"HDR ({video.hdr}) is tone-mapped to SDR (ITU-R BT.2390)")
    found += _color_notes(video, spec.job.options.pictures.color_matrix)
    if video.alpha and not video.keeps_alpha:
        found.append("transparent areas show the --background, because this codec cannot keep transparency")
    return (*found, *_style_notes(spec), *spec.masks.notes, *spec.stream_plan.notes)


def _style_notes(spec: JobSpec) -> tuple[str, ...]:
    """List how the style images are read."""
    pictures = dict.fromkeys(style.picture for style in spec.job.styles)
    return tuple(
        f"style {quoted(path)}: {note}" for path in pictures for note in photo_notes(path, companions=False)
    )


def _color_notes(video: Video, choice: ColorMatrix) -> list[str]:
    """List what a user should know of the colour matrix of a film without tags, or of one that was chosen."""
    if choice is ColorMatrix.AUTO and video.assumed_matrix is ColorMatrix.BT709:
        return [
            "not tagged with a colour matrix, so read as BT.709, as players do with HD; see --color-matrix"
        ]
    if choice is not ColorMatrix.AUTO and video.assumed_matrix is None:
        return [f"--color-matrix {choice.value} has no effect, since the colour matrix is known"]
    return []
