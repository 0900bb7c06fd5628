import av.error
import pytest

from vidstyle.errors import ProbeError
from vidstyle.media.video.header import Header, is_live_photo_video, open_header, read_header


def test_header_has_size_and_length(short):
    found = read_header(short)
    assert (found.width, found.height, found.frames) == (48, 32, 6)
    assert found.seconds == pytest.approx(0.2, abs=0.05)


def test_header_of_another_file_is_empty(tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"text")
    assert read_header(tmp_path / "x.mp4") == Header()
    assert not is_live_photo_video(tmp_path / "x.mp4")


def test_header_is_opened_or_the_fault_is_named(short, tmp_path):
    assert open_header(short) == read_header(short)
    (tmp_path / "x.mp4").write_bytes(b"text")
    with pytest.raises(av.error.InvalidDataError):
        open_header(tmp_path / "x.mp4")


def test_header_of_a_file_that_crashes_is_empty(short, monkeypatch):
    def crash(path):
        raise ProbeError(f"{path} crashes the library that reads it.")

    monkeypatch.setattr("vidstyle.media.video.header.open_header", crash)
    assert read_header(short) == Header()


MARK = ("-movflags", "use_metadata_tags", "-metadata", "com.apple.quicktime.content.identifier=ABC")


@pytest.mark.parametrize("ending", ["mov", "mp4"])
def test_tagged_video_is_of_a_live_photo(draw, ending):
    long = draw("long.mp4", "-f", "lavfi", "-i", "color=red:s=16x16:r=5:d=8", "-c:v", "libx264")
    assert is_live_photo_video(draw(f"marked.{ending}", "-i", long, "-c", "copy", *MARK))
    assert not is_live_photo_video(draw(f"plain.{ending}", "-i", long, "-c", "copy"))


def test_short_mov_is_of_a_live_photo(draw, short):
    assert is_live_photo_video(draw("short.mov", "-i", short, "-c", "copy"))
    assert not is_live_photo_video(short)
