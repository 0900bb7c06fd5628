"""A film as it is to be looked at."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.damage import Damage
from vidstyle.media.video.tracks import Chapter, Stream, Track
from vidstyle.options.values import Time


class Decoder(StrEnum):
    """Who reads a film's pictures."""

    FILM = "film"
    """OpenCV."""
    CAREFUL = "careful"
    """PyAV: more than 8 bits, transparency, high dynamic range, two fields a picture, damage."""
    ANIMATION = "animation"
    """Pillow: GIF, WebP, PNG."""
    SEQUENCE = "sequence"
    """Files of one picture each."""


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
    """Of the stream of pictures among all of the file's."""
    damage: Damage | None = None
    """What is lost of it; the other fields describe what is left."""
    source: Decoder = Decoder.FILM
    stills: tuple[Path, ...] = ()
    """Files of a sequence, in order."""
    picks: tuple[int, ...] | None = None
    """Which of the pictures that decode is shown at each timestamp; None is each in turn."""
    depth: int = 8
    """Bits a colour."""
    interlaced: bool = False
    """Whether each picture is two, line by line, which are made one."""
    hdr: str | None = None
    """PQ or HLG where the numbers mean high dynamic range; `color` is then what they are brought to."""
    alpha: bool = False
    """Whether pictures have transparency."""
    keeps_alpha: bool = False
    """Whether the result keeps it: else the pictures are laid on the background."""
    plays: int = 0
    """How often an animated picture is shown; 0 is without end."""
    background: tuple[int, int, int] = (255, 255, 255)
    """Colour below transparent pictures, sRGB."""

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

    def second_of(self, time: Time) -> Fraction:
        """Second of a time from the first picture; a frame that there is not is as late as the film is long."""
        if time.frame is None:
            return time.seconds or Fraction(0)
        index = self.index_at(time)
        return self.timestamps[index] if index < self.frames else self.duration

    def index_at(self, time: Time) -> int:
        """Index of the first picture at or after a time; the number of pictures, or more, where there is none."""
        if time.frame is not None:
            # The number of a picture that decodes, however often it is shown.
            return time.frame if self.picks is None else sum(pick < time.frame for pick in self.picks)
        return sum(stamp < (time.seconds or 0) for stamp in self.timestamps)
