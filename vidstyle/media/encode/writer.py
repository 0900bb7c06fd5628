"""Writer of films: frames and the source's streams in one file, verified before it appears."""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import ffmpeg

from vidstyle.errors import EncodeError, InputError, quoted, reason
from vidstyle.media.encode.alpha import add_alpha
from vidstyle.media.encode.animations import make_palette
from vidstyle.media.encode.codecs import Codec, codec_of
from vidstyle.media.encode.containers import container_of
from vidstyle.media.encode.extras import prepare_extras
from vidstyle.media.encode.ffmpeg import binary, encoders, run
from vidstyle.media.encode.filters import apply_timing_and_color, convert_pixels, frame_input
from vidstyle.media.encode.mux import FilmSpec, encoder_options, mux_arguments
from vidstyle.media.encode.segment import Segment
from vidstyle.media.encode.stream_plan import plan_streams
from vidstyle.media.encode.verify import Contents, verify
from vidstyle.media.files import TEMPORARY, check_writable, plain_name
from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.probe import FrameSize, Video
from vidstyle.media.video.tracks import Track
from vidstyle.options.media import EncodeOptions

_DEFAULT = EncodeOptions()


def check_output(path: Path, size: FrameSize, encode: EncodeOptions = _DEFAULT) -> None:
    """Check before any work is done that a film can be written to `path`.

    Raises
    ------
    UsageError
        The ending names no container, or one that does not support the codec.
    OutputError
        The folder is missing or cannot be written, or `path` is a folder.
    EncodeError
        ffmpeg is missing, lacks the encoder, or does not take its options.
    """
    container = container_of(path)
    codec = codec_of(encode, container)
    check_writable(path.parent / f"{TEMPORARY}place" if container.file_pattern else path)
    program = binary()
    if codec.encoder not in encoders(program):
        raise EncodeError(
            f"{quoted(program)} lacks the encoder {codec.encoder}; set VIDSTYLE_FFMPEG to an ffmpeg with it, "
            "or give another --codec."
        )
    if size.width < codec.min_width:
        raise EncodeError(
            f"{codec.encoder} cannot encode {size.width} x {size.height} pixels: the width must be at least "
            f"{codec.min_width}; give a larger --size, or another --codec."
        )
    if encode != _DEFAULT:
        _try_encoder(codec, encode, size)


def _try_encoder(codec: Codec, encode: EncodeOptions, size: FrameSize) -> None:
    """Encode black frames, to find missing hardware or an unknown option before painting, not after."""
    black = ffmpeg.input(f"color=s={size.width}x{size.height}:r=25:d=0.2", f="lavfi")
    frames = convert_pixels(black, ColorTags("bt709", "bt709", "bt709", "tv"), codec, encode.bit_depth)
    what = f"encode with {codec.encoder}"
    run(ffmpeg.output(frames, "-", f="null", **encoder_options(codec, encode)), what=what)


def write_film(
    frames: Path,
    output: Path,
    video: Video,
    size: FrameSize,
    start: int,
    stop: int,
    *,
    encode: EncodeOptions = _DEFAULT,
    note: str = "",
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Write frames [start, stop) of a film to `output` atomically, with the streams of `plan_streams`.

    The same frames give the same bytes.

    Parameters
    ----------
    frames
        Folder of 16-bit RGB images, named by their index in the source: `000012.png`.
    output
        File to write; its ending names the container.
    video
        The source.
    size
        Size and pixel aspect of the frames.
    start, stop
        Range of frames in the source.
    encode
        Codec, quality and depth.
    note
        Command that made the result, for its metadata.
    should_stop
        Called about ten times per second; True interrupts.

    Raises
    ------
    EncodeError
        ffmpeg failed, or its result is not the film that was to be written.
    Interrupted
        `should_stop` returned True.
    """
    container, segment = container_of(output), Segment(video, start, stop)
    plan = plan_streams(video, container, whole=segment.is_whole)
    spec = FilmSpec(segment, size, container, codec_of(encode, container), plan, encode, note)
    ending = output.suffix.lower()
    temporary = output.parent / f"{TEMPORARY}{os.getpid()}-{os.urandom(4).hex()}{ending}"
    try:
        if container.file_pattern:
            temporary.mkdir()
        _encode(spec, frames, temporary, output, should_stop)
        container.finish(temporary, segment)
        _verify(spec, temporary, output)
        if temporary.is_file():
            _sync(temporary)
        temporary.replace(output)
    except OSError as exc:
        raise EncodeError(
            f"{quoted(output)} cannot be written: {reason(exc)}; free disk space or choose another folder."
        ) from exc
    finally:
        with suppress(OSError):
            shutil.rmtree(temporary) if temporary.is_dir() else temporary.unlink()


def _encode(
    spec: FilmSpec, frames: Path, temporary: Path, output: Path, should_stop: Callable[[], bool]
) -> None:
    """Run ffmpeg on a temporary output, with every name as it takes it."""
    video, depth = spec.segment.video, spec.encode.bit_depth
    with ExitStack() as stack:
        # ffmpeg-python takes no name that is not UTF-8.
        source, folder, images = (
            Path(stack.enter_context(plain_name(path))) for path in (video.path, output.parent, frames)
        )
        # Next to the output, for it may take as much space as the frames.
        room = stack.enter_context(tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=output.parent))
        prepared = Path(stack.enter_context(plain_name(Path(room))))
        if video.keeps_alpha:
            add_alpha(frames, spec.segment, spec.size, prepared, should_stop=should_stop)
            spec, images = replace(spec, codec=spec.codec.with_alpha()), prepared
        name, options = stack.enter_context(frame_input(images, spec.segment))
        # The folder may hold more frames; `-frames:v` instead would end the audio as well.
        painted = ffmpeg.input(name, **options).filter("trim", end_frame=spec.segment.frames)
        palette = prepared / "palette.png" if spec.codec.has_palette else None
        if palette:
            stored = convert_pixels(painted, video.color, spec.codec, depth)
            make_palette(stored, palette, transparent=video.keeps_alpha, should_stop=should_stop)
        converted = apply_timing_and_color(painted, spec.segment, spec.size, spec.codec, depth, palette)
        spec = replace(spec, segment=replace(spec.segment, video=replace(video, path=source)))
        extras = prepare_extras(spec.segment, spec.plan, spec.container, prepared, should_stop=should_stop)
        arguments = mux_arguments(converted, spec, extras, folder / temporary.name)
        run(arguments, what=f"write {quoted(output)}", should_stop=should_stop)


def _verify(spec: FilmSpec, written: Path, output: Path) -> None:
    """Refuse a written film that is not the one that was to be written."""
    segment, container = spec.segment, spec.container
    expected = Contents(
        segment.frames,
        frozenset({(spec.size.width, spec.size.height)}),
        (*segment.times, segment.duration),
        len(spec.plan.of(Track.AUDIO)),
    )
    try:
        found = container.read_back(written)
    except InputError as exc:
        raise EncodeError(
            f"ffmpeg wrote an unreadable {quoted(output)}; free disk space and rerun the command."
        ) from exc
    tolerance = container.time_tolerance_s or Fraction(0)
    if faults := verify(found, expected, tolerance, merges_equal_frames=container.merges_equal_frames):
        raise EncodeError(
            f"ffmpeg wrote {quoted(output)} with {' and '.join(faults)}, so it was discarded; rerun the "
            "command."
        )


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
