"""A descent that explodes never leaves a black or noisy frame: it falls back, or fails by name."""

import numpy as np
import pytest
from PIL import Image

from vidstyle.media.video.probe import fit, probe_video
from vidstyle.media.video.reader import VideoReader

QUICK = (
    "--painter",
    "vgg",
    "--device",
    "cpu",
    "--precision",
    "float32",
    "--first-iterations",
    3,
    "--iterations",
    2,
)


def likeness(one, other):
    """Correlation of two pictures' numbers."""
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


@pytest.mark.parametrize(
    "words",
    [
        ("--optimizer", "adam", "--learning-rate", 1e30),
        ("--optimizer", "adam", "--learning-rate", 1),
        ("--style-weight", 1e30),
        ("--content-weight", 1e38, "--style-weight", 1e38),
        ("--temporal-weight", 1e30, "--tv-weight", 1e25),
    ],
)
def test_descent_that_explodes_leaves_no_output(bench, words):
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[8:40, 10:30], picture[4:20, 40:60] = (200, 60, 30), (40, 220, 90)
    Image.fromarray(picture).save(bench / "photo.png")
    outcome = bench.paint("photo.png", "-o", "out.png", *QUICK, *words)
    if outcome.code:
        assert outcome.code in {1, 2}
        assert "not a number" in outcome.err or "--learning-rate" in outcome.err
        assert not (bench / "out.png").exists()
        return
    painted = np.asarray(Image.open(bench / "out.png"))
    assert 5 < painted.mean() < 250
    assert likeness(painted, picture) > 0.5


def test_film_whose_descent_explodes_is_no_ruined_film(bench, short):
    words = (short, "-o", "out.mkv", "--end", "3f", *QUICK, "--optimizer", "adam", "--learning-rate", 1)
    outcome = bench.paint(*words)
    if outcome.code:
        assert "exploded" in outcome.err
        assert not (bench / "out.mkv").exists()
        return
    films = []
    for path in (short, bench / "out.mkv"):
        video = probe_video(path)
        with VideoReader(
            video, fit(video.width, video.height, video.pixel_aspect, None, even=True), 0, 3
        ) as reader:
            films.append(np.array(list(reader)))
    assert likeness(films[0], films[1]) > 0.5
