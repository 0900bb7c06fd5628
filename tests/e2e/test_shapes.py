"""The shape that is shown is kept: wide pixels, odd sizes, and what becomes odd by resizing."""

from fractions import Fraction

import pytest

from vidstyle.media.video.probe import probe_video


@pytest.mark.parametrize(
    ("size", "aspect", "longer"),
    [
        ("64x48", "4/3", "full"),
        ("161x121", "1", "full"),
        ("160x121", "1", 101),
        ("176x144", "128/117", 90),
        ("90x160", "8/9", 63),
        ("31x17", "1", "full"),
    ],
)
def test_shape_that_is_shown_is_kept(bench, size, aspect, longer):
    source = f"testsrc=s={size}:r=25:d=0.12,setsar={aspect}:max=1000"
    drawn = bench.draw("in.mkv", "-f", "lavfi", "-i", source, "-c:v", "ffv1")
    bench.painted("in.mkv", "-o", "out.mp4", "--size", longer)
    made = probe_video(bench / "out.mp4")
    width, height = map(int, size.split("x"))
    assert (probe_video(drawn).width, probe_video(drawn).height) == (width, height)
    assert made.width % 2 == made.height % 2 == 0
    assert Fraction(made.width, made.height) * made.pixel_aspect == pytest.approx(
        width / height * Fraction(aspect), rel=1e-4
    )
    if longer != "full":
        assert max(made.width, made.height) <= longer
