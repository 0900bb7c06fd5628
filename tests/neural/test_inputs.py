import numpy as np
import pytest

from vidstyle.neural.inputs import WarmStart

IMAGE = np.zeros((2, 3, 3), np.float32)


@pytest.mark.parametrize(("warped", "is_temporal"), [(None, False), (IMAGE, True)])
def test_start_is_temporal_with_painted_predecessors(warped, is_temporal):
    assert WarmStart(IMAGE, warped).is_temporal is is_temporal
