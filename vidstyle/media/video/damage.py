"""Decoding past damage: the frames that are left of a video that is cut short or has bad packets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median_low

import av
import av.error
import av.logging
from av.container import InputContainer
from av.video import VideoFrame, VideoStream

from vidstyle.errors import quoted
from vidstyle.media.files import WHITELISTS
from vidstyle.media.isolation import isolated
from vidstyle.media.video.video import Damage


@dataclass(frozen=True)
class FrameTime:
    """Display time and duration of a frame, in ticks of its stream."""

    pts: int | None
    duration: int


@dataclass(frozen=True)
class DecodeReport:
    """Result of decoding all of a video stream."""

    first: VideoFrame | None
    times: tuple[FrameTime, ...]
    """Of the frames that decode."""
    damage: Damage | None
    """None where all of the stream decodes."""
    other_size: tuple[int, int] | None = None
    """Size of a frame that differs from the first one's."""
    interlaced: bool = False
    """Whether any frame is interlaced."""
    decoded: int = 0
    """Number of frames that decode, including those at the time of another."""


def decode_tolerantly(path: Path, stream: int) -> Iterator[VideoFrame]:
    """Decode a stream past all damage, in order; the frames are the same each time.

    It uses one thread: which frames several threads give of a damaged stream is a matter of chance.
    """
    with _open(path) as container:
        yield from _TolerantDecoder(container, stream)


def scan(path: Path, stream: int) -> DecodeReport:
    """Decode all of a stream, and compare it with what the file promises.

    Raises
    ------
    FFmpegError
        The file cannot be opened.
    """
    with _open(path) as container, _captured_errors() as errors:
        decoder = _TolerantDecoder(container, stream)
        first: VideoFrame | None = None
        times: list[FrameTime] = []
        corrupt: list[int] = []
        seen_intact, untimed, other_size, interlaced = False, False, None, False
        for frame in decoder:
            first = first or frame
            if (frame.width, frame.height) != (first.width, first.height):
                other_size = frame.width, frame.height
            # A video that was cut from another may begin with frames whose references were cut away.
            seen_intact |= not frame.is_corrupt
            if frame.is_corrupt and seen_intact:
                corrupt.append(len(times))
            untimed |= frame.pts is None
            interlaced |= frame.interlaced_frame
            times.append(FrameTime(frame.pts, frame.duration or 0))
        if untimed:  # An elementary stream has no times but its frame rate.
            times = _at_constant_rate(decoder.stream, len(times))
        video_stream = decoder.stream
        symptoms = {word for word in ("EBML", "prematurely") for *_, message in errors if word in message}
        lost = _count_lost(decoder, times, resynced=bool(symptoms))
        missing_s = _missing_seconds(container, video_stream, decoder, cut_short="prematurely" in symptoms)
    corrupted = max(len(corrupt), decoder.corrupt_packets - lost)
    if not (lost or corrupted or missing_s):
        return DecodeReport(first, tuple(times), None, other_size, interlaced, decoder.decoded)
    faults = [*corrupt, len(times) if decoder.first_fault is None else decoder.first_fault, len(times)]
    tick, begin = video_stream.time_base or Fraction(1), (times[0].pts or 0) if times else 0
    at = ((times[min(*faults, len(times) - 1)].pts or 0) - begin) * tick if times else Fraction(0)
    damage = Damage(lost, len(times), corrupted, missing_s, at)
    return DecodeReport(first, tuple(times), damage, other_size, interlaced, decoder.decoded)


@isolated
def scan_isolated(path: Path, stream: int) -> DecodeReport:
    """Decode all of a stream, as `scan`; the report lacks the first frame."""
    return replace(scan(path, stream), first=None)


def damage_message(path: Path, damage: Damage) -> str:
    """Describe why a damaged video is refused, and the remedy."""
    return f"{quoted(path)} is damaged: {damage}; repair it, or paint what is left with --allow-damaged."


def _open(path: Path) -> InputContainer:
    return av.open(str(path.absolute()), options=WHITELISTS, metadata_errors="replace")


def _at_constant_rate(stream: VideoStream, count: int) -> list[FrameTime]:
    """Give frames without times those of the stream's frame rate."""
    ticks = 1 / ((stream.guessed_rate or Fraction(25)) * (stream.time_base or Fraction(1, 25)))
    return [FrameTime(round(index * ticks), 0) for index in range(count)]


