import io
import struct

import pytest
from PIL import Image

from vidstyle.media.photo.exif import PREFIX, for_painting

THUMBNAIL = b"\xff\xd8thumbnail\xff\xd9"


def block(order="<", *, behind=b""):
    """EXIF with an orientation, an inner directory with the size and a maker's note, and a thumbnail."""
    short = lambda tag, value: struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0)  # noqa: E731
    long = lambda tag, value: struct.pack(f"{order}HHII", tag, 4, 1, value)  # noqa: E731
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    second = 8 + 2 + 24 + 4
    inner = second + 2 + 24 + 4
    thumbnail = inner + 2 + 36 + 4 + 8
    data = (
        head
        + struct.pack(f"{order}H", 2)
        + short(0x0112, 6)
        + long(0x8769, inner)
        + struct.pack(f"{order}I", second)
    )
    data += struct.pack(f"{order}H", 2) + long(0x0201, thumbnail) + long(0x0202, len(THUMBNAIL)) + bytes(4)
    note = struct.pack(f"{order}HHII", 0x927C, 7, 8, inner + 2 + 36 + 4)
    data += (
        struct.pack(f"{order}H", 3) + note + long(0xA002, 4000) + short(0xA003, 3000) + bytes(4) + b"MAKERxyz"
    )
    return data + THUMBNAIL + behind


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("behind", [b"", b"more"])
def test_a_painting_is_upright_has_its_own_size_and_no_thumbnail(order, behind):
    made = for_painting(PREFIX + block(order, behind=behind), 320, 240)
    exif = Image.Exif()
    exif.load(made)
    inner = exif.get_ifd(0x8769)
    assert exif[0x0112] == 1
    assert (inner[0xA002], inner[0xA003]) == (320, 240)
    assert inner[0x927C] == b"MAKERxyz"
    assert not exif.get_ifd(1)
    assert b"thumbnail" not in made
    assert made.endswith(behind)


def test_a_makers_note_stays_where_it_was():
    assert for_painting(block(), 1, 1).index(b"MAKERxyz") == block().index(b"MAKERxyz")


@pytest.mark.parametrize("length", [0, 3, 7, 9, 20, 40])
def test_a_damaged_block_is_left_out(length):
    assert for_painting(block()[:length], 1, 1) == b""


def test_what_pillow_writes_is_read():
    exif = Image.Exif()
    exif[0x0112] = 3
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", exif=exif)
    made = for_painting(Image.open(buffer).info["exif"], 8, 8)
    again = Image.Exif()
    again.load(made)
    assert dict(again) == {0x0112: 1}
