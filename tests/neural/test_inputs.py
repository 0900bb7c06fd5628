import numpy as np

from vidstyle.neural.inputs import WarmStart

IMAGE = np.zeros((4, 6, 3), np.float32)


def test_start_is_temporal_only_with_warped_predecessors():
    assert not WarmStart(IMAGE).is_temporal
    assert WarmStart(IMAGE, IMAGE, np.ones((4, 6), np.float32)).is_temporal
