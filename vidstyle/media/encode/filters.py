"""Frames in ffmpeg's graph: the film's own times and colours, in the pixel format of a codec."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg

from vidstyle.media.encode.codecs import Codec
from vidstyle.media.encode.segment import Segment, timescale
from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.probe import FrameSize

# The scale filter's names of matrices, where they differ from the tag's.
_SCALE_MATRICES = {"bt470bg": "bt470", "bt2020nc": "bt2020"}
_WORKING = "rgb48|rgba64"
# The scale filter takes 16 bits for 8 with a fraction, so that white would be a little less than 256: films
# came out brighter by up to a level.
_AS_EIGHTS = "val*256/257"


@contextmanager
def frame_input(frames: Path, segment: Segment) -> Iterator[tuple[str, dict[str, Any]]]:
    """Provide the frames as an input of ffmpeg, at the film's own times.

    Yields
    ------
    tuple
        What to open, valid inside the `with` block, and the options to open it with.
    """
    video, start = segment.video, segment.start
    if not video.variable:
        pattern = str(frames.absolute()).replace("%", "%%") + "/%06d.png"
        yield pattern, {"f": "image2", "framerate": str(video.rate), "start_number": start}
        return
    # Times are rounded, not durations, so that errors do not add up. In microseconds, as ffmpeg reads them.
    times = [round(time * 1_000_000) for time in (*segment.times, segment.duration)]
    lines = ["ffconcat version 1.0"]
    for index, (begin, end) in enumerate(pairwise(times), start):
        # By default an image has 25 frames per second, and times would be rounded to those.
        lines += [
            f"file frames/{index:06d}.png",
            "option framerate 1000000",
            f"duration {end - begin}us",
        ]
    with tempfile.TemporaryDirectory(prefix="vidstyle-") as folder:
        (Path(folder) / "frames").symlink_to(frames.absolute())
        listing = Path(folder) / "frames.ffconcat"
        listing.write_text("\n".join(lines) + "\n", encoding="ascii")
        yield str(listing), {"f": "concat", "safe": 0, "protocol_whitelist": "file"}


def apply_timing_and_color(
    source: Any, segment: Segment, size: FrameSize, codec: Codec, depth: int, palette: Path | None = None
) -> Any:
    """Give the frames their times, pixel aspect and colours, in a codec's pixel format.

    The tags are written after the conversion, which would otherwise take primaries as a request to convert.
    """
    aspect, ticks = size.pixel_aspect, timescale(segment.video)
    timed = (
        source.filter("settb", f"1/{ticks}")
        # ffmpeg would round a late start to a whole frame.
        .filter("setpts", f"PTS+{round(segment.offset * ticks)}")
        .filter("setsar", sar=f"{aspect.numerator}/{aspect.denominator}", max=65535)
    )
    converted = convert_pixels(timed, segment.video.color, codec, depth)
    if palette is None:
        return converted
    colors = ffmpeg.input(str(palette))
    return ffmpeg.filter([converted, colors], "paletteuse", dither="sierra2_4a", alpha_threshold=128)


def convert_pixels(source: Any, color: ColorTags, codec: Codec, depth: int) -> Any:
    """Convert 16-bit frames to a codec's pixel format, and tag their colours."""
    scale = {"flags": "bicubic+accurate_rnd+full_chroma_int"}
    tags = {"color_primaries": color.primaries, "color_trc": color.transfer, "colorspace": "gbr"}
    if not codec.is_rgb:
        matrix = _SCALE_MATRICES.get(color.matrix, color.matrix)
        scale |= {"out_color_matrix": matrix, "out_range": color.range}
        tags["colorspace"] = color.matrix
    pixels = codec.pixel_formats[depth]
    if not codec.is_rgb or depth < 16:
        # Alpha passes through no matrix. A codec may have 10 bits at any depth.
        rounded = _rounded(10 if pixels.endswith("10le") else 8)
        levels, alpha = rounded if codec.is_rgb else _AS_EIGHTS, rounded
        source = source.filter("format", _WORKING).filter("lutrgb", **dict.fromkeys("rgb", levels), a=alpha)
    return source.filter("scale", **scale).filter("format", pixels).filter("setparams", **tags)


def _rounded(bits: int) -> str:
    """Round a 16-bit level to fewer bits: the filter truncates it otherwise, and then drops zeros only."""
    return f"trunc(val*{2**bits - 1}/65535+0.5)*{2 ** (16 - bits)}"
