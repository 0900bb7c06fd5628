"""One image painted by the optimising painter, its inputs given by name."""

from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.optimize.monitor import Monitor, SnapshotCallback


def paint_image(
    painter,
    content,
    style,
    *,
    iterations=None,
    protect=None,
    features=None,
    full_size=None,
    on_progress=lambda _: None,
    should_stop=lambda: False,
    snapshots=None,
    checkpoints=None,
    **start,
):
    """Paint `content` in `style`; other keywords are the warm start's, its image the content by default."""
    targets = FrameTargets(content, style, protect, features=features, full_size=full_size)
    warm = WarmStart(**{"image": content, **start}) if start else None
    taken = snapshots and SnapshotCallback(*snapshots)
    monitor = Monitor(on_progress, should_stop, taken, checkpoints)
    return painter.paint(targets, warm, iterations=iterations, monitor=monitor)
