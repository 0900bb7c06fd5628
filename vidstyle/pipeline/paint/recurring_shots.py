"""Recurring shots: a shot that returns to a place starts from the painting of an earlier shot's end.

A conversation cuts to and fro. Painted from the source each time, the same room would come out differently in
each shot.
"""

from collections.abc import Sequence

from vidstyle.errors import WorkdirError, quoted
from vidstyle.imaging.types import FrameSource, Image
from vidstyle.media.frame_png import read_frame
from vidstyle.motion.flow import find_motion
from vidstyle.pipeline.paint.frame_state import Reference, from_json
from vidstyle.pipeline.work.frame_store import FrameStore

MAX_SHOTS = 8
"""Earlier shots that are compared: each takes a frame of the source."""
MIN_SHARE = 0.5
"""Least share of an image whose motion relative to another is trusted, for both to show the same place."""


def find_recurring_frame(source: FrameSource, ends: Sequence[int], start: int) -> int | None:
    """Find the last frame of an earlier shot that shows what a shot begins with, in the source alone.

    Parameters
    ----------
    source
        The source's frames.
    ends
        Last frames of the earlier shots, by index in the source, the latest last.
    start
        First frame of the shot.

    Returns
    -------
    int
        Index of the frame of which the most is still visible; None if no shot shows the same place.

    """
    found, most = None, MIN_SHARE
    candidates = list(ends)[: -MAX_SHOTS - 1 : -1]
    current = _frame(source, start) if candidates else None
    for index in candidates:
        assert current is not None  # noqa: S101 - there are candidates.
        motion = find_motion(_frame(source, index), current)
        share = float((motion.trust * motion.visible).mean())
        if share > most:
            found, most = index, share
    return found


def recurring_reference(source: FrameSource, store: FrameStore, index: int, first: Image) -> Reference:
    """Refer the first frame of a shot, [H, W, 3], to a painted frame of an earlier one.

    Raises
    ------
    WorkdirError
        That frame is not painted.

    """
    record = store.get(index)
    if record is None:
        raise WorkdirError(
            f"The shot depends on frame {index}, which is missing in {quoted(store.path)}; "
            "run the same command again."
        )
    painted = from_json(read_frame(store.frame(index)), record.state)
    return Reference(painted, find_motion(_frame(source, index), first), 1)


def _frame(source: FrameSource, index: int) -> Image:
    with source(index) as images:
        return next(iter(images))
