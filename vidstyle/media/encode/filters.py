"""The pictures of a film in ffmpeg's graph: at the film's own times, in its colours, in the shape that a codec takes."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg

from vidstyle.media.encode.codecs import Codec
from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.probe import FrameSize, Video

# The scale filter's names for matrices, where they differ from the tag's.
_SCALE_MATRICES = {"bt470bg": "bt470", "bt2020nc": "bt2020"}

_LONG_S = 2000

_WORKING = "rgb48|rgba64"
# The scale filter takes 16 bits for 8 with a fraction, so that white would be 256 less a little: films came out brighter by
# up to a level.
_AS_EIGHTS = "val*256/257"


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
    times = [*video.timestamps[start:stop], end_of(video, stop)]
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


def apply_timing_and_color(
    source: Any,
    video: Video,
    frame: FrameSize,
    offset: Fraction,
    codec: Codec,
    depth: int,
    palette: Path | None = None,
) -> Any:
    """Colours, shape of pixels and time of the pictures.

    The tags are written after the conversion, which would otherwise take primaries for a wish to convert.
    """
    color, aspect = video.color, frame.pixel_aspect
    ticks = timescale(video)
    timed = (
        source.filter("settb", f"1/{ticks}")
        # ffmpeg would round a late start to a whole frame.
        .filter("setpts", f"PTS+{round(offset * ticks)}")
        .filter("setsar", sar=f"{aspect.numerator}/{aspect.denominator}", max=65535)
    )
    picture = convert_pixels(timed, color, codec, depth)
    if palette is None:
        return picture
    colours = ffmpeg.input(str(palette))
    return ffmpeg.filter([picture, colours], "paletteuse", dither="sierra2_4a", alpha_threshold=128)


def convert_pixels(source: Any, color: ColorTags, codec: Codec, depth: int) -> Any:
    """Bring pictures into the shape that a codec takes."""
    into = {"flags": "bicubic+accurate_rnd+full_chroma_int"}
    tags = {"color_primaries": color.primaries, "color_trc": color.transfer, "colorspace": "gbr"}
    if not codec.is_rgb:
        matrix = _SCALE_MATRICES.get(color.matrix, color.matrix)
        into |= {"out_color_matrix": matrix, "out_range": color.range}
        tags["colorspace"] = color.matrix
    pixels = codec.formats[depth]
    if not codec.is_rgb or depth < 16:
        # No matrix takes part in what is transparent. ProRes has 10 bits at any depth.
        rounded = _rounded(10 if pixels.endswith("10le") else 8)
        levels, alpha = rounded if codec.is_rgb else _AS_EIGHTS, rounded
        source = source.filter("format", _WORKING).filter("lutrgb", **dict.fromkeys("rgb", levels), a=alpha)
    return source.filter("scale", **into).filter("format", pixels).filter("setparams", **tags)


def _rounded(bits: int) -> str:
    """Level of 16 bits as one of which so many are kept: the filter cuts off, or rounds, nothing but zeros then."""
    return f"trunc(val*{2**bits - 1}/65535+0.5)*{2 ** (16 - bits)}"


def timescale(video: Video) -> int:
    """Count the ticks a second that hold the rate exactly, and a start to 11 microseconds."""
    if video.variable:
        longest = max(later - earlier for earlier, later in pairwise([*video.timestamps, video.duration]))
        # MP4 counts how long a picture stays in 31 bits.
        return 1_000_000 if longest < _LONG_S else 10_000
    return video.rate.numerator * -(-90_000 // video.rate.numerator)


def end_of(video: Video, stop: int) -> Fraction:
    """Second at which the last of the pictures before `stop` ends."""
    return video.timestamps[stop] if stop < video.frames else video.duration
