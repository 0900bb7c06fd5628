import pytest

from vidstyle.media.video.header import Header, is_live_photo_video, read_header


def test_a_films_header_tells_its_size_and_length(short):
    found = read_header(short)
    assert (found.width, found.height, found.frames) == (48, 32, 6)
    assert found.seconds == pytest.approx(0.2, abs=0.05)


def test_what_is_no_film_says_nothing(tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"no film")
    assert read_header(tmp_path / "x.mp4") == Header()
    assert not is_live_photo_video(tmp_path / "x.mp4")


MARK = ("-movflags", "use_metadata_tags", "-metadata", "com.apple.quicktime.content.identifier=ABC")


@pytest.mark.parametrize("ending", ["mov", "mp4"])
def test_a_film_that_is_marked_as_a_moment_is_one(draw, ending):
    long = draw("long.mp4", "-f", "lavfi", "-i", "color=red:s=16x16:r=5:d=8", "-c:v", "libx264")
    assert is_live_photo_video(draw(f"marked.{ending}", "-i", long, "-c", "copy", *MARK))
    assert not is_live_photo_video(draw(f"plain.{ending}", "-i", long, "-c", "copy"))


def test_a_few_seconds_are_a_moment_in_the_container_of_phones(draw, short):
    assert is_live_photo_video(draw("short.mov", "-i", short, "-c", "copy"))
    assert not is_live_photo_video(short)
