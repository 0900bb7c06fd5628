import av
import pytest
from support.clips import H264

from vidstyle.errors import Interrupted
from vidstyle.media.video.damage import Damage, decode_tolerantly, scan


@pytest.fixture
def broken(draw, tmp_path):
    """25 pictures, of which the sixth has lost its packet's bytes."""
    whole = draw("salvage.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", *H264[:-1], 0, "-g", 10)
    data = bytearray(whole.read_bytes())
    with av.open(str(whole)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][5]
    data[packet.pos : packet.pos + packet.size] = bytes(packet.size)
    path = tmp_path / "broken.mp4"
    path.write_bytes(data)
    return path


def test_a_whole_film_has_no_damage(clip):
    left = decode_tolerantly(clip, 0)
    assert left.damage is None
    assert len(left.shown) == 25


def test_a_picture_that_does_not_decode_is_counted_and_its_time_left_out(broken):
    left = decode_tolerantly(broken, 0)
    assert left.damage is not None
    assert (left.damage.pictures, left.damage.left) == (1, 24)
    assert left.damage.at == pytest.approx(5 / 25, abs=0.05)
    gaps = [b.pts - a.pts for a, b in zip(left.shown, left.shown[1:], strict=False)]
    assert max(gaps) == 2 * min(gaps)


def test_what_survives_is_the_same_each_time(broken):
    once, again = ([frame.to_ndarray().tobytes() for frame in scan(broken, 0)] for _ in range(2))
    assert len(once) == 24
    assert once == again


def test_a_wish_to_stop_is_heard(clip):
    with pytest.raises(Interrupted):
        decode_tolerantly(clip, 0, lambda: True)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (Damage(3, 97, 0, 0, 2), "3 of its 100 pictures are lost, from 2.00 s on"),
        (Damage(0, 100, 1, 0, 2), "1 is torn, from 2.00 s on"),
        (Damage(3, 97, 2, 1.5, 2), "3 of its 100 pictures are lost and 2 are torn and its last 1.5 s of pictures or sound are missing, from 2.00 s on"),
    ],
)  # fmt: skip
def test_damage_says_how_much_is_lost(damage, words):
    assert str(damage) == words


def test_a_size_that_changes_is_noted(draw, tmp_path):
    clips = [
        draw(f"salvage-{size}.h264", "-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=0.2", *H264)
        for size in ("64x48", "96x64")
    ]
    (tmp_path / "both.h264").write_bytes(b"".join(clip.read_bytes() for clip in clips))
    assert decode_tolerantly(tmp_path / "both.h264", 0).resized == (96, 64)
    assert decode_tolerantly(clips[0], 0).resized is None
