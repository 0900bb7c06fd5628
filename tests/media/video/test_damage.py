from dataclasses import replace
from itertools import pairwise

import av
import pytest
from support.clips import H264

from vidstyle.media.video.damage import decode_tolerantly, scan, scan_isolated
from vidstyle.media.video.video import Damage


@pytest.fixture
def broken(draw, tmp_path):
    """25 frames, of which the sixth has lost its packet's bytes."""
    intact = draw("intact.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", *H264[:-1], 0, "-g", 10)
    data = bytearray(intact.read_bytes())
    with av.open(str(intact)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][5]
    data[packet.pos : packet.pos + packet.size] = bytes(packet.size)
    path = tmp_path / "broken.mp4"
    path.write_bytes(data)
    return path


def test_intact_video_has_no_damage(clip):
    report = scan(clip, 0)
    assert report.damage is None
    assert len(report.times) == 25


def test_frame_that_does_not_decode_is_counted_and_leaves_a_gap(broken):
    report = scan(broken, 0)
    assert report.damage is not None
    assert (report.damage.lost, report.damage.decoded) == (1, 24)
    assert report.damage.at_s == pytest.approx(5 / 25, abs=0.05)
    gaps = [b.pts - a.pts for a, b in pairwise(report.times)]
    assert max(gaps) == 2 * min(gaps)


def test_frames_left_are_the_same_each_time(broken):
    once, again = ([frame.to_ndarray().tobytes() for frame in decode_tolerantly(broken, 0)] for _ in range(2))
    assert len(once) == 24
    assert once == again


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (Damage(3, 97, 0, 0, 2), "3 of its 100 frames are lost, from 2.00 s on"),
        (Damage(0, 100, 1, 0, 2), "1 is corrupt, from 2.00 s on"),
        (Damage(0, 100, 0, 1.5, 2), "its last 1.5 s of video or audio are missing, from 2.00 s on"),
        (
            Damage(3, 97, 2, 1.5, 2),
            (
                "3 of its 100 frames are lost and 2 are corrupt "
                "and its last 1.5 s of video or audio are missing, from 2.00 s on"
            ),
        ),
    ],
)
def test_damage_describes_the_losses(damage, words):
    assert str(damage) == words


def test_change_of_size_is_reported(draw, tmp_path):
    clips = [
        draw(f"part-{size}.h264", "-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=0.2", *H264)
        for size in ("64x48", "96x64")
    ]
    (tmp_path / "both.h264").write_bytes(b"".join(clip.read_bytes() for clip in clips))
    assert scan(tmp_path / "both.h264", 0).other_size == (96, 64)
    assert scan(clips[0], 0).other_size is None


def test_report_of_the_child_process_lacks_the_first_frame_only(broken):
    report = scan(broken, 0)
    assert scan_isolated(broken, 0) == replace(report, first=None)
    assert report.first is not None
