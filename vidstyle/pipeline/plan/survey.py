"""Resolution of a job: all that its files tell before it is painted."""

import dataclasses
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from vidstyle.errors import InputError, quoted
from vidstyle.media.encode.codecs import Codec, codec_of
from vidstyle.media.encode.containers import container_of
from vidstyle.media.encode.stream_plan import StreamPlan, plan_streams, without_audio
from vidstyle.media.geometry import MAX_PIXELS, FrameSize, fit
from vidstyle.media.photo.open import photo_size
from vidstyle.media.photo.reader import Rendering
from vidstyle.media.photo.writer import rendering_for
from vidstyle.media.video.frame_rate import resampled
from vidstyle.media.video.image_sequence import probe_sequence
from vidstyle.media.video.probe import Kind, Video, probe_video
from vidstyle.media.video.shots import find_shots
from vidstyle.options.groups import MotionOptions
from vidstyle.options.style import StyleOptions
from vidstyle.pipeline.flow_source import open_flow
from vidstyle.pipeline.painters.registry import painter_type
from vidstyle.pipeline.plan.given import GivenFrame, given_frames
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.masks import Masks, open_masks
from vidstyle.pipeline.plan.ranges import frame_range


@dataclass(frozen=True)
class JobSpec:
    """A job, and all that is known of it before it is painted."""

    job: Job
    video: Video | None
    """None for a photo."""
    size: FrameSize
    """Size to paint at."""
    start: int
    """First frame to paint, by its index in the source."""
    stop: int
    """End of the frames to paint, exclusive."""
    style_sizes: tuple[FrameSize, ...] = ()
    """Size of each style image; by default its longer side is that of the painting."""
    stream_plan: StreamPlan | None = None
    """Streams of a video that go along into its output; None for a photo."""
    rendering: Rendering = field(default_factory=Rendering)
    """Colours and transparency of a photo."""
    shots: tuple[tuple[int, int], ...] | None = None
    """Shots [start, stop) by their indices in the source; None where they are still to be detected."""
    masks: Masks = field(default_factory=Masks)
    """Regions of the styles, and the protected one."""
    given: tuple[GivenFrame, ...] = ()
    """Frames that were painted by hand, in their order."""

    @property
    def indices(self) -> range:
        """Frames to paint, by their indices in the source."""
        return range(self.start, self.stop)

    @property
    def frames(self) -> int:
        """Number of frames to paint."""
        return self.stop - self.start

    @property
    def motion(self) -> MotionOptions:
        """Options of motion; the defaults for a photo, which has none."""
        return self.job.options.motion if self.video else MotionOptions()

    @property
    def largest(self) -> FrameSize:
        """Size of the largest image that the network sees."""
        return max((self.size, *self.style_sizes), key=lambda size: size.width * size.height)


def resolve(job: Job) -> JobSpec:
    """Read from a job's files all that is known before painting.

    Raises
    ------
    InputError
        The input or a style cannot be read, is too small, or does not have the part asked for.

    """
    check_times(job)
    spec = _resolve_photo(job) if job.kind is Kind.PHOTO else _resolve_video(job)
    spec = dataclasses.replace(spec, given=given_frames(job, spec.video, spec.size, spec.indices))
    longer_side = max(spec.size.width, spec.size.height)
    sizes = tuple(style_size(style.picture, longer_side, job.options.style) for style in job.styles)
    painter = painter_type(job.options)
    if not painter.paints:
        return dataclasses.replace(spec, style_sizes=sizes)
    # Damaged weights are reported by name before hours are spent.
    painter.identity(job.options)
    images = (job.input, *(style.picture for style in job.styles))
    for path, size in zip(images, (spec.size, *sizes), strict=True):
        _check_large_enough(path, size, painter.smallest_side_px(job.options))
    masks = open_masks(job.styles, job.options.style, spec.size, spec.video, spec.stop)
    return dataclasses.replace(spec, style_sizes=sizes, masks=masks)