class _TolerantDecoder:
    """Iterator over the frames of a stream that counts what does not decode."""

    def __init__(self, container: InputContainer, index: int) -> None:
        self.container = container
        stream = container.streams[index]
        assert isinstance(stream, VideoStream)  # noqa: S101 - it was one when its index was noted.
        self.stream = stream
        self.stream.thread_type = "NONE"
        self.packets_read = self.packets_shown = self.failed_packets = self.corrupt_packets = 0
        self.decoded = self.given = 0
        self.begin = self.end = Fraction(0)
        self.first_fault: int | None = None
        """Number of frames given before the first fault."""
        self._latest_pts: int | None = None

    def __iter__(self) -> Iterator[VideoFrame]:
        packets = self.container.demux()
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                break
            except av.error.FFmpegError:
                self._note_failure()
                break
            if packet.size and packet.pts is not None and packet.time_base is not None:
                self.begin = min(self.begin, packet.pts * packet.time_base)
                self.end = max(self.end, (packet.pts + (packet.duration or 0)) * packet.time_base)
            if packet.stream is not self.stream or not packet.size:
                continue
            self.packets_read += 1
            self.packets_shown += (
                not packet.is_discard
            )  # Packets cut by an edit list decode, but are not shown.
            if packet.is_corrupt:  # It may decode all the same, to something else.
                self.corrupt_packets += 1
                self._note_fault()
            try:
                frames = self.stream.codec_context.decode(packet)
            except av.error.FFmpegError:
                self._note_failure()
                continue
            yield from self._ascending(frames)
        try:
            yield from self._ascending(self.stream.codec_context.decode(None))
        except av.error.FFmpegError:
            self._note_failure()

    def _ascending(self, frames: list[VideoFrame]) -> Iterator[VideoFrame]:
        """Omit frames at the time of another."""
        self.decoded += len(frames)
        for frame in frames:
            if frame.pts is None or self._latest_pts is None or frame.pts > self._latest_pts:
                self._latest_pts = frame.pts if frame.pts is not None else self._latest_pts
                self.given += 1
                yield frame

    def _note_failure(self) -> None:
        self.failed_packets += 1
        self._note_fault()

    def _note_fault(self) -> None:
        if self.first_fault is None:
            self.first_fault = self.given


def _count_lost(decoder: _TolerantDecoder, times: list[FrameTime], *, resynced: bool) -> int:
    """Count the frames that do not decode."""
    left = len(times)
    formats = decoder.container.format.name.split(",")
    unread = max(0, decoder.stream.frames - decoder.packets_read) if "mov" in formats else 0
    promised = decoder.packets_shown + unread
    # Two fields may come in two packets.
    in_fields = left and decoder.packets_shown >= 2 * left - 1 and decoder.failed_packets * 4 < left
    lost = promised // (2 if in_fields else 1) - left
    if resynced:  # A hole in Matroska removes packets, and only the times show how many.
        gaps = [b.pts - a.pts for a, b in pairwise(times) if a.pts is not None and b.pts is not None]
        usual = median_low(gaps) if gaps else 0
        lost = max(lost, sum(round(gap / usual) - 1 for gap in gaps) if usual > 0 else 0)
    # An edit list, or a start without a keyframe, removes frames as well, without any damage.
    is_faulty = decoder.failed_packets or resynced or unread
    return max(0, lost) if is_faulty else 0


def _missing_seconds(
    container: InputContainer, stream: VideoStream, decoder: _TolerantDecoder, *, cut_short: bool
) -> Fraction:
    """Measure the missing end of a file, which nothing else shows after a cut between two packets."""
    # The part before the start, which decoders discard, counts too.
    start = min(decoder.begin, Fraction(container.start_time or 0, av.time_base))
    missing = Fraction(container.duration or 0, av.time_base) + start - decoder.end
    formats = container.format.name.split(",")
    # A header's own duration may differ from the sum of its streams by a frame or a block of audio.
    is_short = "matroska" in formats or ("mov" in formats and stream.frames > decoder.packets_read)
    return missing if is_short and missing > (0 if cut_short else Fraction(1, 2)) else Fraction(0)


@contextmanager
def _captured_errors() -> Iterator[list[tuple[int, str, str]]]:
    """Collect the errors that FFmpeg logs: a hole in Matroska, after which it goes on, has no other sign."""
    level, skipped = av.logging.get_level(), av.logging.get_skip_repeated()
    av.logging.set_level(av.logging.ERROR)
    av.logging.set_skip_repeated(False)  # An error logged for the video before counts for this one too.
    try:
        with av.logging.Capture(local=True) as messages:
            yield messages
    finally:
        av.logging.set_level(level)
        av.logging.set_skip_repeated(skipped)
