import pytest

from vidstyle.media.glance import Glance, glance, is_moment


def test_a_films_header_tells_its_size_and_length(short):
    found = glance(short)
    assert (found.width, found.height, found.frames) == (48, 32, 6)
    assert found.seconds == pytest.approx(0.2, abs=0.05)


def test_what_is_no_film_says_nothing(tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"no film")
    assert glance(tmp_path / "x.mp4") == Glance()
    assert not is_moment(tmp_path / "x.mp4")


def test_a_few_seconds_are_a_moment(draw):
    long = draw("long.mp4", "-f", "lavfi", "-i", "color=red:s=16x16:r=5:d=8", "-c:v", "libx264")
    marked = draw(
        "marked.mov", "-i", long, "-c", "copy", "-movflags", "use_metadata_tags",
        "-metadata", "com.apple.quicktime.content.identifier=ABC",
    )  # fmt: skip
    assert not is_moment(long)
    assert is_moment(marked)
