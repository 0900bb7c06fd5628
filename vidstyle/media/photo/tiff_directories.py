"""Directories of a TIFF (revision 6.0, and BigTIFF), each of which describes one of its images."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""First bytes of a TIFF, in either order of bytes; `+` is BigTIFF."""
CFA, LINEAR_RAW = 32803, 34892
"""Photometric interpretations of sensor data: a colour filter array, and demosaiced."""
_KIND, _OLD_KIND, _WIDTH, _HEIGHT, _PHOTOMETRIC, _SUBDIRECTORIES = 254, 255, 256, 257, 262, 330
_CROP_SIZE = 50720
"""Size of a DNG's photo, without the margins of its sensor."""
_REDUCED, _MASK, _OLD_REDUCED = 1, 4, 2
_MAX_DIRECTORIES, _MAX_VALUES, _MAX_BYTES = 4096, 1 << 20, 64
_FORMATS = {1: "B", 3: "H", 4: "I", 5: "II", 6: "b", 8: "h", 9: "i", 10: "ii", 13: "I", 16: "Q", 18: "Q"}
_LENGTHS = {kind: struct.calcsize(f"<{name}") for kind, name in _FORMATS.items()}
# Tags that describe the photo, not how an image is stored: a full-size image inherits them from the first.
_DESCRIPTIVE = (270, 271, 272, 274, 282, 283, 296, 305, 306, 315, 700, 33432, 33723, 34665, 34675, 34853)


