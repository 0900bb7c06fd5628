"""Shots that return to a place: the first frame starts from the painting of an earlier shot's end that shows the same.

A conversation cuts to and fro. Painted anew each time, the same room would come out differently in each shot.
"""

from collections.abc import Sequence

from vidstyle.imaging.types import Image
from vidstyle.media.frame_png import read_frame
from vidstyle.motion.flow import find_motion
from vidstyle.pipeline.paint.frame_state import Reference, unpacked
from vidstyle.pipeline.paint.passes import Source
from vidstyle.pipeline.work.frame_store import FrameStore

SHOTS = 8
"""Shots that are looked back at: each takes a glance into the source."""
SAME = 0.5
"""Least share of a picture whose motion since another is trusted, for both to show the same place."""


def find_recurring_frame(
    source: Source, store: FrameStore, ends: Sequence[int], now: Image
) -> Reference | None:
    """Find a painted frame that shows what a shot begins with; None where none does.

    Parameters
    ----------
    source
        The source's frames.
    store
        Where the finished frames are.
    ends
        Last frames of the shots before, in the source's indices, the latest last.
    now
        First frame of the shot, [H, W, 3], RGB in [0, 1].

    Returns
    -------
    Origin
        That frame, with the motion since it; the one of which the most is still there.

    """
    found: Reference | None = None
    most = SAME
    for index in list(ends)[: -SHOTS - 1 : -1]:
        record = store.get(index)
        if record is None:
            continue
        with source(index) as images:
            then = next(iter(images))
        motion = find_motion(then, now)
        trusted = float((motion.trust * motion.kept).mean())
        if trusted > most:
            most = trusted
            found = Reference(unpacked(read_frame(store.frame(index)), record.state), motion, 1)
    return found
