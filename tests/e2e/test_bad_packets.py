"""Bad packets in the midst of a film do not end it: it is refused, or goes on after them with its timing."""

import random
from fractions import Fraction

import av
import numpy as np
import pytest
from support.clips import H264

from vidstyle.media.video.probe import fit, probe_video
from vidstyle.media.video.reader import VideoReader

SOURCE = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=4", "-f", "lavfi", "-i", "sine=d=4")
CODECS = {
    "h264.mp4": (*H264, "-g", 25),
    "h264.mkv": (*H264, "-g", 25),
    "h264.ts": (*H264, "-g", 25),
    "mpeg4.mp4": ("-c:v", "mpeg4", "-q:v", 4, "-g", 25),
    "mjpeg.mov": ("-c:v", "mjpeg", "-q:v", 4),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-cpu-used", 8, "-g", 25),
}


def noise(data, size):
    """Bytes that mean nothing, but leave the packet its head."""
    return bytes(data[:4]) + random.Random(3).randbytes(size - 4)


def zeros(_data, size):
    return bytes(size)


@pytest.fixture
def broken(bench, draw):
    """Spoil packets [50, 53) of a film of 100 pictures."""

    def make(name, spoil):
        whole = draw(f"bad-{name}", *SOURCE, *CODECS[name])
        data = bytearray(whole.read_bytes())
        with av.open(str(whole)) as container:
            packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
        for pos, size in packets[50:53]:
            data[pos : pos + size] = spoil(data[pos : pos + size], size)
        (bench / name).write_bytes(data)
        return name

    return make


def pictures(path):
    video = probe_video(path)
    with VideoReader(video, fit(video.width, video.height, video.pixel_aspect, None, even=True)) as reader:
        return video, list(reader)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [(name, spoil) for place, name in enumerate(CODECS) for spoil in (noise, zeros)[place % 2 :: 2]],
)
def test_bad_packets_are_refused_and_where_they_are_allowed_the_timing_is_kept(
    bench, draw, broken, name, spoil
):
    path = broken(name, spoil)
    sentence = bench.refused(path, begun=True)
    assert sentence.startswith(f"'{name}' is damaged: ")
    assert sentence.endswith("repair it, or paint what is left with --allow-damaged.")
    bench.painted(path, "--allow-damaged", "-o", "out.mkv")
    whole, there = pictures(draw(f"bad-{name}", *SOURCE, *CODECS[name]))
    left, made = pictures(bench / "out.mkv")
    assert 50 <= left.frames <= 100
    # Each picture that is left is where it was, to the millisecond that Matroska counts in.
    places = [round(time * 25) for time in left.timestamps]
    assert max(
        abs(time - Fraction(place, 25)) for time, place in zip(left.timestamps, places, strict=True)
    ) <= Fraction(1, 1000)
    intact = [np.abs(made[n] - there[place]).mean() < 0.05 for n, place in enumerate(places)]
    assert sum(intact[:49]) == 49
    # After the next key frame all is well again.
    after = [fine for fine, place in zip(intact, places, strict=True) if place >= 76]
    assert len(after) == 24 or name.endswith(("webm", "mkv", "ts"))
    assert all(after)
    assert whole.frames == 100
