"""Numbered images are a film where that is asked for: a gap is named, and a single photo stays a photo."""

import numpy as np
import pytest
from PIL import Image

from vidstyle.media.video.probe import probe_video


@pytest.fixture
def numbered(bench):
    """Make one image per number, whose red encodes the number."""

    def make(numbers, pattern="frames/%04d.png"):
        (bench / "frames").mkdir(exist_ok=True)
        for number in numbers:
            Image.fromarray(np.full((48, 64, 3), (number % 256, 80, 80), np.uint8)).save(
                bench / (pattern % number)
            )

    return make


@pytest.mark.parametrize("words", [("frames/%04d.png",), ("frames", "--sequence")])
def test_sequence_that_begins_at_100_is_whole(bench, numbered, words):
    numbered(range(100, 106))
    bench.painted(*words, "--sequence-fps", "24", "-o", "out.mkv")
    film = probe_video(bench / "out.mkv")
    assert (film.frames, film.rate) == (6, 24)


@pytest.mark.parametrize("words", [("frames/%04d.png",), ("frames", "--sequence")])
def test_gap_is_named(bench, numbered, words):
    numbered([1, 2, 3, 5, 6])
    sentence = bench.refused(*words, "-o", "out.mp4")
    assert "4" in sentence.replace("0004", "4").replace(".mp4", "")


def test_photo_takes_no_neighbour_along(bench, numbered):
    numbered([7, 8, 9], "photo%d.png")
    bench.painted("photo8.png", "-o", "out.png")
    image = np.asarray(Image.open(bench / "out.png").convert("RGB"))
    assert image[20, 20].tolist() == [8, 80, 80]
    assert not list(bench.folder.glob("*.mp4"))
