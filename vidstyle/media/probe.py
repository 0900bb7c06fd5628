"""What is in a file: its pictures, when each is shown, how they are to be looked at, and what accompanies them."""

import math
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import av
import av.buffer
import av.container
import av.error
import av.video

from vidstyle.errors import DecodeError, ProbeError, quoted, reason
from vidstyle.media.colors import ColorTags, color_tags
from vidstyle.media.files import FORMATS, WHITELISTS, check_readable
from vidstyle.media.geometry import Frame, fit
from vidstyle.media.pictures import NoPictureError, opened
from vidstyle.media.salvage import Damage, refusal, salvage
from vidstyle.media.timing import Timing, measure, timed
from vidstyle.media.tracks import Chapter, Stream, Track, chapters_of, is_cover, streams_of
from vidstyle.options import Time

__all__ = ["FORMATS", "WHITELISTS", "ColorTags", "Frame", "Kind", "Video", "fit", "kind_of", "probe_video"]

# Brands of still pictures in the dress of an MP4.
_STILL = {"heic", "heix", "heim", "heis", "mif1", "avif", "avis"}
_LABELS = ("language", "title", "timecode")


@dataclass(frozen=True)
class Video:
    """A film as it is to be looked at: upright, on a timeline that starts at its first picture."""

    path: Path
    width: int
    """Stored pixels, upright: exchanged with the height when the film is turned by 90 or 270 degrees."""
    height: int
    pixel_aspect: Fraction
    """Width of a pixel over its height, upright; 1 when unknown."""
    rotation: int
    """Clockwise turn that brings a stored picture upright: 0, 90, 180 or 270 degrees."""
    rate: Fraction
    """Frames a second, exact; the mean rate when it varies."""
    timestamps: tuple[Fraction, ...]
    """When each picture that decodes is shown, in seconds from the first, ascending."""
    offset: Fraction
    """Seconds from the start of the file (its earliest stream) to the first picture, never negative."""
    variable: bool
    """Whether the timestamps depart from a constant rate by more than a tick of the container."""
    color: ColorTags
    streams: tuple[Stream, ...] = ()
    """What accompanies the pictures, in order."""
    chapters: tuple[Chapter, ...] = ()
    tags: tuple[str, ...] = ()
    """Names of what the file says of itself: `title`."""
    labels: tuple[tuple[str, str], ...] = ()
    """What the stream of pictures says of itself: language, title, timecode."""
    mirrored: bool = False
    """Whether a stored picture is to be flipped left to right before it is turned."""
    start: Fraction = Fraction(0)
    """Start of the file on its own clock, in seconds: the zero of `offset`."""
    last: Fraction | None = None
    """How long the last picture stays, in seconds; None is 1 / rate."""
    index: int = 0
    """Number of the stream of pictures in the file."""
    damage: Damage | None = None
    """What is lost of it; the other fields describe what is left."""

    @property
    def audio(self) -> tuple[str, ...]:
        """Codecs of the audio tracks, in order."""
        return tuple(stream.codec for stream in self.streams if stream.kind is Track.AUDIO)

    @property
    def frames(self) -> int:
        """Number of pictures."""
        return len(self.timestamps)

    @property
    def duration(self) -> Fraction:
        """Seconds from the first picture to the end of the last."""
        if not self.variable:
            # Exact, where timestamps are rounded to the container's ticks.
            return self.frames / self.rate
        return self.timestamps[-1] + (self.last or 1 / self.rate)

    def index_at(self, time: Time) -> int:
        """Index of the first picture at or after a time; the number of pictures, or more, where there is none."""
        if time.frame is not None:
            return time.frame
        return sum(stamp < (time.seconds or 0) for stamp in self.timestamps)


class Kind(StrEnum):
    """What an input is."""

    FILM = "film"
    PHOTO = "photo"


def kind_of(path: Path) -> Kind:
    """Tell a film from a photo by its content.

    Raises
    ------
    ProbeError
        It is neither, or a moving picture of a kind that is not supported.
    """
    try:
        with opened(path) as image:
            # A JPEG with further pictures behind it (MPO, as phones write) is one photo.
            if getattr(image, "is_animated", False) and image.format in {"GIF", "WEBP", "PNG", "AVIF"}:
                raise ProbeError(
                    f"{quoted(path)} is an animated picture; convert it to a film such as .mp4 first."
                )
            return Kind.PHOTO
    except NoPictureError:
        with _opened(path) as container:
            _picture_stream(container, path)
        return Kind.FILM


