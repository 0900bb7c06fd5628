"""Headers of RAW files: kind of the file, size of its photo, and EXIF."""

import io
import struct
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from vidstyle.media.photo.tiff_directories import SIGNATURES, Directory, Tiff

RAW_ENDINGS = frozenset({
    *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq", ".kdc", ".mef"),
    *(".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"),
})  # fmt: skip
"""Endings of RAW files of all makers."""
_TIFF_LIKE = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0")
"""First bytes of Olympus' and Panasonic's TIFFs, whose first directory has the sensor's data."""
_FUJIFILM, _CANON = b"FUJIFILMCCD-RAW", b"ftypcrx "
# Minolta, Sigma, and Canon's first.
_OTHERS = (b"\0MRM", b"FOVb", b"II\x1a\0\0\0HEAPCCDR")
_EXIF, _GPS, _MAKER_NOTE, _INTEROPERABILITY = 0x8769, 0x8825, 0x927C, 0xA005
_PIXELS_X, _PIXELS_Y = 0xA002, 0xA003
_XMP, _IPTC, _IPTC_RESOURCE = 700, 33723, 0x0404
# Description, camera, orientation, resolution, date, artist, rating, copyright, and what Windows notes.
_KEPT = (270, 271, 272, 274, 282, 283, 296, 305, 306, 315, 18246, 18249, 33432, *range(40091, 40096))
_BORDERS = (4, 5, 6, 7)
"""Top, left, bottom and right of a Panasonic photo on its sensor."""
_CROPPED = 0x111
"""Fujifilm's height and width of the photo."""


def is_raw(path: Path) -> bool:
    """Tell whether a readable file holds the data of a sensor, by its content; a TIFF's ending counts too."""
    with path.open("rb") as file:
        head = file.read(16)
        if head.startswith((*_TIFF_LIKE, _FUJIFILM, *_OTHERS)) or head[4:12] == _CANON:
            return True
        if not head.startswith(SIGNATURES):
            return False
        if path.suffix.lower() in RAW_ENDINGS or head[8:10] == b"CR":
            return True
        return any(each.is_sensor_data for each in Tiff(file).all)


def read_tiff(data: bytes) -> Tiff | None:
    """Read the directories of a RAW file that is a TIFF; None for any other."""
    return Tiff(io.BytesIO(data)) if data.startswith((*SIGNATURES, *_TIFF_LIKE)) else None


def sensor_directories(data: bytes, tiff: Tiff) -> list[Directory]:
    """List the directories of a RAW file that have the sensor's data."""
    found = [each for each in tiff.all if each.is_sensor_data]
    return [*found, *tiff.pages[:1]] if data.startswith(_TIFF_LIKE) else found


def raw_size(data: bytes, exif: bytes) -> tuple[int, int] | None:
    """Read the stored (width, height) of a RAW photo from its headers; None where they do not have it."""
    sizes: list[tuple[int, int]] = []
    try:
        if data.startswith(_FUJIFILM):
            sizes.append(_fujifilm_size(data))
        if data[4:12] == _CANON:
            sizes.append(_canon_size(data))
        if tiff := read_tiff(data):
            sizes += [_tiff_size(each) for each in sensor_directories(data, tiff)]
        if not any(map(min, sizes)) and exif:
            inner = _loaded(exif).get_ifd(_EXIF)
            sizes.append((int(inner.get(_PIXELS_X, 0)), int(inner.get(_PIXELS_Y, 0))))
    except (OSError, ValueError, TypeError, KeyError, SyntaxError, struct.error):
        return None
    return max((size for size in sizes if min(size) > 0), default=None)