def _resolve_photo(job: Job) -> JobSpec:
    longer_side = job.options.source.size.longer_side
    size = fit(*photo_size(job.input), Fraction(1), longer_side, even=False)
    rendering = rendering_for(job.input, job.output, job.options.pictures.background_rgb)
    return JobSpec(job, None, size, 0, 1, rendering=rendering, shots=((0, 1),))


def _resolve_video(job: Job) -> JobSpec:
    source, container = job.options.source, container_of(job.output)
    codec = codec_of(job.options.encode, container)
    video = probe_input(job, codec)
    container.check_source(video)
    size = fit(video.width, video.height, video.pixel_aspect, source.size.longer_side, even=codec.even)
    start, stop = frame_range(video, source.start, source.end)
    streams = plan_streams(video, container, whole=(start, stop) == (0, video.frames))
    open_flow(job.options.motion, size)  # A missing folder of flow files is reported by name.
    shots = None if source.cuts.times is None else tuple(find_shots(video, start, stop, source.cuts))
    return JobSpec(job, video, size, start, stop, stream_plan=streams, shots=shots)


def check_times(job: Job) -> None:
    """Refuse times for a photo, and styles whose masks differ from one time to another.

    Raises
    ------
    InputError
        There are such.

    """
    timed = [style for style in job.styles if style.at]
    if job.kind is Kind.PHOTO and (timed or job.options.style.strength_at):
        flag = "--style-at" if timed else "--strength-at"
        raise InputError(f"{quoted(job.input)} is a photo, which has no times; omit {flag}.")
    masks = [{style.mask for style in timed if style.at == at} for at in {style.at for style in timed}]
    if any(at_one_time != masks[0] for at_one_time in masks):
        raise InputError(
            f"{quoted(job.input)}: the masks of --style-at differ from one time to another; give each mask "
            "a style at each time."
        )


def probe_input(job: Job, codec: Codec) -> Video:
    """Probe a job's video, with the frame rate, transparency and streams of its output.

    Raises
    ------
    InputError
        It cannot be read.

    """
    options = job.options.pictures
    if job.stills:
        video = probe_sequence(job.input, job.stills, options.sequence_fps.value)
    else:
        allow_damaged = job.options.source.allow_damaged
        video = probe_video(job.input, allow_damaged=allow_damaged, color_matrix=options.color_matrix)
    if options.fps:
        video = resampled(video, options.fps.value)
    if job.options.encode.omit_audio:
        video = without_audio(video)
    keeps_alpha = video.alpha and job.options.encode.bit_depth in codec.alpha
    return dataclasses.replace(video, keeps_alpha=keeps_alpha, background=options.background_rgb)


def style_size(style: Path, longer_side: int, options: StyleOptions | None = None) -> FrameSize:
    """Find the size at which a style image, or its crop, is used: by default that of the given longer side.

    Raises
    ------
    InputError
        The crop exceeds the image, or the size is too large.

    """
    options = options or StyleOptions()
    size = photo_size(style)
    if crop := options.style_crop:
        if crop.left + crop.width > size[0] or crop.top + crop.height > size[1]:
            raise InputError(
                f"--style-crop {crop} exceeds {quoted(style)}, which is {size[0]} x {size[1]} pixels; give "
                "a rectangle within it."
            )
        size = crop.width, crop.height
    longer = (options.style_size or longer_side) * options.style_scale
    width, height = (max(1, round(side * longer / max(size))) for side in size)
    if width * height > MAX_PIXELS:
        raise InputError(
            f"style {quoted(style)} at {width} x {height} pixels is too large; give a smaller --style-scale "
            "or --style-size."
        )
    return FrameSize(width, height, Fraction(1))


def _check_large_enough(path: Path, size: FrameSize, least: int) -> None:
    if min(size.width, size.height) < least:
        raise InputError(
            f"{quoted(path)} at {size.width} x {size.height} pixels is too small, the painter needs at "
            f"least {least} x {least}; give a larger image, a larger --size, or for a style a larger "
            "--style-scale."
        )
