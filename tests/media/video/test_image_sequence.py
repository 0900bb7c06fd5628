from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from vidstyle.errors import DecodeError, InputError
from vidstyle.media.video.image_sequence import is_sequence_pattern, list_sequence, probe_sequence
from vidstyle.media.video.probe import fit
from vidstyle.media.video.reader import VideoReader


@pytest.fixture
def frames(tmp_path):
    """Write images whose level is their number."""

    def make(*names):
        for name in names:
            number = int("".join(c for c in name if c.isdigit()) or 0)
            Image.new("RGB", (40, 30), (number, number, number)).save(tmp_path / name)
        return tmp_path

    return make


def names(stills):
    return [still.name for still in stills]


def test_name_of_an_existing_file_is_not_a_pattern(frames):
    folder = frames("50%d.png", "a1.png")
    assert is_sequence_pattern(folder / "a%d.png")
    assert is_sequence_pattern(folder / "a*.png")
    assert not is_sequence_pattern(folder / "50%d.png")
    assert not is_sequence_pattern(folder / "a1.png")


def test_files_are_in_numerical_order(frames):
    folder = frames("f8.png", "f9.png", "f10.png", "f11.png")
    assert names(list_sequence(folder / "f%d.png")) == ["f8.png", "f9.png", "f10.png", "f11.png"]
    assert names(list_sequence(folder / "f*.png")) == ["f8.png", "f9.png", "f10.png", "f11.png"]
    assert names(list_sequence(folder)) == ["f8.png", "f9.png", "f10.png", "f11.png"]


def test_files_that_do_not_match_the_pattern_are_ignored(frames):
    folder = frames("f0100.png", "f0101.png", "f7.png", "g0102.png", "f0102.jpg")
    assert names(list_sequence(folder / "f%04d.png")) == ["f0100.png", "f0101.png"]
    assert names(list_sequence(folder / "f?10[01].png")) == ["f0100.png", "f0101.png"]


def test_numbers_may_outgrow_their_width(frames):
    assert names(list_sequence(frames("f98.png", "f99.png", "f100.png") / "f%02d.png")) == [
        "f98.png",
        "f99.png",
        "f100.png",
    ]


@pytest.mark.parametrize(
    ("present", "pattern", "words"),
    [
        (("f1.png", "f2.png", "f4.png"), "f%d.png", "has a gap: number 3 is missing after 'f2.png'|f2.png"),
        (("f1.png", "f5.png"), "f%d.png", "number 2 to 4 is missing"),
        (("f1.png",), "g%d.png", "No image matches"),
        (("f1.png", "g1.png"), "*.png", "the same number"),
        (("cover.png", "f1.png"), "*.png", "has no number"),
    ],
)
def test_faulty_sequence_is_refused_by_name(frames, present, pattern, words):
    with pytest.raises(InputError, match=words):
        list_sequence(frames(*present) / pattern)


def test_sequence_is_probed_and_read_as_video(frames):
    folder = frames(*(f"f{i:03}.png" for i in range(100, 110)))
    stills = list_sequence(folder / "f%03d.png")
    video = probe_sequence(folder / "f%03d.png", stills, Fraction(24000, 1001))
    assert (video.width, video.height, video.frames, video.rate) == (40, 30, 10, Fraction(24000, 1001))
    with VideoReader(video, fit(40, 30, Fraction(1), None, even=True), 3, 6) as reader:
        assert [round(float(image[0, 0, 0]) * 255) for image in reader] == [103, 104, 105]


def test_image_of_another_size_or_empty_file_is_refused_by_name(frames):
    folder = frames("f1.png", "f2.png")
    for spoil, words in (
        (lambda path: Image.new("RGB", (8, 8)).save(path), "changes its size"),
        (Path.touch, "f2.png"),
    ):
        (folder / "f2.png").unlink()
        spoil(folder / "f2.png")
        video = probe_sequence(folder, list_sequence(folder), Fraction(24))
        with (
            pytest.raises((DecodeError, InputError), match=words),
            VideoReader(video, fit(40, 30, Fraction(1), None, even=True)) as reader,
        ):
            list(reader)
