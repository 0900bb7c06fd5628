"""Timestamps and frame rate of a video, from its packets."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video import VideoFrame, VideoStream

from vidstyle.errors import DecodeError, ProbeError, quoted
from vidstyle.media.video.damage import FrameTime

_SLACK_S = Fraction(1, 2)
"""Difference of a header's duration from the sum of its streams: a frame or a block of audio."""


@dataclass(frozen=True)
class Timing:
    """Timeline of a video; the fields are those of `Video`."""

    rate: Fraction
    timestamps: tuple[Fraction, ...]
    offset: Fraction
    start: Fraction
    variable: bool
    last: Fraction | None


def read_timing(container: InputContainer, stream: VideoStream, path: Path) -> tuple[VideoFrame, Timing]:
    """Read all packets of an open file, and decode the first frame.

    Where the packets do not give the number of frames (two fields in two packets, no timestamps, a start that
    depends on frames that were cut away), all frames are decoded and counted instead.

    Returns
    -------
    tuple
        The first frame, and the timing of all.

    Raises
    ------
    ProbeError
        No frame decodes.
    DecodeError
        The file is damaged, or ends before its header promises.
    """
    first: VideoFrame | None = None
    shown: list[FrameTime] = []
    packets: list[FrameTime] = []
    starts_with_key, begin, end = False, Fraction(0), Fraction(0)
    for packet in container.demux():
        if packet.size == 0:
            continue
        begin, end = min(begin, _begin(packet)), max(end, _end(packet))
        if packet.stream is not stream:
            continue
        if packet.is_corrupt:
            raise DecodeError(
                f"{quoted(path)} is damaged or cut short after {len(packets)} frames; repair it first."
            )
        starts_with_key |= not packets and packet.is_keyframe
        packets.append(FrameTime(packet.pts, packet.duration or 0))
        if first is None:
            first = _decode_first(stream, packet)
        # Packets cut by an edit list decode, but are not shown.
        if not packet.is_discard:
            shown.append(packets[-1])
    first = first or _decode_first(stream, None)
    if first is None or not shown:
        raise ProbeError(f"{quoted(path)} has no frame that decodes; repair or convert it first.")
    _check_length(container, stream, len(packets), (begin, end), path)
    pts = [time.pts for time in packets if time.pts is not None]
    one_each = len(set(pts)) == len(packets) and not first.interlaced_frame
    if not (one_each and starts_with_key and min(pts) == pts[0]):
        shown = _decode_all(container, stream)
    return first, compute_timing(container, stream, sorted(shown, key=lambda time: time.pts or 0))


def compute_timing(container: InputContainer, stream: VideoStream, shown: Sequence[FrameTime]) -> Timing:
    """Compute the timing of frames from their times in ascending order, each exact to a tick."""
    assert stream.time_base is not None  # noqa: S101 - every stream of an open file has one.
    tick = stream.time_base
    # Where a tick is as long as a frame, as in AVI, a deviation of one tick is a missing frame.
    slack = 0 if tick * (stream.guessed_rate or 25) > Fraction(1, 4) else 1
    pts = [time.pts or 0 for time in shown]
    ticks = [p - pts[0] for p in pts]
    rate, variable = _rate(ticks, tick, [stream.guessed_rate, stream.average_rate, stream.base_rate], slack)
    start = Fraction(container.start_time or 0, av.time_base)
    begin = pts[0] * tick
    # The file's start is rounded to microseconds.
    start = begin if abs(begin - start) < Fraction(1, 500_000) else min(start, begin)
    last = shown[-1].duration * tick if variable and shown[-1].duration else None
    return Timing(rate, tuple(t * tick for t in ticks), begin - start, start, variable, last)


def _rate(
    ticks: list[int], tick: Fraction, candidates: list[Fraction | None], slack: int
) -> tuple[Fraction, bool]:
    """Find the constant rate that fits the timestamps to `slack` ticks; otherwise the mean rate, and True."""
    known = [rate for rate in candidates if rate]
    if len(ticks) < 2:
        return (known or [Fraction(25)])[0], False
    mean = (len(ticks) - 1) / (ticks[-1] * tick)
    # Frames that last for hours have a rate that this rounds to 0.
    for rate in filter(None, (*known, mean.limit_denominator(1001))):
        period = 1 / (rate * tick)  # Ticks per frame.
        if all(
            abs(t * period.denominator - i * period.numerator) <= slack * period.denominator
            for i, t in enumerate(ticks)
        ):
            return rate, False
    return mean, True


def _check_length(
    container: InputContainer, stream: VideoStream, packets: int, found: tuple[Fraction, Fraction], path: Path
) -> None:
    """Refuse a file that was cut short at the boundary of a packet, where nothing else shows it."""
    # The part before the start, which decoders discard, counts too.
    start = min(found[0], Fraction(container.start_time or 0, av.time_base))
    missing = Fraction(container.duration or 0, av.time_base) + start - found[1]
    formats = container.format.name.split(",")
    is_short = ("matroska" in formats and missing > _SLACK_S) or (
        "mov" in formats and missing > _SLACK_S and stream.frames > packets
    )
    if is_short:
        raise DecodeError(
            f"{quoted(path)} is cut short: the last {float(missing):.1f} s of its video or audio are "
            "missing; repair it first."
        )


def _begin(packet: "Packet[Any]") -> Fraction:
    if packet.pts is None or packet.time_base is None:
        return Fraction(0)
    return packet.pts * packet.time_base


def _end(packet: "Packet[Any]") -> Fraction:
    if packet.pts is None or packet.time_base is None:
        return Fraction(0)
    return (packet.pts + (packet.duration or 0)) * packet.time_base


def _decode_first(stream: VideoStream, packet: "Packet[Any] | None") -> VideoFrame | None:
    try:
        frames = stream.codec_context.decode(packet)
    except av.error.FFmpegError:
        return None
    return frames[0] if frames else None


def _decode_all(container: InputContainer, stream: VideoStream) -> list[FrameTime]:
    with av.open(container.name, options=container.options) as reopened:
        again = reopened.streams[stream.index]
        assert isinstance(again, VideoStream)  # noqa: S101 - the file is the same.
        again.thread_type = "AUTO"
        decoded = [FrameTime(frame.pts, frame.duration or 0) for frame in reopened.decode(again)]
    if any(time.pts is None for time in decoded):
        # Without timestamps, the frame rate is all that is known.
        rate, tick = stream.guessed_rate or Fraction(25), stream.time_base or Fraction(1, 25)
        decoded = [FrameTime(round(index / rate / tick), 0) for index in range(len(decoded))]
    return decoded
