"""What is left of a film that is cut short or has bad packets: which pictures decode, when each is shown, how much is lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median_low

import av
import av.error
import av.logging
from av.container import InputContainer
from av.video import VideoFrame, VideoStream

from vidstyle.errors import Interrupted, quoted
from vidstyle.media.files import WHITELISTS


@dataclass(frozen=True)
class Damage:
    """How much of a film is lost."""

    pictures: int
    """Pictures that it should have and that do not decode."""
    left: int
    """Pictures that decode."""
    torn: int
    """How many of those are put together from what was left of them."""
    missing: Fraction
    """Seconds that its header promises beyond its last packet."""
    at: Fraction
    """When the first fault shows, in seconds from the first picture."""

    def __str__(self) -> str:
        """Say how much is lost: `25 of its 100 pictures are lost from 2.96 s on`."""
        said = []
        if self.pictures:
            said.append(f"{self.pictures} of its {self.pictures + self.left} pictures are lost")
        if self.torn:
            said.append(f"{self.torn} {'is' if self.torn == 1 else 'are'} torn")
        if self.missing or not said:
            said.append(f"its last {float(self.missing):.1f} s of pictures or sound are missing")
        return f"{' and '.join(said)}, from {float(self.at):.2f} s on"


@dataclass(frozen=True)
class Shown:
    """When a picture is shown, and for how long, in ticks of its stream."""

    pts: int | None
    duration: int


@dataclass(frozen=True)
class DecodeReport:
    """What decodes of a film."""

    first: VideoFrame | None
    shown: tuple[Shown, ...]
    damage: Damage | None
    """None where all of it decodes."""
    resized: tuple[int, int] | None = None
    """Size that a picture has which is not of the first one's."""
    interlaced: bool = False
    """Whether a picture is two fields."""
    decoded: int = 0
    """Pictures that decode, with those that come at the time of others."""


def scan(path: Path, stream: int) -> Iterator[VideoFrame]:
    """Decode a stream past all that is damaged, in order; what decodes is the same each time.

    One thread only: which pictures several give of a damaged stream is a matter of chance.
    """
    with av.open(str(path.absolute()), options=WHITELISTS, metadata_errors="replace") as container:
        yield from _Tolerant(container, stream)


def decode_tolerantly(
    path: Path, stream: int, should_stop: Callable[[], bool] = lambda: False
) -> DecodeReport:
    """Decode all of a stream, and compare it with what the file promises.

    Raises
    ------
    FFmpegError
        The file cannot be opened.
    Interrupted
        `should_stop` said so.
    """
    with (
        av.open(str(path.absolute()), options=WHITELISTS, metadata_errors="replace") as container,
        _listening() as errors,
    ):
        decoding = _Tolerant(container, stream)
        first: VideoFrame | None = None
        shown: list[Shown] = []
        torn: list[int] = []
        clean, untimed, resized, interlaced = False, False, None, False
        for frame in decoding:
            if should_stop():
                raise Interrupted("Stopped before it began.")
            first = first or frame
            if (frame.width, frame.height) != (first.width, first.height):
                resized = frame.width, frame.height
            # Before its first whole picture a film that was cut from another has nothing to be whole with.
            clean |= not frame.is_corrupt
            if frame.is_corrupt and clean:
                torn.append(len(shown))
            untimed |= frame.pts is None
            interlaced |= frame.interlaced_frame
            shown.append(Shown(frame.pts, frame.duration or 0))
        if untimed:  # A bare stream has no times but its rate.
            shown = _paced(decoding.stream, len(shown))
        pictures = decoding.stream
        complaints = {word for word in ("EBML", "prematurely") for _, _, said in errors if word in said}
        lost = _lost(decoding, shown, resynced=bool(complaints))
        missing = _missing(container, pictures, decoding, cut="prematurely" in complaints)
    spoiled = max(len(torn), decoding.spoiled - lost)
    if not (lost or spoiled or missing):
        return DecodeReport(first, tuple(shown), None, resized, interlaced, decoding.decoded)
    at = min([*torn, decoding.first_fault if decoding.first_fault is not None else len(shown), len(shown)])
    tick, begin = pictures.time_base or Fraction(1), (shown[0].pts or 0) if shown else 0
    moment = ((shown[min(at, len(shown) - 1)].pts or 0) - begin) * tick if shown else Fraction(0)
    damage = Damage(lost, len(shown), spoiled, missing, moment)
    return DecodeReport(first, tuple(shown), damage, resized, interlaced, decoding.decoded)


def _paced(stream: VideoStream, count: int) -> list[Shown]:
    """Give pictures without times those of the stream's rate."""
    each = 1 / ((stream.guessed_rate or Fraction(25)) * (stream.time_base or Fraction(1, 25)))
    return [Shown(round(index * each), 0) for index in range(count)]


