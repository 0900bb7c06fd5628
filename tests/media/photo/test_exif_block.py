import io
import struct

import pytest
from PIL import Image
from support import raw_files as raw

from vidstyle.media.photo.exif_block import PREFIX, adapt_exif

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
def test_exif_of_a_painting_is_upright_with_its_size_and_no_thumbnail(order, behind):
    adapted = adapt_exif(PREFIX + block(order, behind=behind), 320, 240)
    exif = Image.Exif()
    exif.load(adapted)
    inner = exif.get_ifd(0x8769)
    assert exif[0x0112] == 1
    assert (inner[0xA002], inner[0xA003]) == (320, 240)
    assert inner[0x927C] == b"MAKERxyz"
    assert not exif.get_ifd(1)
    assert b"thumbnail" not in adapted
    assert adapted.endswith(behind)


def test_makers_note_keeps_its_offset():
    assert adapt_exif(block(), 1, 1).index(b"MAKERxyz") == block().index(b"MAKERxyz")


@pytest.mark.parametrize(("comment", "kept"), [(b"Oplus_8388608", False), (b"oplus_32", False), (b"", True)])
def test_comment_that_marks_a_film_is_removed(comment, kept):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + comment
    again = Image.Exif()
    again.load(adapt_exif(exif.tobytes(), 8, 8))
    assert (0x9286 in again.get_ifd(0x8769)) is kept


@pytest.mark.parametrize("length", [0, 3, 7, 9, 20, 40])
def test_damaged_exif_is_omitted(length):
    assert adapt_exif(block()[:length], 1, 1) == b""


def test_exif_of_pillow_is_read():
    exif = Image.Exif()
    exif[0x0112] = 3
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", exif=exif)
    adapted = adapt_exif(Image.open(buffer).info["exif"], 8, 8)
    again = Image.Exif()
    again.load(adapted)
    assert dict(again) == {0x0112: 1}


def exif_of(adapted):
    found = Image.Exif()
    found.load(adapted)
    return found


def test_previews_in_any_directory_are_removed():
    jpeg, strip = raw.jpeg(8, 6), b"pixels of a thumbnail"
    inner = {513: (raw.LONG, raw.Data(jpeg)), 514: (raw.LONG, len(jpeg))}
    strips = {273: (raw.LONG, raw.Data(strip)), 279: (raw.LONG, len(strip)), 271: raw.text("Second")}
    adapted = adapt_exif(raw.tiff(raw.CAMERA | inner | {330: (raw.LONG, inner, inner)}, strips), 320, 240)
    assert b"\xff\xd8" not in adapted
    assert strip not in adapted
    assert set(exif_of(adapted)) == {271, 272, 306}
    assert not exif_of(adapted).get_ifd(1)


def test_makers_note_with_a_preview_is_removed():
    note = b"NOTE" + raw.jpeg(8, 6) + b"more"
    adapted = adapt_exif(
        raw.tiff(raw.CAMERA | {34665: (raw.LONG, raw.EXIF | {37500: (raw.UNDEFINED, *note)})}), 8, 6
    )
    assert dict(exif_of(adapted).get_ifd(0x8769)) == {33434: 1 / 250}
    assert b"\xff\xd8" not in adapted
    assert b"more" not in adapted


def test_apples_note_loses_its_live_photo_and_its_gain_map_alone():
    entries = {
        0x01: (raw.LONG, 14), 0x11: raw.text("2F3C-LIVE"), 0x17: (raw.LONG, 8192), 0x21: (raw.RATIONAL, 3, 2),
        0x30: (raw.RATIONAL, 1, 4), 0x2B: raw.text("2F3C-PHOTO"),
    }  # fmt: skip
    block = raw.tiff(entries, signature=b"MM\0*")
    # Its directory comes first, and offsets count from its name.
    start = int.from_bytes(block[4:8], "big")
    moved = bytearray(block[start:] + block[8:start])
    for index in range(6):
        place = 2 + 12 * index
        kind, count, value = struct.unpack_from(">HII", moved, place + 2)
        if {2: 1, 4: 4, 5: 8}[kind] * count > 4:
            struct.pack_into(">I", moved, place + 8, value - 8 + len(block) - start + 14)
    note = b"Apple iOS\0\0\1MM" + bytes(moved)
    adapted = adapt_exif(raw.tiff({34665: (raw.LONG, {37500: (raw.UNDEFINED, *note)})}), 8, 6)
    kept = exif_of(adapted).get_ifd(0x8769)[37500]
    tags = [
        struct.unpack_from(">H", kept, 16 + 12 * i)[0] for i in range(struct.unpack_from(">H", kept, 14)[0])
    ]
    assert tags == [0x01, 0x2B]
    assert b"2F3C-PHOTO" in kept
    assert b"2F3C-LIVE" not in kept


def test_mark_of_xiaomis_film_is_removed():
    adapted = adapt_exif(
        raw.tiff({34665: (raw.LONG, {0x8897: (raw.BYTE, 1), 33434: (raw.RATIONAL, 1, 2)})}), 8, 6
    )
    assert dict(exif_of(adapted).get_ifd(0x8769)) == {33434: 0.5}
