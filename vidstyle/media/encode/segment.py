"""Range of a film's frames, and its clock."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from vidstyle.media.video.video import Video

_LONG_S = 2000


@dataclass(frozen=True)
class Segment:
    """Frames [start, stop) of a film."""

    video: Video
    start: int
    stop: int

    @property
    def is_whole(self) -> bool:
        """Tell whether it is all of the film, so that tracks can be copied as they are."""
        return (self.start, self.stop) == (0, self.video.frames)

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.stop - self.start

    @property
    def begin(self) -> Fraction:
        """Second at which the first frame is shown, from the film's first frame."""
        return self.video.timestamps[self.start]

    @property
    def end(self) -> Fraction:
        """Second at which the last frame ends, from the film's first frame."""
        video = self.video
        return video.timestamps[self.stop] if self.stop < video.frames else video.duration

    @property
    def duration(self) -> Fraction:
        """Seconds from the first frame to the end of the last."""
        return self.end - self.begin

    @property
    def last_duration(self) -> Fraction:
        """Seconds for which the last frame is shown."""
        return self.end - self.video.timestamps[self.stop - 1]

    @property
    def offset(self) -> Fraction:
        """Seconds from the start of the result to its first frame: a part begins with its first frame."""
        return self.video.offset if self.is_whole else Fraction(0)

    @property
    def file_range(self) -> tuple[Fraction, Fraction]:
        """Begin and end in seconds from the start of the source file, as its tracks count."""
        return self.video.offset + self.begin, self.video.offset + self.end

    @property
    def times(self) -> tuple[Fraction, ...]:
        """Second at which each frame is shown, from the first of the segment."""
        if not self.video.variable:
            # Exact, where timestamps are rounded to the container's ticks.
            return tuple(index / self.video.rate for index in range(self.frames))
        return tuple(time - self.begin for time in self.video.timestamps[self.start : self.stop])


def timescale(video: Video) -> int:
    """Find the ticks per second that represent the frame rate exactly, and a start time to 11 µs."""
    if video.variable:
        longest = max(later - earlier for earlier, later in pairwise([*video.timestamps, video.duration]))
        # MP4 counts the duration of a frame in 31 bits.
        return 1_000_000 if longest < _LONG_S else 10_000
    return video.rate.numerator * -(-90_000 // video.rate.numerator)
