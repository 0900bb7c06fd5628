"""EXIF of a photo, corrected for its painting with every offset kept, since a maker's note may use any."""

import struct
from collections.abc import Collection, Iterator

PREFIX = b"Exif\0\0"
_ORIENTATION, _EXIF_IFD, _WIDTH, _HEIGHT, _MAKER_NOTE = 0x0112, 0x8769, 0xA002, 0xA003, 0x927C
_JPEGS = {0x0201: 0x0202, 0x0111: 0x0117, 0x0144: 0x0145}
"""Offsets of a directory's images, as a JPEG, in strips and in tiles, and their lengths."""
_INNER_IFDS, _XIAOMI_FILM = 0x014A, 0x8897
_REMOVED = {*_JPEGS, *_JPEGS.values(), _INNER_IFDS, _XIAOMI_FILM}
"""Entries for images and films that a painting does not have."""
_COMMENT, _OPPO_FILM, _CHARSET_BYTES = 0x9286, b"oplus_", 8
"""The user's comment, in which Oppo and OnePlus mark a photo with a film; its character set comes first."""
_APPLE = b"Apple iOS\0"
_APPLE_REMOVED = {0x0011, 0x0017, 0x0021, 0x0030}
"""Entries of Apple's note: the Live Photo that the photo belongs to, its place there, and its gain map."""
_SHORT, _LONG = 3, 4
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}


def adapt_exif(block: bytes, width: int, height: int) -> bytes:
    """Reset the orientation, set the size, and remove thumbnails and previews, which show the source.

    A maker's note with a preview is removed, since it describes that preview. Links to a Live Photo or to a
    gain map are removed.

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
        _patch(data, order, first, {_ORIENTATION: 1})
        for tag, place in list(_entries(data, order, first)):
            if tag == _EXIF_IFD:
                _adapt_inner(data, order, struct.unpack_from(f"{order}I", data, place + 8)[0], width, height)
            elif tag == _INNER_IFDS:
                for start in _numbers(data, order, place):
                    _blank_images(data, order, start)
        _blank_images(data, order, first)
        following = _remove(data, order, first, _REMOVED)
        if second := struct.unpack_from(f"{order}I", data, following)[0]:
            struct.pack_into(f"{order}I", data, following, 0)
            _blank_images(data, order, second)
    except (KeyError, struct.error):
        return b""
    return bytes(data)


def _adapt_inner(data: bytearray, order: str, start: int, width: int, height: int) -> None:
    """Adapt EXIF's own directory: the size, and the maker's note."""
    _patch(data, order, start, {_WIDTH: width, _HEIGHT: height})
    removed = set(_REMOVED)
    for tag, place in _entries(data, order, start):
        length, note = struct.unpack_from(f"{order}II", data, place + 4)
        if tag == _COMMENT and data[note + _CHARSET_BYTES : note + length].lower().startswith(_OPPO_FILM):
            removed.add(_COMMENT)
        if tag != _MAKER_NOTE or length <= 4:
            continue
        if b"\xff\xd8\xff" in data[note : note + length]:
            data[note : note + length] = bytes(len(data[note : note + length]))
            removed.add(_MAKER_NOTE)
        elif data.startswith(_APPLE, note):
            _adapt_apple(data, note)
    _remove(data, order, start, removed)


def _adapt_apple(data: bytearray, note: int) -> None:
    """Remove the links of Apple's note, whose offsets count from its beginning."""
    order = {b"II": "<", b"MM": ">"}[bytes(data[note + 12 : note + 14])]
    for tag, place in _entries(data, order, note + 14):
        kind, count, value = struct.unpack_from(f"{order}HII", data, place + 2)
        length = _SIZES.get(kind, 1) * count
        if tag in _APPLE_REMOVED and length > 4 and note + value + length <= len(data):
            data[note + value : note + value + length] = bytes(length)
    _remove(data, order, note + 14, _APPLE_REMOVED)


def _entries(data: bytearray, order: str, start: int) -> Iterator[tuple[int, int]]:
    """Iterate over the tag and the offset of each entry of a directory."""
    for index in range(struct.unpack_from(f"{order}H", data, start)[0]):
        place = start + 2 + 12 * index
        yield struct.unpack_from(f"{order}H", data, place)[0], place


def _patch(data: bytearray, order: str, start: int, values: dict[int, int]) -> None:
    """Set numbers that exist."""
    for tag, place in _entries(data, order, start):
        kind, count = struct.unpack_from(f"{order}HI", data, place + 2)
        if tag in values and count == 1 and kind in {_SHORT, _LONG}:
            value = values[tag] if kind == _LONG else min(values[tag], 0xFFFF)
            struct.pack_into(f"{order}{'I' if kind == _LONG else 'H'}", data, place + 8, value)


def _remove(data: bytearray, order: str, start: int, tags: Collection[int]) -> int:
    """Remove entries of a directory, and return the offset of the pointer to the next."""
    found = list(_entries(data, order, start))
    kept = [bytes(data[place : place + 12]) for tag, place in found if tag not in tags]
    end = start + 2 + 12 * len(found)
    pointer = bytes(data[end : end + 4])
    if len(kept) == len(found) or len(pointer) < 4:
        return end
    body = struct.pack(f"{order}H", len(kept)) + b"".join(kept) + pointer
    data[start : end + 4] = body.ljust(end + 4 - start, b"\0")
    return start + len(body) - 4


def _numbers(data: bytearray, order: str, place: int) -> tuple[int, ...]:
    """Read the whole numbers of an entry."""
    kind, count = struct.unpack_from(f"{order}HI", data, place + 2)
    layout = f"{order}{min(count, len(data))}{'H' if kind == _SHORT else 'I'}"
    inside = struct.calcsize(layout) <= 4
    offset = place + 8 if inside else struct.unpack_from(f"{order}I", data, place + 8)[0]
    return struct.unpack_from(layout, data, offset)


def _blank_images(data: bytearray, order: str, start: int) -> None:
    """Blank the images of a directory; one at the end of the block is cut off."""
    found = {
        tag: _numbers(data, order, place)
        for tag, place in _entries(data, order, start)
        if tag in {*_JPEGS, *_JPEGS.values()}
    }
    for starts, lengths in _JPEGS.items():
        for begin, length in zip(found.get(starts, ()), found.get(lengths, ()), strict=False):
            end = min(begin + length, len(data))
            if 8 <= begin < end == len(data):
                del data[begin:]
            elif 8 <= begin < end:
                data[begin:end] = bytes(end - begin)
