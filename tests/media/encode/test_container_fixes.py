import zlib
from itertools import pairwise

import av
import pytest


@pytest.mark.parametrize("ending", [".mkv", ".webm"])
def test_variable_rate_has_no_default_duration(variable, copy, ending):
    result = copy(variable, f"out{ending}")
    with av.open(str(result)) as container:
        stream = container.streams.video[0]
        shown = sorted(packet.pts * packet.time_base for packet in container.demux(stream) if packet.size)
        # ffmpeg's own guess, from the pictures: between the slowest and the fastest of them.
        gaps = [after - before for before, after in pairwise(shown)]
        assert 1 / max(gaps) <= stream.average_rate <= 1 / min(gaps)
    data = result.read_bytes()
    assert b"\x23\xe3\x83" not in data[:4096]


def test_checksum_of_tracks_is_updated(variable, copy):
    data = copy(variable, "out.mkv").read_bytes()
    tracks = b"\x16\x54\xae\x6b"
    place = (
        data.index(tracks, data.index(tracks) + 4) + 4
    )  # What comes first is its entry in a list of what lies where.
    width = 9 - data[place].bit_length()
    size = int.from_bytes(data[place : place + width]) - (1 << 7 * width)
    content = data[place + width : place + width + size]
    assert content[:2] == b"\xbf\x84"
    assert int.from_bytes(content[2:6], "little") == zlib.crc32(content[6:])
