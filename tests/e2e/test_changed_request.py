"""Frames of another request are not used: another style, other settings, or a changed input."""

import numpy as np
import pytest
from PIL import Image


def change_style(bench):
    Image.fromarray(np.full((40, 40, 3), 90, np.uint8)).save(bench / "starry.png")


def change_size(_bench):
    return "--size", "32"


def change_weight(_bench):
    return "--style-weight", "2"


def change_range(_bench):
    return "--end", "20f"


def change_cuts(_bench):
    return "--cuts", "auto"


def add_style(bench):
    Image.fromarray(np.full((40, 40, 3), 90, np.uint8)).save(bench / "more.png")
    return "--style", "more.png"


def change_input(bench):
    data = (bench / "in.mp4").read_bytes()
    (bench / "in.mp4").write_bytes(data.replace(b"Lavf", b"Lavg"))  # A letter of its tags.


@pytest.mark.parametrize(
    "change", [change_style, change_size, change_weight, change_range, change_cuts, add_style, change_input]
)
def test_frames_of_another_request_are_not_used(bench, film, change):
    bench.stopped_before_encoding(film, "-o", "out.mp4")
    assert bench.journal == 25
    words = change(bench) or ()
    assert True not in bench.resumed(film, "-o", "out.mp4", *words)


def test_frames_of_the_same_request_are_used_whatever_it_is_called(bench, film):
    bench.stopped_before_encoding(film, "-o", "out.mp4")
    (bench / "in.mp4").rename(bench / "other.mp4")
    (bench / "starry.png").rename(bench / "s.png")
    assert (
        bench.paint("other.mp4", "-o", "another.mp4", "--style", "s.png").code == 1
    )  # Two styles, one of them gone.
    (bench / "s.png").rename(bench / "starry.png")
    assert bench.resumed("other.mp4", "-o", "another.mp4") == [True] * 25
