import subprocess
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import ffmpeg
import numpy as np
import pytest

from vidstyle.media.encode.codecs import codec_of
from vidstyle.media.encode.containers import CONTAINERS
from vidstyle.media.encode.ffmpeg import binary
from vidstyle.media.encode.filters import apply_timing_and_color, frame_input
from vidstyle.media.encode.segment import Segment
from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.probe import FrameSize, Video
from vidstyle.options.media import EncodeOptions


def film(*times, rate=Fraction(25), variable=False, offset=Fraction(0), levels="pc"):
    return Video(
        path=Path("/films/-in.mkv"),
        width=64,
        height=48,
        pixel_aspect=Fraction(1),
        rotation=0,
        rate=rate,
        timestamps=tuple(map(Fraction, times)),
        offset=offset,
        variable=variable,
        color=ColorTags("bt709", "bt709", "iec61966-2-1", levels),
        start=Fraction(7, 5),
    )


def test_constant_rates_are_given_as_fractions():
    video = film(*range(13), rate=Fraction(30000, 1001))
    with frame_input(Path("/a%b"), Segment(video, 12, 13)) as (source, options):
        assert source == "/a%%b/%06d.png"
        assert options == {"f": "image2", "framerate": "30000/1001", "start_number": 12}


def test_rounding_of_variable_frame_times_does_not_add_up(tmp_path):
    times = [Fraction(i, 3) + Fraction(i * i, 7) for i in range(100)]
    with frame_input(tmp_path, Segment(film(*times, variable=True), 10, 100)) as (source, _):
        listed = Path(source).read_text()
    durations = [int(line.split()[1][:-2]) for line in listed.splitlines() if line.startswith("duration")]
    for index in range(90):
        assert abs(Fraction(sum(durations[:index]), 10**6) - (times[10 + index] - times[10])) <= Fraction(
            1, 10**6
        )


def filters_of(codec, depth=8, **film_options):
    segment, size = Segment(film(0, 1, **film_options), 0, 2), FrameSize(64, 48, Fraction(483, 484))
    frames = apply_timing_and_color(ffmpeg.input("frames"), segment, size, codec, depth)
    arguments = ffmpeg.get_args(ffmpeg.output(frames, "out"))
    return dict(pairwise(arguments))["-filter_complex"]


def test_graph_converts_to_and_tags_the_sources_colours():
    filters = filters_of(codec_of(EncodeOptions(), CONTAINERS[".mp4"]), offset=Fraction(1, 3))
    assert "out_color_matrix=bt709" in filters
    assert "out_range=pc" in filters
    assert "color_primaries=bt709:color_trc=iec61966-2-1:colorspace=bt709" in filters
    assert "sar=483/484" in filters
    assert "PTS+30000" in filters  # A third of 90,000 ticks.


def test_rgb_codecs_use_no_matrix():
    filters = filters_of(codec_of(EncodeOptions(codec="ffv1", bit_depth=16), CONTAINERS[".mkv"]), 16)
    assert "matrix" not in filters
    assert "format=gbrp16le" in filters.replace("pix_fmts=", "")
    assert "colorspace=gbr" in filters


# Every level of 16 bits, each four times over, so that the chroma of a square of pixels is that of each.
LEVELS = np.arange(65536).reshape(256, 256).repeat(2, axis=0).repeat(2, axis=1)


def converted(tmp_path, name, ending, depth, alpha, pixels, levels="pc"):
    """Samples that an encoder gets of a 16-bit grey image, [planes or channels, ...]."""
    image = np.repeat(LEVELS[..., None], 4 if alpha else 3, axis=-1).astype(np.uint16)
    assert cv2.imwrite(str(tmp_path / "000000.png"), image)
    codec = codec_of(EncodeOptions(codec=name, bit_depth=depth), CONTAINERS[ending])
    codec = codec.with_alpha() if alpha else codec
    assert codec.pixel_formats[depth] == pixels
    segment, size = Segment(film(0, levels=levels), 0, 1), FrameSize(512, 512, Fraction(1))
    with frame_input(tmp_path, segment) as (source, options):
        frames = apply_timing_and_color(ffmpeg.input(source, **options), segment, size, codec, depth)
        command = ffmpeg.output(frames, "pipe:", f="rawvideo", **{"frames:v": 1}).compile(str(binary()))
        found = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(found, np.uint8 if depth == 8 else "<u2").astype(np.float64)


@pytest.mark.parametrize(
    ("name", "ending", "alpha", "pixels", "channels"),
    [
        ("png", "", False, "rgb24", [0, 1, 2]),
        ("png", "", True, "rgba", [0, 1, 2, 3]),
        ("ffv1", ".mkv", False, "bgr0", [0, 1, 2]),
        ("webp", ".webp", True, "bgra", [0, 1, 2, 3]),
    ],
)
def test_levels_are_rounded_to_the_nearest(tmp_path, name, ending, alpha, pixels, channels):
    found = converted(tmp_path, name, ending, 8, alpha, pixels).reshape(512, 512, -1)[..., channels]
    np.testing.assert_array_equal(found, np.rint(LEVELS / 257)[..., None] * np.ones(len(channels)))


def test_levels_of_ten_bits_are_rounded_to_the_nearest(tmp_path):
    found = converted(tmp_path, "ffv1", ".mkv", 10, True, "gbrap10le").reshape(4, 512, 512)
    np.testing.assert_array_equal(found, np.rint(LEVELS / 65535 * 1023)[None] * np.ones((4, 1, 1)))


@pytest.mark.parametrize(
    ("name", "ending", "depth", "pixels"),
    [("vp9", ".webm", 8, "yuva420p"), ("prores", ".mov", 10, "yuva444p10le")],
)
def test_alpha_is_rounded_to_the_nearest(tmp_path, name, ending, depth, pixels):
    alpha = converted(tmp_path, name, ending, depth, True, pixels)[-512 * 512 :].reshape(512, 512)
    np.testing.assert_array_equal(alpha, np.rint(LEVELS / 65535 * (2**depth - 1)))


@pytest.mark.parametrize("depth", [8, 10])
@pytest.mark.parametrize("levels", ["tv", "pc"])
def test_films_are_not_brightened(tmp_path, depth, levels):
    pixels = "yuv420p" if depth == 8 else "yuv420p10le"
    found = converted(tmp_path, "h265", ".mkv", depth, False, pixels, levels)[: 512 * 512].reshape(512, 512)
    black, white = (0, 2**depth - 1) if levels == "pc" else np.array((16, 235)) * 2 ** (depth - 8)
    errors = found - (black + (white - black) * LEVELS / 65535)
    # Eight bits are dithered.
    assert np.abs(errors).max() <= 1.1
    assert abs(errors.mean()) < 0.05
