import os
import subprocess
import sys
from dataclasses import replace

import pytest

from vidstyle.errors import DecodeError
from vidstyle.media.video.opencv_decoder import OpenCVDecoder
from vidstyle.media.video.probe import probe_video


def count_frames(path):
    decoder = OpenCVDecoder(probe_video(path))
    count = 0
    while decoder.grab():
        count += 1
    decoder.release()
    return count


def test_odd_names_are_read(clip, tmp_path):
    for name in (
        b"50%d.mp4",
        b"clip7.mp4",
        b"a:b.mp4",
        b"new\nline.mp4",
        b"\xff\xfe.mp4",
        b"x" * 251 + b".mp4",
    ):
        path = tmp_path / os.fsdecode(name)
        path.write_bytes(clip.read_bytes())
        assert count_frames(path) == 25


def test_codec_that_it_has_no_decoder_for_is_noticed_before_a_frame_is_grabbed(draw, clip):
    picture = "color=0x6432c8:s=64x64:r=25:d=0.2"
    av1 = draw("in.mp4", "-f", "lavfi", "-i", picture, "-c:v", "libaom-av1", "-cpu-used", 8, "-crf", 10)
    for path, decodes in ((clip, True), (av1, False)):
        decoder = OpenCVDecoder(probe_video(path))
        assert decoder.decodes is decodes
        decoder.release()


def test_list_that_replaced_the_video_is_not_followed(clip, tmp_path):
    path = tmp_path / "video.mp4"
    path.write_text(f"ffconcat version 1.0\nfile {clip.name}\n")
    (tmp_path / clip.name).write_bytes(clip.read_bytes())
    with pytest.raises(DecodeError, match=r"video\.mp4' cannot be opened"):
        OpenCVDecoder(replace(probe_video(clip), path=path))


def test_reading_prints_nothing(clip, variable):
    program = (
        "import sys; from pathlib import Path\n"
        "from vidstyle.media.geometry import FrameSize\n"
        "from vidstyle.media.video.probe import probe_video\n"
        "from vidstyle.media.video.reader import VideoReader\n"
        "for name in sys.argv[1:]:\n"
        "    with VideoReader(probe_video(Path(name)), FrameSize(64, 48, 1)) as reader:\n"
        "        assert list(reader)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, clip, variable], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
