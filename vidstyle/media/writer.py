"""Puts painted frames, the source's sound and what else belongs to a film together, checks the result, publishes it."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg

from vidstyle.errors import EncodeError, InputError, UsageError, quoted, reason
from vidstyle.media.ffmpeg import binary, encoders, run
from vidstyle.media.files import TEMPORARY, check_place
from vidstyle.media.probe import FORMATS, Frame, Video, probe_video

# What each container holds in a way that players know; the rest is made into AAC.
_COPIED = {
    ".mp4": {"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac", "mp2"},
    ".mov": {
        "aac",
        "mp3",
        "ac3",
        "eac3",
        "alac",
        "pcm_s16le",
        "pcm_s16be",
        "pcm_s24le",
        "pcm_s24be",
        "pcm_f32le",
    },
    ".mkv": {
        "aac",
        "mp3",
        "ac3",
        "eac3",
        "alac",
        "opus",
        "flac",
        "mp2",
        "vorbis",
        "dts",
        "truehd",
        "wavpack",
        "tta",
    }
    | {"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_s16be", "pcm_s24be", "pcm_f32le", "pcm_f64le"},
}
_TOLERANCE_S = Fraction(1, 1000)
# The scale filter's names for matrices, where they differ from the tag's.
_SCALE_MATRICES = {"bt470bg": "bt470", "bt2020nc": "bt2020"}


def check_output(path: Path) -> None:
    """Say what would keep a film from being written to `path`, before any work is done for it.

    Raises
    ------
    UsageError
        The ending is none that a film can be written to.
    OutputError
        The folder is missing or cannot be written, or `path` is a folder.
    EncodeError
        ffmpeg is missing, or has no encoder for H.264.
    """
    if path.suffix.lower() not in _COPIED:
        raise UsageError(f"{quoted(path)} has no ending of a film; write to .mp4, .mov or .mkv.")
    check_place(path)
    program = binary()
    if "libx264" not in encoders(program):
        raise EncodeError(
            f"{quoted(program)} has no encoder libx264; set VIDSTYLE_FFMPEG to an ffmpeg that has."
        )


def write_film(
    frames: Path,
    output: Path,
    video: Video,
    frame: Frame,
    start: int,
    stop: int,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Write frames [start, stop) of a film, with its sound, to `output` at once.

    The whole film keeps every audio track bit for bit where the container can hold it, and its chapters; a part gets
    its sound cut to match, as AAC. The same frames give the same bytes.

    Parameters
    ----------
    frames
        Folder of 16-bit RGB pictures, named by their index in the source: `000012.png`.
    output
        File to write, ending in .mp4, .mov or .mkv.
    video
        The source.
    frame
        Size and pixel aspect of the pictures.
    start, stop
        Range of frames in the source.
    should_stop
        Asked about ten times a second; True gives up.

    Raises
    ------
    EncodeError
        ffmpeg failed, or what it made is not the film it was given.
    Interrupted
        `should_stop` said so.
    """
    temporary = output.parent / f"{TEMPORARY}{os.getpid()}-{os.urandom(4).hex()}{output.suffix.lower()}"
    whole = (start, stop) == (0, video.frames)
    try:
        with _pictures(frames, video, start, stop) as (source, options):
            picture = _prepared(
                # The folder may hold more; `-frames:v` instead would end the sound as well.
                ffmpeg.input(source, **options).filter("trim", end_frame=stop - start),
                video,
                frame,
                video.offset if whole else Fraction(0),
            )
            graph = _joined(picture, video, start, stop, temporary, whole=whole)
            run(graph, what=f"make {quoted(output)}", should_stop=should_stop)
        _check(temporary, output, video, frame, start, stop)
        _synced(temporary)
        temporary.replace(output)
    except OSError as exc:
        raise EncodeError(
            f"{quoted(output)} cannot be written: {reason(exc)}; free space or choose another folder."
        ) from exc
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def _pictures(frames: Path, video: Video, start: int, stop: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name the frames to ffmpeg, at the film's own times."""
    if not video.variable:
        pattern = str(frames.absolute()).replace("%", "%%") + "/%06d.png"
        yield pattern, {"f": "image2", "framerate": str(video.rate), "start_number": start}
        return
    times = [*video.timestamps[start:stop], _end(video, stop)]
    # Rounded as moments, not as durations, so that the error does not add up. In microseconds, as ffmpeg reads them.
    moments = [round((time - times[0]) * 1_000_000) for time in times]
    lines = ["ffconcat version 1.0"]
    for index, (begin, end) in enumerate(pairwise(moments), start):
        # A picture has the times of 25 frames a second unless told, and moments would be rounded to those.
        lines += [f"file frames/{index:06d}.png", "option framerate 1000000", f"duration {end - begin}us"]
    with tempfile.TemporaryDirectory(prefix="vidstyle-") as folder:
        (Path(folder) / "frames").symlink_to(frames.absolute())
        listing = Path(folder) / "frames.ffconcat"
        listing.write_text("\n".join(lines) + "\n", encoding="ascii")
        yield str(listing), {"f": "concat", "protocol_whitelist": "file"}


def _prepared(source: Any, video: Video, frame: Frame, offset: Fraction) -> Any:
    """Colours, shape of pixels and time of the pictures.

    The tags are written after the conversion, which would otherwise take primaries for a wish to convert.
    """
    color, aspect = video.color, frame.pixel_aspect
    matrix = _SCALE_MATRICES.get(color.matrix, color.matrix)
    ticks = _timescale(video)
    return (
        source.filter(
            "scale",
            out_color_matrix=matrix,
            out_range=color.range,
            flags="bicubic+accurate_rnd+full_chroma_int",
        )
        .filter("format", "yuv420p")
        .filter(
            "setparams", color_primaries=color.primaries, color_trc=color.transfer, colorspace=color.matrix
        )
        .filter("setsar", sar=f"{aspect.numerator}/{aspect.denominator}", max=65535)
        # ffmpeg would round a late start to a whole frame.
        .filter("settb", f"1/{ticks}")
        .filter("setpts", f"PTS+{round(offset * ticks)}")
    )


def _timescale(video: Video) -> int:
    """Ticks a second that hold the rate exactly, and a start to 11 microseconds."""
    if video.variable:
        return 1_000_000
    return video.rate.numerator * -(-90_000 // video.rate.numerator)


def _joined(picture: Any, video: Video, start: int, stop: int, output: Path, *, whole: bool) -> Any:
    """Put the pictures and what the source has beside them into one output."""
    ticks = _timescale(video)
    options: dict[str, Any] = {
        "c:v": "libx264",
        "crf": 16,
        "preset": "medium",
        "fps_mode": "passthrough",
        "enc_time_base": f"1:{ticks}",
        "map_metadata": 1,
        "map_chapters": 1 if whole else -1,
        # No versions, no dates: the same frames give the same bytes.
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
        "flags:a": "+bitexact",
    }
    if output.suffix != ".mkv":
        options |= {"movflags": "+faststart", "video_track_timescale": ticks}
    for track, codec in enumerate(video.audio):
        copied = whole and codec in _COPIED[output.suffix]
        options[f"c:a:{track}"] = "copy" if copied else "aac"
    begin = video.offset + video.timestamps[start]
    if video.audio and not whole:
        length = _end(video, stop) - video.timestamps[start]
        # Silence where a track starts late or ends early, so that all of it lies under the pictures.
        options["af"] = (
            f"atrim=start={_seconds(begin)}:end={_seconds(begin + length)},asetpts=PTS-({_seconds(begin)})/TB,"
            f"aresample=async=1:first_pts=0,apad=whole_dur={_seconds(length)}"
        )
    # `copyts` and this shift put the source's clock where `Video.offset` has its zero, whatever the container.
    source = ffmpeg.input(
        str(video.path.absolute()),
        itsoffset=_seconds(-video.start),
        protocol_whitelist="file",
        format_whitelist=FORMATS,
    )
    # Mapped even where there is none (`?`), because ffmpeg-python leaves out an input that gives no stream, and its
    # metadata are wanted.
    return ffmpeg.output(picture, source["a?"], str(output), **options).global_args("-copyts")


def _end(video: Video, stop: int) -> Fraction:
    return video.timestamps[stop] if stop < video.frames else video.duration


def _seconds(time: Fraction) -> str:
    return f"{float(time):.6f}"


def _check(made: Path, output: Path, video: Video, frame: Frame, start: int, stop: int) -> None:
    """Reopen what ffmpeg made: it exits with 0 on films that lack half of what they were given."""
    try:
        film = probe_video(made)
    except InputError as exc:
        raise EncodeError(
            f"{quoted(output)} came out unreadable; free space and run the same command again."
        ) from exc
    first = video.timestamps[start]
    expected = [time - first for time in video.timestamps[start:stop]]
    if not video.variable:
        expected = [index / video.rate for index in range(stop - start)]
    faults = {
        f"{film.frames} frames instead of {stop - start}": film.frames != stop - start,
        f"{film.width} x {film.height} pixels": (film.width, film.height) != (frame.width, frame.height),
        f"{len(film.audio)} audio tracks instead of {len(video.audio)}": len(film.audio) != len(video.audio),
        "wrong times": any(
            abs(is_at - due) > _TOLERANCE_S for is_at, due in zip(film.timestamps, expected, strict=False)
        ),
    }
    if found := [fault for fault, present in faults.items() if present]:
        raise EncodeError(
            f"{quoted(output)} came out with {' and '.join(found)}, so it was thrown away; run the same command again."
        )


def _synced(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
