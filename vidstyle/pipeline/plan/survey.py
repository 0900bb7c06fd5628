"""What a job is, seen before it starts: its size, its range, what goes along."""

import dataclasses
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from vidstyle.errors import InputError, RangeError, quoted
from vidstyle.media.encode.codecs import Codec, codec_of
from vidstyle.media.encode.containers import container_of
from vidstyle.media.encode.stream_plan import StreamPlan, plan_streams
from vidstyle.media.geometry import MAX_PIXELS, FrameSize, fit
from vidstyle.media.photo.open import photo_size
from vidstyle.media.photo.reader import Rendering
from vidstyle.media.photo.writer import rendering_for
from vidstyle.media.video.frame_rate import resampled
from vidstyle.media.video.image_sequence import probe_sequence
from vidstyle.media.video.probe import Kind, Video, probe_video
from vidstyle.media.video.shots import find_shots
from vidstyle.neural.vgg.weights import weights_checksum
from vidstyle.options.groups import PainterKind
from vidstyle.options.style import StyleOptions
from vidstyle.options.values import Time
from vidstyle.pipeline.flow_source import open_flow
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.masks import Masks, masks_of


@dataclass(frozen=True)
class JobSpec:
    """A job's measures."""

    video: Video | None
    """None for a photo."""
    frame: FrameSize
    start: int
    """First frame of the source that is painted."""
    stop: int
    """Frame of the source before which painting ends."""
    styles: tuple[FrameSize, ...]
    """Size of each style picture, brought to the longer side of what is painted."""
    delivery: StreamPlan | None = None
    """What of a film goes along into its output."""
    rendering: Rendering = field(default_factory=Rendering)
    """Colours and transparency of a photo."""
    shots: tuple[tuple[int, int], ...] | None = None
    """Shots [start, stop) in the source's frames; None where the film is still to be looked through for them."""

    masks: Masks = field(default_factory=Masks)
    """Where styles are painted, and where the source is held."""

    @property
    def frames(self) -> int:
        """Number of pictures to paint."""
        return self.stop - self.start

    @property
    def largest(self) -> FrameSize:
        """Size of the largest picture that the painter looks at."""
        return max((self.frame, *self.styles), key=lambda size: size.width * size.height)


def resolve(job: Job) -> JobSpec:
    """Measure a job.

    Raises
    ------
    InputError
        The input or a style cannot be read, is too small, or has not the part asked for.

    """
    check_times(job)
    longer_side = job.options.source.size.longer_side
    video, start, stop, brought, rendering = None, 0, 1, None, Rendering()
    shots: tuple[tuple[int, int], ...] | None = ((0, 1),)
    if job.kind is Kind.PHOTO:
        frame = fit(*photo_size(job.input), Fraction(1), longer_side, even=False)
        rendering = rendering_for(job.input, job.output, job.options.pictures.background_rgb)
    else:
        container = container_of(job.output)
        codec = codec_of(job.options.encode, container)
        video = film_of(job, codec)
        container.check_source(video)
        frame = fit(video.width, video.height, video.pixel_aspect, longer_side, even=codec.even)
        start, stop = frame_range(video, job.options.source.start, job.options.source.end)
        brought = plan_streams(video, container, whole=(start, stop) == (0, video.frames))
        open_flow(job.options.motion, frame)  # Says by name what is no folder.
        cuts = job.options.source.cuts
        shots = None if cuts.times is None else tuple(find_shots(video, start, stop, cuts))
    styles = tuple(
        style_size(style.picture, max(frame.width, frame.height), job.options.style) for style in job.styles
    )
    masks = Masks()
    if job.options.painter is PainterKind.VGG:
        weights_checksum(
            job.options.machine.weights, job.options.objective.network
        )  # Says by name what cannot be used.
        pictures = [style.picture for style in job.styles]
        for path, size in zip((job.input, *pictures), (frame, *styles), strict=True):
            _check_large_enough(path, size, job.options.objective.smallest_side_px)
        masks = masks_of(job, frame, video, stop)
    return JobSpec(video, frame, start, stop, styles, brought, rendering, shots, masks)


def check_times(job: Job) -> None:
    """Refuse times for a photo, and styles that do not have the same places at each time.

    Raises
    ------
    InputError
        They are.

    """
    timed = [style for style in job.styles if style.at]
    if job.kind is Kind.PHOTO and (timed or job.options.style.strength_at):
        flag = "--style-at" if timed else "--strength-at"
        raise InputError(f"{quoted(job.input)} is a photo, which has no times; leave {flag} away.")
    places = [{style.mask for style in timed if style.at == at} for at in {style.at for style in timed}]
    if any(place != places[0] for place in places):
        raise InputError(
            f"{quoted(job.input)}: the styles of --style-at have other masks at some times than at others; give each mask a "
            "style at each time."
        )


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


def style_size(style: Path, longer_side: int, options: StyleOptions | None = None) -> FrameSize:
    """Size that brings a style picture, or what is cut out of it, to a longer side, or to what the options say.

    Raises
    ------
    InputError
        The rectangle to be cut out is not within the picture.

    """
    options = options or StyleOptions()
    size = photo_size(style)
    if crop := options.style_crop:
        if crop.left + crop.width > size[0] or crop.top + crop.height > size[1]:
            raise InputError(
                f"--style-crop {crop} leaves {quoted(style)}, which is {size[0]} x {size[1]} pixels; give a rectangle within it."
            )
        size = crop.width, crop.height
    longer = (options.style_size or longer_side) * options.style_scale
    width, height = (max(1, round(side * longer / max(size))) for side in size)
    if width * height > MAX_PIXELS:
        raise InputError(
            f"{quoted(style)} comes to {width} x {height} pixels, too large to look at; give a smaller --style-scale or "
            "--style-size."
        )
    return FrameSize(width, height, Fraction(1))


def _check_large_enough(path: Path, size: FrameSize, least: int) -> None:
    if min(size.width, size.height) < least:
        raise InputError(
            f"{quoted(path)} comes to {size.width} x {size.height} pixels, and the painter needs {least} x {least} at least; "
            "give a larger picture, a larger --size, or for a style a larger --style-scale."
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
