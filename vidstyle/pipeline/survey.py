"""What a job is, seen before it starts: size, range, and the keys of its frames and its result."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import vidstyle
from vidstyle.errors import InputError, RangeError, quoted, reason
from vidstyle.media.codecs import Codec, codec_of
from vidstyle.media.containers import ending_of
from vidstyle.media.delivery import Delivery, delivery
from vidstyle.media.geometry import Frame, fit
from vidstyle.media.images import check_delays
from vidstyle.media.photo_writer import rendering_for
from vidstyle.media.photos import Rendering
from vidstyle.media.pictures import photo_size
from vidstyle.media.probe import Kind, Video, probe_video
from vidstyle.media.resample import resampled
from vidstyle.media.sequences import probe_sequence
from vidstyle.media.shots import find_shots
from vidstyle.neural.hardware import resolve_precision
from vidstyle.neural.weights import weights_checksum
from vidstyle.options import Options, PainterKind, Time
from vidstyle.pipeline.jobs import Job
from vidstyle.pipeline.ledger import Ledger
from vidstyle.pipeline.motions import StoredFlows, flows_of
from vidstyle.presets import DEFAULT


@dataclass(frozen=True)
class Survey:
    """A job's measures."""

    video: Video | None
    """None for a photo."""
    frame: Frame
    start: int
    """First frame of the source that is painted."""
    stop: int
    """Frame of the source before which painting ends."""
    styles: tuple[Frame, ...]
    """Size of each style picture, brought to the longer side of what is painted."""
    delivery: Delivery | None = None
    """What of a film goes along into its output."""
    rendering: Rendering = field(default_factory=Rendering)
    """Colours and transparency of a photo."""
    shots: tuple[tuple[int, int], ...] | None = None
    """Shots [start, stop) in the source's frames; None where the film is still to be looked through for them."""

    @property
    def frames(self) -> int:
        """Number of pictures to paint."""
        return self.stop - self.start


def survey(job: Job) -> Survey:
    """Measure a job.

    Raises
    ------
    InputError
        The input or a style cannot be read, is too small, or has not the part asked for.

    """
    longer_side = job.options.source.size.longer_side
    video, start, stop, brought, rendering = None, 0, 1, None, Rendering()
    shots: tuple[tuple[int, int], ...] | None = ((0, 1),)
    if job.kind is Kind.PHOTO:
        frame = fit(*photo_size(job.input), Fraction(1), longer_side, even=False)
        rendering = rendering_for(job.input, job.output)
    else:
        ending = ending_of(job.output)
        codec = codec_of(job.options.encode, ending)
        video = film_of(job, codec)
        check_delays(video, ending)
        frame = fit(video.width, video.height, video.pixel_aspect, longer_side, even=codec.even)
        start, stop = frame_range(video, job.options.source.start, job.options.source.end)
        brought = delivery(video, ending, whole=(start, stop) == (0, video.frames))
        flows_of(job.options.motion, frame)  # Says by name what is no folder.
        cuts = job.options.source.cuts
        shots = None if cuts.times is None else tuple(find_shots(video, start, stop, cuts))
    styles = tuple(style_size(style, max(frame.width, frame.height)) for style in job.styles)
    if job.options.painter is PainterKind.VGG:
        weights_checksum(job.options.machine.weights)  # Says by name what cannot be used.
        for path, size in zip((job.input, *job.styles), (frame, *styles), strict=True):
            _check_large_enough(path, size)
    return Survey(video, frame, start, stop, styles, brought, rendering, shots)


def film_of(job: Job, codec: Codec) -> Video:
    """Look into a film, as its pictures are to be taken.

    Raises
    ------
    InputError
        It cannot be read.

    """
    options = job.options.pictures
    if job.stills:
        video = probe_sequence(job.input, job.stills, options.sequence_fps.value)
    else:
        video = probe_video(job.input, allow_damaged=job.options.source.allow_damaged)
    if options.fps:
        video = resampled(video, options.fps.value)
    keeps_alpha = video.alpha and job.options.encode.bit_depth in codec.alpha
    return dataclasses.replace(video, keeps_alpha=keeps_alpha, background=options.background_rgb)


