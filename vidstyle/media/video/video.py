"""Description of a video: size, orientation, timeline, colours, and what accompanies its frames."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.tracks import Chapter, Stream, Track
from vidstyle.options.media import ColorMatrix
from vidstyle.options.values import Time


class Decoder(StrEnum):
    """Reader of a video's frames; `vidstyle.media.video.decoders` has the implementation of each."""

    OPENCV = "opencv"
    PYAV = "pyav"
    """For what OpenCV gets wrong: more than 8 bits, alpha, HDR, interlacing, some colours, damage."""
    PILLOW = "pillow"
    """For animations: GIF, WebP, PNG."""
    IMAGE_SEQUENCE = "image-sequence"
    """For files of one image each."""


@dataclass(frozen=True)
class Damage:
    """Losses of a damaged video."""

    lost: int
    """Frames that it should have and that do not decode."""
    decoded: int
    """Frames that decode."""
    corrupt: int
    """Frames among those that decode with errors."""
    missing_s: Fraction
    """Seconds that its header promises after its last packet."""
    at_s: Fraction
    """Time of the first fault, in seconds from the first frame."""

    def __str__(self) -> str:
        """Describe the losses: `25 of its 100 frames are lost, from 2.96 s on`."""
        parts = []
        if self.lost:
            parts.append(f"{self.lost} of its {self.lost + self.decoded} frames are lost")
        if self.corrupt:
            parts.append(f"{self.corrupt} {'is' if self.corrupt == 1 else 'are'} corrupt")
        if self.missing_s or not parts:
            parts.append(f"its last {float(self.missing_s):.1f} s of video or audio are missing")
        return f"{' and '.join(parts)}, from {float(self.at_s):.2f} s on"


@dataclass(frozen=True)
class Video:
    """Video as it is displayed: upright, on a timeline that starts at its first frame."""

    path: Path
    width: int
    """Stored pixels, upright: exchanged with the height for a rotation by 90 or 270 degrees."""
    height: int
    pixel_aspect: Fraction
    """Width of a pixel over its height, upright; 1 when unknown."""
    rotation: int
    """Clockwise rotation that brings a stored frame upright: 0, 90, 180 or 270 degrees."""
    rate: Fraction
    """Frames per second, exact; the mean for a variable frame rate."""
    timestamps: tuple[Fraction, ...]
    """Display time of each frame that decodes, in seconds from the first, ascending."""
    offset: Fraction
    """Seconds from the start of the file (its earliest stream) to the first frame, never negative."""
    variable: bool
    """Whether the timestamps depart from a constant frame rate by more than a tick of the container."""
    color: ColorTags
    streams: tuple[Stream, ...] = ()
    """Streams that accompany the frames, in order."""
    chapters: tuple[Chapter, ...] = ()
    tags: tuple[str, ...] = ()
    """Names of the file's metadata: `title`."""
    labels: tuple[tuple[str, str], ...] = ()
    """Metadata of the video stream: language, title, timecode."""
    mirrored: bool = False
    """Whether a stored frame has to be flipped left to right before it is rotated."""
    start: Fraction = Fraction(0)
    """Start of the file on its own clock, in seconds: the zero of `offset`."""
    last: Fraction | None = None
    """Duration of the last frame, in seconds; None is 1 / rate."""
    index: int = 0
    """Index of the video stream among all of the file's."""
    damage: Damage | None = None
    """Losses of the file; the other fields describe what is left."""
    decoder: Decoder = Decoder.OPENCV
    stills: tuple[Path, ...] = ()
    """Files of an image sequence, in order."""
    picks: tuple[int, ...] | None = None
    """Index of the decoded frame that is shown at each timestamp; None is each in turn."""
    depth: int = 8
    """Bits per channel."""
    interlaced: bool = False
    """Whether each frame is two fields, line by line, and has to be deinterlaced."""
    hdr: str | None = None
    """PQ or HLG for high dynamic range; `color` is then that of the tone-mapped frames."""
    assumed_matrix: ColorMatrix | None = None
    """Matrix of `color`, where the file is not tagged with one."""
    alpha: bool = False
    """Whether the frames have transparency."""
    keeps_alpha: bool = False
    """Whether the result keeps it; otherwise frames are composited on the background."""
    plays: int = 0
    """Number of times that an animation is shown; 0 is endless."""
    background: tuple[int, int, int] = (255, 255, 255)
    """Colour behind transparent frames, sRGB."""

    @property
    def audio(self) -> tuple[str, ...]:
        """Codecs of the audio tracks, in order."""
        return tuple(stream.codec for stream in self.streams if stream.kind is Track.AUDIO)

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.timestamps)

    @property
    def duration(self) -> Fraction:
        """Seconds from the first frame to the end of the last."""
        if not self.variable:
            # Exact, where timestamps are rounded to the container's ticks.
            return self.frames / self.rate
        return self.timestamps[-1] + (self.last or 1 / self.rate)

    def second_of(self, time: Time) -> Fraction:
        """Convert a time to seconds from the first frame; a frame past the end is at the video's duration."""
        if time.frame is None:
            return time.seconds or Fraction(0)
        index = self.index_at(time)
        return self.timestamps[index] if index < self.frames else self.duration

    def index_at(self, time: Time) -> int:
        """Find the index of the first frame at or after a time; the number of frames or more past the end."""
        if time.frame is not None:
            # It counts frames that decode, however many times each is shown.
            return time.frame if self.picks is None else sum(pick < time.frame for pick in self.picks)
        return sum(stamp < (time.seconds or 0) for stamp in self.timestamps)