def raw_exif(data: bytes) -> bytes:
    """Collect the EXIF of a RAW file, without what describes the sensor's data; empty where there is none."""
    made = Image.Exif()
    try:
        if data[4:12] == _CANON:
            blocks = _canon_blocks(data)
            main, inner = (
                _loaded(blocks[b"CMT1"]),
                {
                    _EXIF: dict(_loaded(blocks.get(b"CMT2", b""))),
                    _GPS: dict(_loaded(blocks.get(b"CMT4", b""))),
                },
            )
        elif data.startswith((*SIGNATURES, *_TIFF_LIKE)):
            main = _loaded((b"II*\0" if data[:2] == b"II" else b"MM\0*") + data[4:])
            inner = {tag: main.get_ifd(tag) for tag in (_EXIF, _GPS)}
        else:
            return b""
        for tag in _KEPT:
            if tag in main:
                made[tag] = main[tag]
        for tag, values in inner.items():
            if kept := _without_sensor(values):
                made[tag] = kept
        return made.tobytes() if len(made) else b""
    except (OSError, ValueError, TypeError, KeyError, SyntaxError, struct.error):
        return b""  # Too damaged to be taken over.


def raw_packets(data: bytes) -> dict[str, Any]:
    """Read XMP and IPTC of a RAW file that is a TIFF, by Pillow's names, as far as it has them."""
    found: dict[str, Any] = {}
    if not data.startswith((*SIGNATURES, *_TIFF_LIKE)):
        return found
    try:
        main = _loaded((b"II*\0" if data[:2] == b"II" else b"MM\0*") + data[4:])
    except (OSError, ValueError, TypeError, KeyError, SyntaxError, struct.error):
        return found
    if isinstance(xmp := main.get(_XMP), bytes):
        found["xmp"] = xmp
    if isinstance(iptc := main.get(_IPTC), bytes):
        found["photoshop"] = {_IPTC_RESOURCE: iptc}
    return found


def _loaded(block: bytes) -> Image.Exif:
    found = Image.Exif()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # What is damaged is omitted.
        found.load(block)
        for tag in found:
            found.get(tag)  # Decoded only now.
        for tag in (_EXIF, _GPS):
            found.get_ifd(tag)
    return found


def _without_sensor(values: Mapping[int, Any]) -> dict[int, Any]:
    """Omit the maker's note, which describes the sensor's data and has previews of its own."""
    return {tag: value for tag, value in values.items() if tag not in {_MAKER_NOTE, _INTEROPERABILITY}}


def _tiff_size(directory: Directory) -> tuple[int, int]:
    top, left, bottom, right = (directory.first(tag) for tag in _BORDERS)
    return (right - left, bottom - top) if min(bottom, right) > 0 else directory.size


def _fujifilm_size(data: bytes) -> tuple[int, int]:
    place, sizes = struct.unpack_from(">I", data, 92)[0], {}
    count = struct.unpack_from(">I", data, place)[0]
    place += 4
    for _ in range(min(count, 256)):
        tag, length = struct.unpack_from(">HH", data, place)
        if length == 4:
            sizes[tag] = struct.unpack_from(">HH", data, place + 4)
        place += 4 + length
    height, width = sizes.get(_CROPPED) or sizes.get(0x100) or (0, 0)
    return width, height


def _canon_size(data: bytes) -> tuple[int, int]:
    """Find the largest size of a CR3's tracks."""
    header = next((content for name, content in _boxes(data) if name == b"moov"), b"")
    sizes, place = [(0, 0)], header.find(b"CRAW")
    while 0 <= place <= len(header) - 32:
        sizes.append(struct.unpack_from(">HH", header, place + 28))
        place = header.find(b"CRAW", place + 4)
    return max(sizes)


def _canon_blocks(data: bytes) -> dict[bytes, bytes]:
    """Read the blocks of EXIF in a CR3, by their names."""
    header = next((content for name, content in _boxes(data) if name == b"moov"), b"")
    return {
        name: content
        for kind, inside in _boxes(header)
        if kind == b"uuid"
        for name, content in _boxes(inside[16:])
        if name.startswith(b"CMT")
    }


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Iterate over the name and the content of each box (ISO/IEC 14496-12, 4.2)."""
    place = 0
    while place + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, place)
        head = 8
        if size == 1 and place + 16 <= len(data):
            size, head = struct.unpack_from(">Q", data, place + 8)[0], 16
        end = place + size if size else len(data)
        if end < place + head:
            return
        yield name, data[place + head : end]
        place = end
