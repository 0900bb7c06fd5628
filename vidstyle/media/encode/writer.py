"""Puts painted frames, the source's sound and what else belongs to a film together, checks the result, publishes it."""

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
from vidstyle.media.encode.alpha import with_alpha
from vidstyle.media.encode.animations import make_palette, verify
from vidstyle.media.encode.codecs import Codec, codec_of, keeping_alpha
from vidstyle.media.encode.container_fixes import drop_default_duration, fix_webp_duration
from vidstyle.media.encode.containers import CONTAINERS, Pictures, ending_of
from vidstyle.media.encode.extras import extras_of
from vidstyle.media.encode.ffmpeg import binary, encoders, run
from vidstyle.media.encode.filters import apply_timing_and_color, convert_pixels, end_of, pictures
from vidstyle.media.encode.mux import Part, encoder_options, mux_arguments
from vidstyle.media.encode.stream_plan import StreamPlan, plan_streams
from vidstyle.media.files import TEMPORARY, check_writable, plain_name
from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.probe import FrameSize, Video, probe_video
from vidstyle.media.video.tracks import Track
from vidstyle.options.media import EncodeOptions

_TOLERANCE_S = Fraction(1, 1000)
_DEFAULT = EncodeOptions()


def check_output(path: Path, frame: FrameSize, encode: EncodeOptions = _DEFAULT) -> None:
    """Say what would keep a film from being written to `path`, before any work is done for it.

    Raises
    ------
    UsageError
        The ending is none that a film can be written to, or does not go with the codec.
    OutputError
        The folder is missing or cannot be written, or `path` is a folder.
    EncodeError
        ffmpeg is missing, has no such encoder, or does not take its options.
    """
    codec = codec_of(encode, ending_of(path))
    if CONTAINERS[ending_of(path)].pictures is Pictures.FOLDER:
        check_writable(path.parent / f"{TEMPORARY}place")
    else:
        check_writable(path)
    program = binary()
    if codec.encoder not in encoders(program):
        raise EncodeError(
            f"{quoted(program)} has no encoder {codec.encoder}; set VIDSTYLE_FFMPEG to an ffmpeg that has, or give another "
            "--codec."
        )
    if frame.width < codec.least_width:
        raise EncodeError(
            f"{codec.encoder} takes no picture of {frame.width} x {frame.height} pixels, it must be {codec.least_width} wide; "
            "give a larger --size, or another --codec."
        )
    if encode != _DEFAULT:
        _try(codec, encode, frame)


def _try(codec: Codec, encode: EncodeOptions, frame: FrameSize) -> None:
    """Encode a black picture: hardware that is not there, or an option that is none, is not to be found out at the end."""
    black = ffmpeg.input(f"color=s={frame.width}x{frame.height}:r=25:d=0.2", f="lavfi")
    picture = convert_pixels(black, ColorTags("bt709", "bt709", "bt709", "tv"), codec, encode.bit_depth)
    what = f"encode with {codec.encoder}"
    run(ffmpeg.output(picture, "-", f="null", **encoder_options(codec, encode)), what=what)