def probe_video(path: Path, *, allow_damaged: bool = False) -> Video:
    """Look into a film: its packets are all read, its pictures only as far as they must be.

    With `allow_damaged` they are all decoded, and where some do not, the film is what the others are, each at its time.

    Raises
    ------
    ProbeError
        It is no film that can be read, has no pictures, or is of a kind that would come out wrong (HDR).
    DecodeError
        It is cut short, or its packets cannot be read, and that is not allowed.
    """
    check_readable(path)
    with _opened(path) as container:
        stream = _picture_stream(container, path)
        first, timing, damage = _measured(container, stream, path, allow_damaged=allow_damaged)
        rotation, mirrored = _orientation(first)
        width, height, aspect = first.width, first.height, stream.sample_aspect_ratio or Fraction(1)
        if rotation in {90, 270}:
            width, height, aspect = height, width, 1 / aspect
        labels = {name: value for name in _LABELS if (value := stream.metadata.get(name))}
        return Video(
            path=path,
            width=width,
            height=height,
            pixel_aspect=aspect,
            rotation=rotation,
            rate=timing.rate,
            timestamps=timing.timestamps,
            offset=timing.offset,
            variable=timing.variable,
            color=color_tags(first, path),
            streams=streams_of(container, stream),
            chapters=chapters_of(container),
            tags=tuple(container.metadata),
            labels=tuple(labels.items()),
            mirrored=mirrored,
            start=timing.start,
            last=timing.last,
            index=stream.index,
            damage=damage,
        )


def check_intact(video: Video, *, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Decode all pictures of a film: bad packets in its midst are not to be found out after hours.

    Raises
    ------
    DecodeError
        Some do not decode, and `allow_damaged` was not said when it was probed.
    Interrupted
        `should_stop`, asked at each picture, said so.
    """
    if video.damage is None and (damage := salvage(video.path, video.index, should_stop).damage):
        raise DecodeError(refusal(video.path, damage))


def _measured(
    container: av.container.InputContainer, stream: av.video.VideoStream, path: Path, *, allow_damaged: bool
) -> tuple[av.video.VideoFrame, Timing, Damage | None]:
    """First picture, the timing of all, and what of them is lost."""
    fault: Exception | None = None
    try:
        measured = *measure(container, stream, path), None
    except (DecodeError, av.error.FFmpegError, OSError, ValueError) as exc:
        fault = exc
    if fault is None and not allow_damaged:
        return measured
    left = salvage(path, stream.index)
    if fault is None and left.damage is None:
        return measured
    if left.damage is None:
        raise DecodeError(
            f"{quoted(path)} cannot be read to its end: {reason(fault or ValueError())}; repair it first."
        ) from fault
    if left.first is None:
        raise ProbeError(
            f"{quoted(path)} holds no picture that decodes; repair or convert it first."
        ) from fault
    if not allow_damaged:
        raise DecodeError(refusal(path, left.damage)) from fault
    # Where a tick is as long as a picture, as in AVI, a lost picture must not pass for a slack of one tick.
    coarse = (stream.time_base or 0) * (stream.guessed_rate or 25) > Fraction(1, 4)
    return left.first, timed(container, stream, left.shown, 0 if coarse else 1), left.damage


@contextmanager
def _opened(path: Path) -> Iterator[av.container.InputContainer]:
    try:
        container = av.open(str(path.absolute()), options=WHITELISTS, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as exc:
        raise ProbeError(
            f"{quoted(path)} is no film or picture that can be read; give a file such as .mp4, .mov, .mkv, .jpg or .png."
        ) from exc
    with container:
        yield container


def _picture_stream(container: av.container.InputContainer, path: Path) -> av.video.VideoStream:
    """Find the first stream of moving pictures; a cover picture is none."""
    if container.metadata.get("major_brand") in _STILL:
        raise ProbeError(
            f"{quoted(path)} is a HEIC or AVIF picture that cannot be read; replace it by a whole copy."
        )
    for stream in container.streams.video:
        if not is_cover(stream):
            if stream.codec_context is None:
                raise ProbeError(
                    f"{quoted(path)} holds pictures of an unknown codec; convert it to H.264 first."
                )
            return stream
    raise ProbeError(f"{quoted(path)} has no video stream; give a film.")


def _orientation(frame: av.video.VideoFrame) -> tuple[int, bool]:
    """Read the display matrix.

    Returns
    -------
    tuple
        Clockwise turn in degrees, a multiple of 90, and whether to flip left to right before it.
    """
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, av.buffer.Buffer):
        return 0, False
    a, b, _, c, d = struct.unpack("=9i", bytes(matrix))[:5]
    # A point (x, y) is shown at (a x + c y, b x + d y), y downwards.
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    return round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360, mirrored
