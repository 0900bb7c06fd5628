"""EXIF of a source, made true of its painting, in place: a maker's notes refer to places in the whole block.

A block is a little TIFF file: CIPA DC-008 (EXIF 2.32), 4.5 and 4.6.
"""

import struct
from collections.abc import Iterator

_ORIENTATION, _EXIF_IFD, _WIDTH, _HEIGHT = 0x0112, 0x8769, 0xA002, 0xA003
_THUMBNAIL, _THUMBNAIL_LENGTH = 0x0201, 0x0202
_SHORT, _LONG = 3, 4
PREFIX = b"Exif\0\0"


def for_painting(block: bytes, width: int, height: int) -> bytes:
    """Reset the orientation, drop the thumbnail, which shows the source, and note the size.

    Parameters
    ----------
    block
        EXIF, with or without its prefix.
    width, height
        Size of the painting, in pixels.

    Returns
    -------
    bytes
        EXIF without its prefix; empty where the block is damaged.
    """
    data = bytearray(block.removeprefix(PREFIX))
    try:
        order = {b"II": "<", b"MM": ">"}[bytes(data[:2])]
        first = struct.unpack_from(f"{order}I", data, 4)[0]
        following = _patch(data, order, first, {_ORIENTATION: 1})
        for tag, place in _entries(data, order, first):
            if tag == _EXIF_IFD:
                inner = struct.unpack_from(f"{order}I", data, place + 8)[0]
                _patch(data, order, inner, {_WIDTH: width, _HEIGHT: height})
        if second := struct.unpack_from(f"{order}I", data, following)[0]:
            struct.pack_into(f"{order}I", data, following, 0)
            _blank_thumbnail(data, order, second)
    except (KeyError, struct.error):
        return b""
    return bytes(data)


def _entries(data: bytearray, order: str, start: int) -> Iterator[tuple[int, int]]:
    """Tag and place of each entry of a directory."""
    for index in range(struct.unpack_from(f"{order}H", data, start)[0]):
        place = start + 2 + 12 * index
        yield struct.unpack_from(f"{order}H", data, place)[0], place


def _patch(data: bytearray, order: str, start: int, values: dict[int, int]) -> int:
    """Set numbers that are there, and find where the place of the next directory stands."""
    end = start + 2
    for tag, place in _entries(data, order, start):
        kind, count = struct.unpack_from(f"{order}HI", data, place + 2)
        if tag in values and count == 1 and kind in {_SHORT, _LONG}:
            value = values[tag] if kind == _LONG else min(values[tag], 0xFFFF)
            struct.pack_into(f"{order}{'I' if kind == _LONG else 'H'}", data, place + 8, value)
        end = place + 12
    return end


def _blank_thumbnail(data: bytearray, order: str, start: int) -> None:
    found = {
        tag: struct.unpack_from(f"{order}I", data, place + 8)[0]
        for tag, place in _entries(data, order, start)
    }
    begin = found.get(_THUMBNAIL, 0)
    length = min(found.get(_THUMBNAIL_LENGTH, 0), len(data) - begin)
    if begin and length > 0:
        if begin + length == len(data):
            del data[begin:]
        else:
            data[begin : begin + length] = bytes(length)
