import numpy as np

from vidstyle.neural.optimize.monitor import Monitor, Progress, SnapshotCallback


def test_monitor_by_default_neither_reports_nor_stops():
    monitor = Monitor()
    monitor.on_progress(Progress(1, 2, 3.0, 0.5, 1, 1))
    assert not monitor.should_stop()
    assert monitor.snapshots is monitor.checkpoints is None


def test_snapshot_callback_passes_arrays():
    images = []
    SnapshotCallback(10, images.append)([[[1.0, 2.0, 3.0]]])
    assert isinstance(images[0], np.ndarray)
