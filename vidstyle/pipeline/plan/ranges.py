"""Ranges of a film's frames: the part to paint, and samples evenly spread over it."""

import numpy as np

from vidstyle.errors import RangeError, quoted
from vidstyle.media.video.video import Video
from vidstyle.options.values import Time


def frame_range(video: Video, start: Time | None, end: Time | None) -> tuple[int, int]:
    """Find the frames [start, stop) of a film that are shown at or after `start` and before `end`.

    Raises
    ------
    RangeError
        There are none.

    """
    first = 0 if start is None else video.index_at(start)
    stop = video.frames if end is None else min(video.index_at(end), video.frames)
    if start is not None and first >= video.frames:
        raise RangeError(
            f"--start {start} is past the end of {quoted(video.path)}, which has {video.frames} frames and "
            f"lasts {float(video.duration):.2f} s; give an earlier start."
        )
    if first >= stop:
        raise RangeError(f"no frame of {quoted(video.path)} lies between --start and --end; widen the range.")
    return first, stop


def spread_evenly(number: int, most: int) -> list[int]:
    """Choose at most `most` of `number` indices, evenly spread, the first and the last among them."""
    return sorted(set(np.linspace(0, number - 1, min(most, number)).round().astype(int).tolist()))
