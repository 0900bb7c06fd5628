"""When the pictures of a film are shown, from its packets."""

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
from vidstyle.media.video.damage import Shown

# A header's own duration may differ from what its streams add up to by a picture or a block of sound.
_SLACK_S = Fraction(1, 2)


@dataclass(frozen=True)
class Timing:
    """When the pictures are shown; the fields are those of `Video`."""

    rate: Fraction
    timestamps: tuple[Fraction, ...]
    offset: Fraction
    start: Fraction
    variable: bool
    last: Fraction | None


def measure(container: InputContainer, stream: VideoStream, path: Path) -> tuple[VideoFrame, Timing]:
    """Read all packets of an open file, and decode the first picture.

    Where packets do not tell how many pictures there are (two fields in two packets, no timestamps, a start that
    depends on what was cut away), all pictures are decoded and counted instead.

    Returns
    -------
    tuple
        The first picture, and the timing of all.

    Raises
    ------
    ProbeError
        No picture decodes.
    DecodeError
        The file is damaged, or ends before its header says.
    """
    first: VideoFrame | None = None
    shown: list[Shown] = []
    packets: list[Shown] = []
    starts_with_key, begin, end = False, Fraction(0), Fraction(0)
    for packet in container.demux():
        if packet.size == 0:
            continue
        begin, end = min(begin, _begin(packet)), max(end, _end(packet))
        if packet.stream is not stream:
            continue
        if packet.is_corrupt:
            raise DecodeError(
                f"{quoted(path)} is damaged or cut short after {len(packets)} pictures; repair it first."
            )
        starts_with_key |= not packets and packet.is_keyframe
        packets.append(Shown(packet.pts, packet.duration or 0))
        if first is None:
            first = _decoded(stream, packet)
        # What an edit list cuts away is decoded, but not shown.
        if not packet.is_discard:
            shown.append(packets[-1])
    first = first or _decoded(stream, None)
    if first is None or not shown:
        raise ProbeError(f"{quoted(path)} holds no picture that decodes; repair or convert it first.")
    _check_length(container, stream, len(packets), (begin, end), path)
    pts = [picture.pts for picture in packets if picture.pts is not None]
    one_each = len(set(pts)) == len(packets) and not first.interlaced_frame
    if not (one_each and starts_with_key and min(pts) == pts[0]):
        shown = _decode_all(container, stream)
    return first, timed(container, stream, sorted(shown, key=lambda picture: picture.pts or 0))


def timed(container: InputContainer, stream: VideoStream, shown: Sequence[Shown]) -> Timing:
    """Say when pictures are shown, from their ticks in ascending order, of which a constant rate may miss each by one."""
    assert stream.time_base is not None  # noqa: S101 - every stream of an open file has one.
    tick = stream.time_base
    # Where a tick is as long as a picture, as in AVI, a picture that is not there must not pass for a slack of one tick.
    slack = 0 if tick * (stream.guessed_rate or 25) > Fraction(1, 4) else 1
    pts = [picture.pts or 0 for picture in shown]
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
    """Find the constant rate that explains the timestamps within `slack` ticks, or the mean rate and that it varies."""
    known = [rate for rate in candidates if rate]
    if len(ticks) < 2:
        return (known or [Fraction(25)])[0], False
    mean = (len(ticks) - 1) / (ticks[-1] * tick)
    # Of pictures that stay for hours no rate is simple, and the nearest that is may be none at all.
    for rate in filter(None, (*known, mean.limit_denominator(1001))):
        period = 1 / (rate * tick)  # Ticks a picture.
        if all(
            abs(t * period.denominator - i * period.numerator) <= slack * period.denominator
            for i, t in enumerate(ticks)
        ):
            return rate, False
    return mean, True


def _check_length(
    container: InputContainer, stream: VideoStream, packets: int, found: tuple[Fraction, Fraction], path: Path
) -> None:
    """Notice a file that ends early on the boundary of a packet, where nothing else shows it."""
    # What lies before the start, for decoders to leave out, is counted too.
    start = min(found[0], Fraction(container.start_time or 0, av.time_base))
    missing = Fraction(container.duration or 0, av.time_base) + start - found[1]
    names = container.format.name.split(",")
    short = ("matroska" in names and missing > _SLACK_S) or (
        "mov" in names and missing > _SLACK_S and stream.frames > packets
    )
    if short:
        raise DecodeError(
            f"{quoted(path)} is cut short: the last {float(missing):.1f} s of its pictures or sound are missing; repair it first."
        )


def _begin(packet: "Packet[Any]") -> Fraction:
    if packet.pts is None or packet.time_base is None:
        return Fraction(0)
    return packet.pts * packet.time_base


def _end(packet: "Packet[Any]") -> Fraction:
    if packet.pts is None or packet.time_base is None:
        return Fraction(0)
    return (packet.pts + (packet.duration or 0)) * packet.time_base


def _decoded(stream: VideoStream, packet: "Packet[Any] | None") -> VideoFrame | None:
    try:
        frames = stream.codec_context.decode(packet)
    except av.error.FFmpegError:
        return None
    return frames[0] if frames else None


def _decode_all(container: InputContainer, stream: VideoStream) -> list[Shown]:
    with av.open(container.name, options=container.options) as again:
        pictures = again.streams[stream.index]
        assert isinstance(pictures, VideoStream)  # noqa: S101 - the file is the same.
        pictures.thread_type = "AUTO"
        decoded = [Shown(frame.pts, frame.duration or 0) for frame in again.decode(pictures)]
    if any(picture.pts is None for picture in decoded):
        # Without any timestamps, the rate is all there is.
        rate, tick = stream.guessed_rate or Fraction(25), stream.time_base or Fraction(1, 25)
        decoded = [Shown(round(index / rate / tick), 0) for index in range(len(decoded))]
    return decoded