class _Tolerant:
    """Goes through the pictures of a stream, and counts what does not decode."""

    def __init__(self, container: InputContainer, stream: int) -> None:
        self.container = container
        pictures = container.streams[stream]
        assert isinstance(pictures, VideoStream)  # noqa: S101 - it was one when its number was noted.
        self.stream = pictures
        self.stream.thread_type = "NONE"
        self.read = self.packets = self.failed = self.spoiled = 0
        self.given = self.decoded = 0
        self.latest: int | None = None
        self.begin = self.end = Fraction(0)
        self.first_fault: int | None = None
        """Pictures given when something did not decode for the first time."""

    def __iter__(self) -> Iterator[VideoFrame]:
        packets = self.container.demux()
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                break
            except av.error.FFmpegError:
                self._fault()
                break
            if packet.size and packet.pts is not None and packet.time_base is not None:
                self.begin = min(self.begin, packet.pts * packet.time_base)
                self.end = max(self.end, (packet.pts + (packet.duration or 0)) * packet.time_base)
            if packet.stream is not self.stream or not packet.size:
                continue
            self.read += 1
            self.packets += not packet.is_discard  # What an edit list cuts away is decoded, but not shown.
            if packet.is_corrupt:  # It may decode all the same, to something else than it was.
                self.spoiled += 1
                self._note()
            try:
                frames = self.stream.codec_context.decode(packet)
            except av.error.FFmpegError:
                self._fault()
                continue
            yield from self._ascending(frames)
        try:
            yield from self._ascending(self.stream.codec_context.decode(None))
        except av.error.FFmpegError:
            self._fault()

    def _ascending(self, frames: list[VideoFrame]) -> Iterator[VideoFrame]:
        """Leave out what comes at the time of another."""
        self.decoded += len(frames)
        for frame in frames:
            if frame.pts is None or self.latest is None or frame.pts > self.latest:
                self.latest = frame.pts if frame.pts is not None else self.latest
                self.given += 1
                yield frame

    def _fault(self) -> None:
        self.failed += 1
        self._note()

    def _note(self) -> None:
        if self.first_fault is None:
            self.first_fault = self.given


def _lost(decoding: _Tolerant, shown: list[Shown], *, resynced: bool) -> int:
    """Count the pictures that do not decode."""
    left = len(shown)
    names = decoding.container.format.name.split(",")
    unread = max(0, decoding.stream.frames - decoding.read) if "mov" in names else 0
    promised = decoding.packets + unread
    # Two fields may come in two packets.
    each = 2 if left and decoding.packets >= 2 * left - 1 and decoding.failed * 4 < left else 1
    lost = promised // each - left
    if resynced:  # A hole in Matroska takes packets away, and only the times tell how many.
        gaps = [b.pts - a.pts for a, b in pairwise(shown) if a.pts is not None and b.pts is not None]
        usual = median_low(gaps) if gaps else 0
        lost = max(lost, sum(round(gap / usual) - 1 for gap in gaps) if usual > 0 else 0)
    # An edit list, or a start without a key frame, takes pictures away too, and damages nothing.
    faulty = decoding.failed or resynced or unread
    return max(0, lost) if faulty else 0


def _missing(container: InputContainer, stream: VideoStream, decoding: _Tolerant, *, cut: bool) -> Fraction:
    """Seconds that are missing at the end of a file cut on the boundary of a packet, where nothing else shows it."""
    # What lies before the start, for decoders to leave out, is counted too.
    start = min(decoding.begin, Fraction(container.start_time or 0, av.time_base))
    missing = Fraction(container.duration or 0, av.time_base) + start - decoding.end
    names = container.format.name.split(",")
    # A header's own duration may differ from what its streams add up to by a picture or a block of sound.
    short = "matroska" in names or ("mov" in names and stream.frames > decoding.read)
    return missing if short and missing > (0 if cut else Fraction(1, 2)) else Fraction(0)


@contextmanager
def _listening() -> Iterator[list[tuple[int, str, str]]]:
    """Note what ffmpeg's libraries complain of: Matroska's, which goes on after a hole, says it nowhere else."""
    before, skipped = av.logging.get_level(), av.logging.get_skip_repeated()
    av.logging.set_level(av.logging.ERROR)
    av.logging.set_skip_repeated(False)  # What it said of the film before counts for this one too.
    try:
        with av.logging.Capture(local=True) as messages:
            yield messages
    finally:
        av.logging.set_level(before)
        av.logging.set_skip_repeated(skipped)


def refusal(path: Path, damage: Damage) -> str:
    """Sentence by which a damaged film is refused."""
    return f"{quoted(path)} is damaged: {damage}; repair it, or paint what is left with --allow-damaged."
