"""The ffmpeg graph of a film: painted pictures at the film's own times, in its colours, with its sound."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg

from vidstyle.media.probe import FORMATS, Frame, Video

# What each container holds in a way that players know; the rest is made into AAC.
COPIED = {
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
# The scale filter's names for matrices, where they differ from the tag's.
_SCALE_MATRICES = {"bt470bg": "bt470", "bt2020nc": "bt2020"}


@contextmanager
def pictures(frames: Path, video: Video, start: int, stop: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name the frames to ffmpeg, at the film's own times.

    Yields
    ------
    tuple
        What to open, valid inside the `with` block, and the options to open it with.
    """
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
        yield str(listing), {"f": "concat", "safe": 0, "protocol_whitelist": "file"}


def prepared(source: Any, video: Video, frame: Frame, offset: Fraction) -> Any:
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


def joined(picture: Any, video: Video, start: int, stop: int, output: Path, *, whole: bool) -> Any:
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
        copied = whole and codec in COPIED[output.suffix]
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
