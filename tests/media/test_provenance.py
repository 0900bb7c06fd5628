import numpy as np
import pytest

from vidstyle.media.encode.mux import film_note
from vidstyle.media.photo.writer import write_photo
from vidstyle.media.provenance import read_note

NOTE = "vidstyle 1.2: vidstyle 'in put.mp4' --style \u00e9.jpg"
IMAGE = np.full((8, 8, 3), 0.5, np.float32)


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_photo_keeps_its_note(tmp_path, ending):
    write_photo(tmp_path / f"a.{ending}", IMAGE, note=NOTE)
    assert read_note(tmp_path / f"a.{ending}") == NOTE


def test_note_is_replaced_by_the_next(tmp_path):
    write_photo(tmp_path / "a.png", IMAGE, note="vidstyle 0: old")
    write_photo(tmp_path / "b.png", IMAGE, like=tmp_path / "a.png", note=NOTE)
    assert read_note(tmp_path / "b.png") == NOTE


def test_stripped_photo_has_no_note(tmp_path):
    write_photo(tmp_path / "a.png", IMAGE, note=NOTE, strip=True)
    assert read_note(tmp_path / "a.png") is None


@pytest.mark.parametrize("output", ["out.mp4", "out.mkv", "out.mov", "out.webm"])
def test_video_keeps_its_note(copy, short, output):
    assert read_note(copy(short, output, note=NOTE)) == NOTE


def test_other_videos_and_containers_without_a_tag_have_no_note(short):
    assert read_note(short) is None
    assert list(film_note(NOTE, None)) == []
    assert list(film_note("", "synopsis")) == []
    assert list(film_note(NOTE, "comment", ["Comment"])) == []
