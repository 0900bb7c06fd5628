"""Multi-scale painting: a large image is painted small first, and each next size starts from the one before.

Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017, section 6.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from vidstyle.imaging.resize import resize
from vidstyle.imaging.types import Image
from vidstyle.neural.inputs import WarmStart
from vidstyle.neural.optimize.monitor import Checkpoints, Monitor, Progress, SnapshotCallback
from vidstyle.neural.result import Painted
from vidstyle.pipeline.paint.motion_steps import FrameWithMotion
from vidstyle.pipeline.paint.scales import work_of
from vidstyle.pipeline.paint.targets import TargetSource
from vidstyle.pipeline.painters.painter import Painter


def paint_multiscale(
    painter: Painter,
    targets: TargetSource,
    frame: FrameWithMotion,
    monitor: Monitor,
    checkpoints: Sequence[Checkpoints] = (),
) -> Painted:
    """Paint a frame without painted predecessors, from coarse to fine.

    Parameters
    ----------
    painter
        The painter.
    targets
        Targets at the frame's size, with those of its coarser sizes.
    frame
        The frame.
    monitor
        Iterations are counted over all sizes; snapshots are of the frame's size.
    checkpoints
        Checkpoints of each size, the smallest first.

    Returns
    -------
    Painted
        Painting of the last size; its iterations and seconds are those of all.

    """
    sources = (*targets.coarser, targets)
    # Where a larger size was begun, those before it are done.
    first = max((place for place, kept in enumerate(checkpoints) if kept.load() is not None), default=0)
    painted: Painted | None = None
    below: Image | None = None
    for place in range(first, len(sources)):
        scale, is_last = sources[place].scale, place + 1 == len(sources)
        content = resize(frame.source, scale.width, scale.height)
        at_scale = sources[place].for_frame(frame.index, content, initial=True)
        begun = at_scale.content if at_scale.initial is None else at_scale.initial
        start = None
        if painted is not None and below is not None:
            upsampled = [_upsample_change(painted.image, below, begun)]
            # Losses are means over pixels, so that their slope by each falls with their number. Where a
            # preset takes sums, a step may be too long at first, and is then rejected.
            ratio = scale.pixels / sources[place - 1].scale.pixels
            start = WarmStart(upsampled.pop, hessian_scale=painted.hessian_scale * ratio)
            at_scale = replace(at_scale, initial=None)
        # Of the last size, whose images are the largest, no more is held than is needed.
        below = None if is_last else begun
        del begun
        if not is_last:
            at_scale = replace(at_scale, full_size=frame.source.shape[:2])
        part = _monitor_of(sources, place, frame.source, monitor)
        part = replace(part, checkpoints=checkpoints[place] if checkpoints else None)
        now = painter.paint(at_scale, start, iterations=scale.iterations, monitor=part)
        painted = now if painted is None else _summed(painted, now)
    assert painted is not None  # noqa: S101 - there is a last size.
    return painted


def _monitor_of(sources: Sequence[TargetSource], place: int, source: Image, monitor: Monitor) -> Monitor:
    """Count iterations over all sizes, and bring snapshots to the frame's size."""
    sizes = [each.scale for each in sources]
    before, later = sum(size.iterations for size in sizes[:place]), work_of(sizes[place + 1 :])
    total = sum(size.iterations for size in sizes)
    height, width, _ = source.shape

    def on_progress(now: Progress) -> None:
        left = now.left + later / sizes[place].pixels
        counted = replace(now, iteration=before + now.iteration, iterations=total, left=left)
        monitor.on_progress(counted)

    def take(image: Any) -> None:
        if monitor.snapshots:
            monitor.snapshots(resize(np.asarray(image), width, height))

    snapshots = monitor.snapshots and SnapshotCallback(monitor.snapshots.every, take)
    return replace(monitor, on_progress=on_progress, snapshots=snapshots)


def _summed(before: Painted, now: Painted) -> Painted:
    return replace(
        now,
        iterations=before.iterations + now.iterations,
        rejected=before.rejected + now.rejected,
        seconds=before.seconds + now.seconds,
    )


def _upsample_change(painted: Image, below: Image, begun: Image) -> Image:
    """Enlarge the change that a painting made to its start, onto the start in the new size.

    What only the larger image shows is kept: without it the first layers would have nothing to begin with.
    """
    height, width, _ = begun.shape
    changed = resize(painted, width, height) - resize(below, width, height)
    return np.clip(begun + changed, 0, 1)
