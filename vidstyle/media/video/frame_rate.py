"""Another rate of pictures: each moment shows what the source shows then."""

from bisect import bisect_right
from dataclasses import replace
from fractions import Fraction

from vidstyle.media.video.timecode import counted_at
from vidstyle.media.video.tracks import TIMECODE
from vidstyle.media.video.video import Video

# Moments of a container are rounded to its ticks; one that is so little late counts.
_SLACK_S = Fraction(1, 1000)


def resampled(video: Video, rate: Fraction) -> Video:
    """Give a film a constant rate.

    Parameters
    ----------
    video
        A film that is not resampled yet.
    rate
        Pictures a second.

    Returns
    -------
    Video
        The same film, of the same duration to half a picture; pictures are shown again or passed over.
    """
    if rate == video.rate and not video.variable:
        return video
    frames = max(1, round(video.duration * rate))
    shown = video.timestamps
    if not video.variable:
        shown = tuple(index / video.rate for index in range(video.frames))
    timestamps = tuple(index / rate for index in range(frames))
    picks = tuple(max(0, bisect_right(shown, moment + _SLACK_S) - 1) for moment in timestamps)
    labels = tuple(
        (name, (counted_at(value, video.rate, rate) or value) if name == TIMECODE else value)
        for name, value in video.labels
    )
    return replace(
        video, rate=rate, timestamps=timestamps, picks=picks, variable=False, last=None, labels=labels
    )