def write_film(
    frames: Path,
    output: Path,
    video: Video,
    frame: FrameSize,
    start: int,
    stop: int,
    *,
    encode: EncodeOptions = _DEFAULT,
    note: str = "",
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Write frames [start, stop) of a film, with its sound, to `output` at once.

    What goes along is what `vidstyle.media.encode.stream_plan` says. The same frames give the same bytes.

    Parameters
    ----------
    frames
        Folder of 16-bit RGB pictures, named by their index in the source: `000012.png`.
    output
        File to write; its ending says which container.
    video
        The source.
    frame
        Size and pixel aspect of the pictures.
    start, stop
        Range of frames in the source.
    encode
        Codec, quality and depth.
    note
        What it is to say of how it was made.
    should_stop
        Asked about ten times a second; True gives up.

    Raises
    ------
    EncodeError
        ffmpeg failed, or what it made is not the film it was given.
    Interrupted
        `should_stop` said so.
    """
    name = f"{TEMPORARY}{os.getpid()}-{os.urandom(4).hex()}{output.suffix.lower()}"
    temporary = output.parent / name
    whole = (start, stop) == (0, video.frames)
    ending = ending_of(output)
    codec = codec_of(encode, ending)
    brought = plan_streams(video, ending, whole=whole)
    try:
        if CONTAINERS[ending].pictures is Pictures.FOLDER:
            temporary.mkdir()
        with ExitStack() as stack:
            # ffmpeg-python takes no name that is not UTF-8.
            name_of_film, folder, stills = (
                Path(stack.enter_context(plain_name(path))) for path in (video.path, output.parent, frames)
            )
            # Beside the frames, for it may be as large as they are.
            room = tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=output.parent)
            made_ready = Path(stack.enter_context(plain_name(Path(stack.enter_context(room)))))
            if video.keeps_alpha:
                with_alpha(frames, video, frame, start, stop, made_ready, should_stop=should_stop)
                codec, stills = keeping_alpha(codec), made_ready
            source, options = stack.enter_context(pictures(stills, video, start, stop))
            # The folder may hold more; `-frames:v` instead would end the sound as well.
            painted = ffmpeg.input(source, **options).filter("trim", end_frame=stop - start)
            palette = made_ready / "palette.png" if codec.name == "gif" else None
            if palette:
                stored = convert_pixels(painted, video.color, codec, encode.bit_depth)
                make_palette(stored, palette, transparent=video.keeps_alpha, should_stop=should_stop)
            picture = apply_timing_and_color(
                painted,
                video,
                frame,
                video.offset if whole else Fraction(0),
                codec,
                encode.bit_depth,
                palette,
            )
            film = replace(video, path=name_of_film)
            extras = extras_of(film, start, stop, brought, ending, made_ready, should_stop=should_stop)
            part = Part(start, stop, whole, extras, note)
            arguments = mux_arguments(picture, film, part, folder / name, brought, codec, encode)
            run(arguments, what=f"make {quoted(output)}", should_stop=should_stop)
        if video.variable and ending in {".mkv", ".webm"}:
            drop_default_duration(temporary)
        if ending == ".webp":
            fix_webp_duration(temporary, end_of(video, stop) - video.timestamps[start])
        _check(temporary, output, video, frame, start, stop, brought)
        if temporary.is_file():
            _synced(temporary)
        temporary.replace(output)
    except OSError as exc:
        raise EncodeError(
            f"{quoted(output)} cannot be written: {reason(exc)}; free space or choose another folder."
        ) from exc
    finally:
        with suppress(OSError):
            shutil.rmtree(temporary) if temporary.is_dir() else temporary.unlink()


def _check(
    made: Path, output: Path, video: Video, frame: FrameSize, start: int, stop: int, brought: StreamPlan
) -> None:
    """Reopen what ffmpeg made: it exits with 0 on films that lack half of what they were given."""
    first, sounds = video.timestamps[start], brought.of(Track.AUDIO)
    expected = [time - first for time in video.timestamps[start:stop]]
    if not video.variable:
        expected = [index / video.rate for index in range(stop - start)]
    ending, size = ending_of(output), (frame.width, frame.height)
    try:
        if CONTAINERS[ending].pictures is Pictures.FILM:
            found = _faults(probe_video(made), size, expected, len(sounds))
        else:
            found = verify(made, size, [*expected, end_of(video, stop) - first], ending)
    except InputError as exc:
        raise EncodeError(
            f"{quoted(output)} came out unreadable; free space and run the same command again."
        ) from exc
    if found:
        raise EncodeError(
            f"{quoted(output)} came out with {' and '.join(found)}, so it was thrown away; run the same command again."
        )


def _faults(film: Video, size: tuple[int, int], expected: list[Fraction], sounds: int) -> list[str]:
    faults = {
        f"{film.frames} frames instead of {len(expected)}": film.frames != len(expected),
        f"{film.width} x {film.height} pixels": (film.width, film.height) != size,
        f"{len(film.audio)} audio tracks instead of {sounds}": len(film.audio) != sounds,
        "wrong times": any(
            abs(is_at - due) > _TOLERANCE_S for is_at, due in zip(film.timestamps, expected, strict=False)
        ),
    }
    return [fault for fault, present in faults.items() if present]


def _synced(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
