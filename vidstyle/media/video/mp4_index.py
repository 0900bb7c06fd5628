"""Sample counts of an MP4 or QuickTime file, checked before a library allocates memory for them.

A sample of such a file may be declared without a byte of its own: five kilobytes can claim a hundred million
samples, and FFmpeg allocates an entry of 24 bytes or more for each when it opens the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vidstyle.errors import ProbeError, quoted

_CONTAINER_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"}
_FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"sidx", b"moof"}
_MAX_DEPTH = 6
_PER_SAMPLE = 0xF00
"""Flags of a fragment that describes each of its samples: duration, size, flags, or time offset."""
_BLOCK = 1024
"""Samples per entry that FFmpeg keeps of audio whose samples are all alike."""


@dataclass
class _Track:
    """Samples that a track declares."""

    audio: bool = False
    alike: bool = False
    """Whether each sample lasts one tick."""
    count: int = 0
    """Samples of one size, which take no byte of the index."""
    chunks: int = 0
    longest: int = 0
    """Samples of the longest chunk."""

    @property
    def claimed(self) -> int:
        """Entries that FFmpeg allocates for it."""
        if self.audio and self.alike:
            return self.chunks * (self.longest // _BLOCK)
        return self.count


def check_sample_count(path: Path) -> None:
    """Refuse a video that claims more samples than it has bytes.

    Raises
    ------
    ProbeError
        It claims more.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        claimed = _count_claimed(file, size)
    if claimed > size:
        raise ProbeError(
            f"{quoted(path)} is too large to open safely: its index counts {claimed} samples in {size} "
            "bytes; repair it first."
        )


def _count_claimed(file: BinaryIO, size: int) -> int:
    """Count the samples that are declared without a byte of their own."""
    claimed, tracks = 0, [_Track()]
    for kind, start, stop in _boxes(file, 0, size):
        track = tracks[-1]
        if kind == b"trak":
            tracks.append(_Track())
        elif kind == b"hdlr":
            track.audio |= _read_numbers(file, start + 8, 1) == [int.from_bytes(b"soun")]
        elif kind == b"stts":
            entries, _, ticks = _read_numbers(file, start + 4, 3)
            track.alike = entries == ticks == 1
        elif kind == b"stsz":
            common_size, count = _read_numbers(file, start + 4, 2)
            track.count = count if common_size else 0
        elif kind in {b"stco", b"co64"}:
            track.chunks = _read_numbers(file, start + 4, 1)[0]
        elif kind == b"stsc":
            entries = min(_read_numbers(file, start + 4, 1)[0], (stop - start) // 12)
            track.longest = max(_read_numbers(file, start + 8, 3 * entries)[1::3], default=0)
        elif kind == b"trun":
            flags, count = _read_numbers(file, start, 2)
            if not flags & _PER_SAMPLE or 4 * count > stop - start:
                claimed += count
    return claimed + sum(track.claimed for track in tracks)


def _boxes(file: BinaryIO, start: int, stop: int, depth: int = 0) -> Iterator[tuple[bytes, int, int]]:
    """Yield the boxes in a range of a file, and those inside them: kind, and start and end of the content."""
    while start + 8 <= stop:
        file.seek(start)
        head = file.read(16)
        length, kind, begin = int.from_bytes(head[:4]), head[4:8], 8
        if start == 0 and kind not in _FIRST_BOXES:
            return  # The file is of another format.
        if length == 1:
            length, begin = int.from_bytes(head[8:16]), 16
        end = stop if length == 0 else min(stop, start + length)
        if end < start + begin:
            return
        yield kind, start + begin, end
        if kind in _CONTAINER_BOXES and depth < _MAX_DEPTH:
            yield from _boxes(file, start + begin, end, depth + 1)
        start = end


def _read_numbers(file: BinaryIO, start: int, count: int) -> list[int]:
    """Read numbers of 32 bits; 0 beyond the end of the file."""
    file.seek(start)
    data = file.read(4 * count).ljust(4 * count, b"\0")
    return [int.from_bytes(data[at : at + 4]) for at in range(0, 4 * count, 4)]
