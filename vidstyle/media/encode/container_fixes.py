"""What Matroska says of its tracks, mended in place (RFC 9559, RFC 8794)."""

import mmap
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

_SEGMENT, _TRACKS, _ENTRY, _TYPE, _DEFAULT_DURATION = 0x18538067, 0x1654AE6B, 0xAE, 0x83, 0x23E383
_CRC, _VOID = 0xBF, 0xEC
_PICTURES = 1


@dataclass(frozen=True)
class _Element:
    name: int
    start: int
    """Where its name begins."""
    content: int
    stop: int


def drop_default_duration(path: Path) -> None:
    """Take away the duration that all pictures of a film share: where it varies, ffmpeg writes that of its own clock."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        segment = _first(data, _SEGMENT, 0, len(data))
        tracks = segment and _first(data, _TRACKS, segment.content, segment.stop)
        if tracks is None:
            return
        for entry in _elements(data, tracks.content, tracks.stop):
            kind = _first(data, _TYPE, entry.content, entry.stop) if entry.name == _ENTRY else None
            rate = _first(data, _DEFAULT_DURATION, entry.content, entry.stop) if kind else None
            if kind and rate and data[kind.content] == _PICTURES:
                length = rate.stop - rate.start
                data[rate.start : rate.stop] = bytes([_VOID, 0x80 | length - 2]).ljust(length, b"\0")
        crc = _first(data, _CRC, tracks.content, tracks.stop)
        if crc:
            data[crc.content : crc.stop] = zlib.crc32(data[crc.stop : tracks.stop]).to_bytes(4, "little")


def _first(data: mmap.mmap, name: int, start: int, stop: int) -> _Element | None:
    return next((element for element in _elements(data, start, stop) if element.name == name), None)


def _elements(data: mmap.mmap, start: int, stop: int) -> Iterator[_Element]:
    """Go through the elements that lie between two places."""
    place = start
    while place < stop:
        # The place of the first bit says how many bytes there are; it is a part of names, not of sizes.
        width = 9 - data[place].bit_length()
        name = int.from_bytes(data[place : place + width])
        place, begin = place + width, place
        width = 9 - data[place].bit_length()
        size = int.from_bytes(data[place : place + width]) & (1 << 7 * width) - 1
        place += width
        unknown = size == (1 << 7 * width) - 1
        end = stop if unknown else place + size
        yield _Element(name, begin, place, end)
        place = end


def fix_webp_duration(path: Path, length: Fraction) -> None:
    """Make an animated WebP last `length` seconds: its encoder guesses how long the last picture stays."""
    with path.open("r+b") as file:
        place, durations = file.seek(12), []  # Behind RIFF, its size and WEBP.
        while len(head := file.read(8)) == 8:
            if head[:4] == b"ANMF":
                # Behind place and size of the picture, 3 bytes each.
                file.seek(place + 8 + 12)
                durations.append((place + 8 + 12, int.from_bytes(file.read(3), "little")))
            size = int.from_bytes(head[4:], "little")
            place += 8 + size + size % 2
            file.seek(place)
        if durations:
            last = round(length * 1000) - sum(duration for _, duration in durations[:-1])
            file.seek(durations[-1][0])
            file.write(max(0, last).to_bytes(3, "little"))