@dataclass(frozen=True)
class Directory:
    """Directory of a TIFF."""

    entries: dict[int, bytes]
    """Each tag's entry as it is stored."""
    numbers: dict[int, tuple[float, ...]]
    """Numbers of each tag that has some."""

    def first(self, tag: int, default: int = 0) -> int:
        """Get a tag's first number."""
        return int(self.numbers.get(tag, (default,))[0])

    @property
    def is_reduced(self) -> bool:
        """True where its image is a smaller version of another."""
        return bool(self.first(_KIND) & _REDUCED) or self.first(_OLD_KIND) == _OLD_REDUCED

    @property
    def is_mask(self) -> bool:
        """True where its image is the transparency of another."""
        return bool(self.first(_KIND) & _MASK)

    @property
    def is_sensor_data(self) -> bool:
        """True where its image is sensor data, which has to be developed."""
        return self.first(_PHOTOMETRIC) in {CFA, LINEAR_RAW}

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its image; zeros where they are missing."""
        crop = self.numbers.get(_CROP_SIZE, ())
        if len(crop) == 2 and min(crop) >= 1:
            return int(crop[0]), int(crop[1])
        return self.first(_WIDTH), self.first(_HEIGHT)

    @property
    def stored_ranges(self) -> list[tuple[int, int]]:
        """Begin and end of each strip or tile."""
        return [
            (int(begin), int(begin + length))
            for starts, lengths in ((273, 279), (324, 325))
            for begin, length in zip(
                self.numbers.get(starts, ()), self.numbers.get(lengths, ()), strict=False
            )
        ]


class Tiff:
    """Directories of a TIFF that is read from an open file; damaged ones are omitted."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.seek(0)
        head = file.read(16).ljust(16, b"\0")
        self._order = ">" if head[:2] == b"MM" else "<"
        # Cameras have numbers of their own in place of the 42 of a TIFF.
        self._big = head[2:4] in {b"+\0", b"\0+"}
        self._seen: set[int] = set()
        start = struct.unpack_from(f"{self._order}{'Q' if self._big else 'I'}", head, 8 if self._big else 4)[
            0
        ]
        self.pages: list[Directory] = []
        """Directories of the file's own sequence."""
        self.inner: list[Directory] = []
        """Directories that others refer to."""
        while start and (found := self._read(start)):
            directory, start = found
            self.pages.append(directory)
        for page in (*self.pages, *self.inner):  # The second grows along the way.
            self._add_inner(page)

    @property
    def all(self) -> Sequence[Directory]:
        """Every directory."""
        return (*self.pages, *self.inner)

    def full_size(self) -> Directory | None:
        """Find the directory of the full-size image where the first is a reduced one; None where it is not.

        A page of its own comes first, then the largest of the inner ones.
        """
        if not self.pages or not self.pages[0].is_reduced:
            return None
        whole = [page for page in self.pages if is_whole(page)]
        inner = [each for each in self.inner if is_whole(each)]
        largest = max(inner, key=lambda each: each.size[0] * each.size[1], default=None)
        return whole[0] if whole else largest

    def beginning_with(self, data: bytes, chosen: Directory) -> bytes:
        """Copy the file so that a directory comes first, and has the photo's description from the first."""
        entries = {tag: entry for tag, entry in chosen.entries.items() if tag != _SUBDIRECTORIES}
        for tag in _DESCRIPTIVE:
            if tag not in entries and tag in self.pages[0].entries:
                entries[tag] = self.pages[0].entries[tag]
        count, pointer = ("Q", "Q") if self._big else ("H", "I")
        place = len(data) + len(data) % 2
        body = struct.pack(f"{self._order}{count}", len(entries))
        body += b"".join(entries[tag] for tag in sorted(entries)) + bytes(8 if self._big else 4)
        start = struct.pack(f"{self._order}{pointer}", place)
        signature = data[:8] if self._big else (b"MM\0*" if self._order == ">" else b"II*\0")
        return (
            signature
            + start
            + data[len(signature) + len(start) :].ljust(place - 8 - 8 * self._big, b"\0")
            + body
        )

    def _add_inner(self, directory: Directory) -> None:
        for start in directory.numbers.get(_SUBDIRECTORIES, ()):
            if found := self._read(int(start)):
                self.inner.append(found[0])

    def _read(self, start: int) -> tuple[Directory, int] | None:
        """Read a directory and the offset of the next; None where there is none, or it was read before."""
        if start in self._seen or len(self._seen) >= _MAX_DIRECTORIES:
            return None
        self._seen.add(start)
        try:
            count = self._unpack(start, "Q" if self._big else "H")[0]
            head, size = (8, 20) if self._big else (2, 12)
            if count > _MAX_DIRECTORIES:
                return None
            entries, numbers = {}, {}
            for place in range(start + head, start + head + count * size, size):
                tag, kind, length = self._unpack(place, "HHQ" if self._big else "HHI")
                entries[tag] = self._bytes(place, size)
                if found := self._numbers(place, kind, length):
                    numbers[tag] = found
            following = self._unpack(start + head + count * size, "Q" if self._big else "I")[0]
        except (struct.error, OverflowError, OSError):
            return None
        return Directory(entries, numbers), following

    def _numbers(self, place: int, kind: int, count: int) -> tuple[float, ...]:
        """Read the numbers of an entry; none where it has text or bytes, or is damaged."""
        if kind not in _FORMATS or not 0 < count <= (_MAX_VALUES if kind > 1 else _MAX_BYTES):
            return ()
        inside, offset = (8, place + 12) if self._big else (4, place + 8)
        if _LENGTHS[kind] * count > inside:
            offset = self._unpack(offset, "Q" if self._big else "I")[0]
        try:
            found = self._unpack(offset, _FORMATS[kind] * count)
        except (struct.error, OverflowError):
            return ()
        if len(_FORMATS[kind]) == 2:
            return tuple(
                top / bottom if bottom else 0 for top, bottom in zip(*[iter(found)] * 2, strict=True)
            )
        return tuple(found)

    def _unpack(self, offset: int, names: str) -> tuple[int, ...]:
        layout = struct.Struct(self._order + names)
        return layout.unpack(self._bytes(offset, layout.size))

    def _bytes(self, offset: int, count: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(count)


def is_whole(directory: Directory) -> bool:
    """Tell whether a directory is of a page: a full-size image that can be read as it is."""
    return not (directory.is_reduced or directory.is_mask or directory.is_sensor_data)


def count_pages(tiff: Tiff) -> int:
    """Count the pages of a TIFF: smaller versions and masks of a page are not counted."""
    return sum(map(is_whole, tiff.pages))
