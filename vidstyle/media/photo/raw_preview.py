"""Previews in RAW files: the images that a camera embeds next to the data of its sensor."""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from vidstyle.media.photo.raw_headers import read_tiff, sensor_directories
from vidstyle.media.photo.tiff_directories import Directory, Tiff

_FULL_SIZE = 0.9
"""Least share of the photo's longer side that a full-size preview has: a sensor has margins."""
_MAX_BYTES_PER_PIXEL = 4
"""Bytes per pixel that no RAW file exceeds: where its size is unknown, a smaller preview is a thumbnail."""
_FRAMES = {0xC0, 0xC1, 0xC2}
"""Markers of frames of an image: baseline, extended, progressive. Sensor data is in lossless frames."""
_JPEG, _NEW_JPEG = 6, 7
"""Compressions of a TIFF, whose data is found as a JPEG of its own."""


class Preview(NamedTuple):
    """Embedded image."""

    width: int
    height: int
    offset: int | None
    """Where it begins, as a JPEG; None for uncompressed pixels of a TIFF."""


def find_preview(data: bytes) -> Preview | None:
    """Find the largest image in a RAW file that is not sensor data; None where there is none."""
    tiff = read_tiff(data)
    sensor = sensor_directories(data, tiff) if tiff else []
    excluded = [each for directory in sensor for each in directory.stored_ranges]
    found = [Preview(*each) for each in _jpegs(data, excluded)]
    if tiff and (bitmap := _bitmap(data, tiff)):
        found.append(Preview(*bitmap.size, None))
    return max(found, key=lambda each: each.width * each.height, default=None)


def read_preview(path: Path, preview: Preview) -> bytes:
    """Read a preview as a file of its own, of which it is the first image."""
    if preview.offset is not None:
        with path.open("rb") as file:
            file.seek(preview.offset)
            return file.read()
    data = path.read_bytes()
    tiff = read_tiff(data)
    bitmap = _bitmap(data, tiff) if tiff else None
    return tiff.beginning_with(data, bitmap) if tiff and bitmap else b""


def _bitmap(data: bytes, tiff: Tiff) -> Directory | None:
    """Find the largest image of RGB that is not a JPEG."""
    sensor = sensor_directories(data, tiff)
    found = [
        each
        for each in tiff.all
        if each not in sensor and each.first(262) == 2 and each.first(259) not in {_JPEG, _NEW_JPEG}
    ]
    return max(found, key=lambda each: each.size[0] * each.size[1], default=None)


def is_full_size(preview: Preview, size: tuple[int, int] | None, file_bytes: int) -> bool:
    """Tell whether a preview has the size of the photo, or where that is unknown, is not a thumbnail."""
    if size is None:
        return preview.width * preview.height * _MAX_BYTES_PER_PIXEL >= file_bytes
    return max(preview.width, preview.height) >= _FULL_SIZE * max(size)


def _jpegs(data: bytes, excluded: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Iterate over the width, height and offset of each JPEG, except in the excluded ranges."""
    place = data.find(b"\xff\xd8\xff")
    while place >= 0:
        if not any(begin <= place < end for begin, end in excluded) and (size := _jpeg_size(data, place)):
            yield *size, place
        place = data.find(b"\xff\xd8\xff", place + 3)


def _jpeg_size(data: bytes, place: int) -> tuple[int, int] | None:
    """Read the size of a JPEG of 8 bits; None where it is not one."""
    place += 2
    while place + 12 <= len(data):
        mark, kind, length = struct.unpack_from(">BBH", data, place)
        if mark != 0xFF or length < 2:
            return None
        if kind in _FRAMES:
            depth, height, width, channels = struct.unpack_from(">BHHB", data, place + 4)
            valid = depth == 8 and channels in {1, 3} and length == 8 + 3 * channels and width and height
            return (width, height) if valid else None
        # Tables, application data, comments, the interval of restarts.
        if not (0xE0 <= kind <= 0xEF or kind in {0xC4, 0xDB, 0xDD, 0xFE}):
            return None
        place += 2 + length
    return None
