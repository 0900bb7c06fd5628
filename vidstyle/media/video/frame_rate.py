"""Conversion of the frame rate: each frame is the one that the source shows at its time."""

from bisect import bisect_right
from dataclasses import replace
from fractions import Fraction

from vidstyle.media.video.timecode import convert_timecode
from vidstyle.media.video.tracks import TIMECODE
from vidstyle.media.video.video import Video

_SLACK_S = Fraction(1, 1000)
"""Tolerance for timestamps that a container has rounded to its ticks."""


def resampled(video: Video, rate: Fraction) -> Video:
    """Give a video a constant frame rate.

    Parameters
    ----------
    video
        A video that is not resampled yet.
    rate
        Frames per second.

    Returns
    -------
    Video
        The video with frames duplicated or dropped; its duration is the same to half a frame.
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
        (name, (convert_timecode(value, video.rate, rate) or value) if name == TIMECODE else value)
        for name, value in video.labels
    )
    return replace(
        video, rate=rate, timestamps=timestamps, picks=picks, variable=False, last=None, labels=labels
    )