def style_size(style: Path, longer_side: int) -> Frame:
    """Size that brings a style picture to a longer side."""
    size = photo_size(style)
    width, height = (max(1, round(side * longer_side / max(size))) for side in size)
    return Frame(width, height, Fraction(1))


def _check_large_enough(path: Path, size: Frame) -> None:
    least = DEFAULT.smallest_side_px
    if min(size.width, size.height) < least:
        raise InputError(
            f"{quoted(path)} comes to {size.width} x {size.height} pixels, and the painter needs {least} x {least} at least; "
            "give a larger picture, or a larger --size."
        )


def frame_range(video: Video, start: Time | None, end: Time | None) -> tuple[int, int]:
    """Frames [start, stop) of a film that show at or after `start` and before `end`.

    Raises
    ------
    RangeError
        There are none.

    """
    first = 0 if start is None else video.index_at(start)
    stop = video.frames if end is None else min(video.index_at(end), video.frames)
    if start is not None and first >= video.frames:
        raise RangeError(
            f"--start {start} is past the end of {quoted(video.path)}, which has {video.frames} frames and lasts "
            f"{float(video.duration):.2f} s; give an earlier start."
        )
    if first >= stop:
        raise RangeError(f"No frame of {quoted(video.path)} lies between --start and --end; widen the range.")
    return first, stop


def settings(options: Options) -> dict[str, object]:
    """Options as plain values, for JSON."""
    return {key: _plain(value) for key, value in dataclasses.asdict(options).items()}


def _plain(value: Any) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path | Fraction) else value


class Keys(NamedTuple):
    """Names of what decides a job's frames, and of what decides its result."""

    frames: str
    result: str


def keys_of(job: Job, measures: Survey, ledger: Ledger) -> Keys:
    """Hash everything that decides the painted frames, and with it all that decides the bytes of the result.

    That is the contents of input, styles and weights, the range, every option that changes a pixel, and vidstyle's
    major and minor version. The device is not among them: a run may go on elsewhere.

    Raises
    ------
    InputError
        A file cannot be read.

    """
    options = job.options
    decisive = settings(options)
    # What these two come to is said below: the same frames of the same size are the same request.
    del decisive["machine"], decisive["source"]
    # How frames are put together does not change them.
    together: dict[str, Any] = {"encode": decisive.pop("encode"), "ending": job.output.suffix.lower()}
    flows = flows_of(options.motion, measures.frame) if measures.video else None
    if isinstance(flows, StoredFlows):
        # Their contents count, not where they lie.
        digest = flows.digest(measures.start, measures.stop)
        decisive["motion"] = {"options": _plain(dataclasses.asdict(options.motion) | {"flow": digest})}
    if options.painter is PainterKind.VGG:
        decisive["precision"] = resolve_precision(options.machine).value
        decisive["weights"] = weights_checksum(options.machine.weights)
        decisive["recipe"] = dataclasses.asdict(DEFAULT)
    content: dict[str, Any] = {
        "version": vidstyle.__version__.split(".")[:2],
        "input": [_content_hash(path, ledger) for path in job.stills or (job.input,)],
        "styles": [_content_hash(style, ledger) for style in job.styles],
        "range": [measures.start, measures.stop],
        "shots": measures.shots or "auto",
        "size": [measures.frame.width, measures.frame.height],
        "options": decisive,
    }
    if measures.video is None:  # What a photo's file can hold decides the colours it is painted in.
        content |= together
    elif measures.video.alpha:  # As does, for a film, whether its codec keeps transparency.
        content["alpha"] = measures.video.keeps_alpha
    return Keys(_hash(content), _hash(content | together))


def _hash(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]


def _content_hash(path: Path, ledger: Ledger) -> str:
    try:
        return ledger.content_hash(path, _sha256)
    except OSError as exc:
        raise InputError(f"{quoted(path)} cannot be read ({reason(exc)}); check its permissions.") from exc


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
