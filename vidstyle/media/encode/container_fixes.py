"""Corrections of what ffmpeg writes into Matroska and WebP, in place (RFC 9559, RFC 8794, RFC 9649)."""

import mmap
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vidstyle.media.encode.segment import Segment

_SEGMENT, _TRACKS, _ENTRY, _TYPE, _DEFAULT_DURATION = 0x18538067, 0x1654AE6B, 0xAE, 0x83, 0x23E383
_CRC, _VOID = 0xBF, 0xEC
_VIDEO = 1


@dataclass(frozen=True)
class _Element:
    """Element of EBML: a name, a size, a content."""

    name: int
    start: int
    """Offset of its name."""
    content: int
    """Offset of its content."""
    stop: int


def drop_default_duration(path: Path, segment: Segment) -> None:
    """Remove DefaultDuration from a Matroska file of variable rate: ffmpeg writes its clock's tick there."""
    if not segment.video.variable:
        return
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        body = _first(data, _SEGMENT, 0, len(data))
        tracks = body and _first(data, _TRACKS, body.content, body.stop)
        if tracks is None:
            return
        for entry in _elements(data, tracks.content, tracks.stop):
            kind = _first(data, _TYPE, entry.content, entry.stop) if entry.name == _ENTRY else None
            duration = _first(data, _DEFAULT_DURATION, entry.content, entry.stop) if kind else None
            if kind and duration and data[kind.content] == _VIDEO:
                length = duration.stop - duration.start
                void = bytes([_VOID, 0x80 | length - 2]).ljust(length, b"\0")
                data[duration.start : duration.stop] = void
        crc = _first(data, _CRC, tracks.content, tracks.stop)
        if crc:
            checksum = zlib.crc32(data[crc.stop : tracks.stop])
            data[crc.content : crc.stop] = checksum.to_bytes(4, "little")


def _first(data: mmap.mmap, name: int, start: int, stop: int) -> _Element | None:
    return next((element for element in _elements(data, start, stop) if element.name == name), None)


def _elements(data: mmap.mmap, start: int, stop: int) -> Iterator[_Element]:
    """Iterate over the elements between two offsets."""
    place = start
    while place < stop:
        # The position of the first set bit gives the number of bytes; it is part of names, not of sizes.
        width = 9 - data[place].bit_length()
        name = int.from_bytes(data[place : place + width])
        place, begin = place + width, place
        width = 9 - data[place].bit_length()
        size = int.from_bytes(data[place : place + width]) & (1 << 7 * width) - 1
        place += width
        is_unknown = size == (1 << 7 * width) - 1
        end = stop if is_unknown else place + size
        yield _Element(name, begin, place, end)
        place = end


def fix_webp_duration(path: Path, segment: Segment) -> None:
    """Set the last frame's duration in an animated WebP, which ffmpeg's encoder guesses."""
    with path.open("r+b") as file:
        place, durations = file.seek(12), []  # After RIFF, its size and WEBP.
        while len(head := file.read(8)) == 8:
            if head[:4] == b"ANMF":
                # After position and size of the frame, 3 bytes each.
                file.seek(place + 8 + 12)
                durations.append((place + 8 + 12, int.from_bytes(file.read(3), "little")))
            size = int.from_bytes(head[4:], "little")
            place += 8 + size + size % 2
            file.seek(place)
        if durations:
            last = round(segment.duration * 1000) - sum(duration for _, duration in durations[:-1])
            file.seek(durations[-1][0])
            file.write(max(0, last).to_bytes(3, "little"))
