"""An animated picture is a film with the delays that its pictures have."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from vidstyle.media.video.probe import probe_video

DELAYS_MS = (100, 500, 50, 1000)
PICTURES = [
    Image.fromarray(np.random.default_rng(n).integers(0, 256, (40, 60, 3), np.uint8)) for n in range(4)
]


@pytest.fixture(params=["gif", "webp", "png"])
def animation(request, bench):
    path = bench / f"in.{request.param}"
    PICTURES[0].save(path, save_all=True, append_images=PICTURES[1:], duration=list(DELAYS_MS), loop=0)
    return path.name


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_delays_are_kept(bench, animation, ending):
    bench.painted(animation, "-o", f"out.{ending}")
    film = probe_video(bench / f"out.{ending}")
    assert film.frames == 4
    expected = [Fraction(sum(DELAYS_MS[:n]), 1000) for n in range(4)]
    assert max(abs(a - b) for a, b in zip(film.timestamps, expected, strict=True)) <= Fraction(1, 1000)
    assert abs(film.duration - Fraction(sum(DELAYS_MS), 1000)) <= Fraction(1, 1000) or ending == "mkv"


def test_animation_of_one_frame_is_a_photo(bench):
    PICTURES[0].save(bench / "in.gif")
    bench.painted("in.gif", "-o", "out.png")
    with Image.open(bench / "out.png") as made:
        assert made.size == (60, 40)
