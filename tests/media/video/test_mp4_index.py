import struct

import pytest
from support.clips import H264

from vidstyle.errors import ProbeError
from vidstyle.media.video.header import Header, read_header
from vidstyle.media.video.mp4_index import check_sample_count
from vidstyle.media.video.probe import kind_of, probe_video

MANY = 30_000_000
FRAMES = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.6", *H264)


def claiming(path, source, *changes):
    """Copy a video, and change numbers in the boxes of its index: box, offset from its name, number."""
    data = bytearray(source.read_bytes())
    for box, place, number in changes:
        at = data.index(box) + place
        data[at : at + 4] = struct.pack(">I", number)
    path.write_bytes(data)
    return path


@pytest.fixture
def video(draw):
    return draw("indexed.mp4", *FRAMES)


@pytest.fixture
def fragments(draw):
    return draw("fragments.mp4", *FRAMES, "-movflags", "+frag_keyframe+empty_moov+default_base_moof")


def test_intact_videos_pass(video, fragments, clip, draw):
    audio = draw("pcm.mov", "-f", "lavfi", "-i", "sine=d=30", "-c:a", "pcm_s16le")
    for path in (video, fragments, clip, audio, draw("other.mkv", *FRAMES)):
        check_sample_count(path)


def test_audio_that_is_mostly_cut_off_passes(draw, tmp_path):
    audio = draw("pcm.mp4", "-f", "lavfi", "-i", "sine=d=30", "-c:a", "pcm_s16le", "-movflags", "+faststart")
    (tmp_path / "cut.mp4").write_bytes(audio.read_bytes()[:20_000])
    check_sample_count(tmp_path / "cut.mp4")


@pytest.mark.parametrize("number", [MANY, 2**32 - 1])
def test_samples_of_one_size_are_counted_though_they_take_no_byte(video, tmp_path, number):
    path = claiming(tmp_path / "in.mp4", video, (b"stsz", 8, 1), (b"stsz", 12, number))
    size = path.stat().st_size
    words = rf"in\.mp4' is too large to open safely: its index counts {number} samples in {size} bytes"
    for use in (check_sample_count, kind_of, probe_video):
        with pytest.raises(ProbeError, match=words):
            use(path)
    assert read_header(path) == Header()


@pytest.mark.parametrize("flags", [1, 0x201])
def test_samples_of_a_fragment_are_counted(fragments, tmp_path, flags):
    path = claiming(tmp_path / "in.mp4", fragments, (b"trun", 4, flags), (b"trun", 8, MANY))
    with pytest.raises(ProbeError, match=f"counts {MANY} samples"):
        check_sample_count(path)


def test_audio_that_claims_endless_chunks_is_counted(draw, tmp_path):
    audio = draw("short.mov", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "pcm_s16le")
    path = claiming(tmp_path / "in.mov", audio, (b"stsz", 12, 2**32 - 1), (b"stsc", 16, 2**32 - 1))
    with pytest.raises(ProbeError, match="too large to open safely"):
        check_sample_count(path)


def test_endlessly_nested_boxes_pass(tmp_path):
    nested = b""
    for _ in range(3000):
        nested = struct.pack(">I", len(nested) + 8) + b"moov" + nested
    for name, data in (("in.mp4", nested), ("short.mp4", b"\0\0\0\1moov"), ("none.mp4", b"\0\0\0\3free")):
        (tmp_path / name).write_bytes(data)
        check_sample_count(tmp_path / name)
