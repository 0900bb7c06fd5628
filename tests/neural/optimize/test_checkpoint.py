import numpy as np
import pytest
from support.descents import Descent, curved, draw, quadratic

from vidstyle.neural.device.backend import keras
from vidstyle.neural.optimize.checkpoint import arrays_of, state_of
from vidstyle.neural.optimize.loop import initial_state
from vidstyle.options.groups import Optimizer, Precision


def state_after(evaluations, method=Optimizer.LBFGS, **options):
    function, _ = quadratic(draw(), curved())
    return Descent(function, draw(2), method, **options).until(evaluations).state


@pytest.mark.parametrize(
    ("method", "kept"),
    [
        (Optimizer.LBFGS, Precision.FLOAT32),
        (Optimizer.LBFGS, Precision.BFLOAT16),
        (Optimizer.ADAM, Precision.FLOAT32),
    ],
)
def test_state_is_read_back_bit_by_bit(method, kept, tmp_path):
    state = state_after(7, method, kept=kept)
    np.savez(tmp_path / "state.npz", **arrays_of(state, 1.5))
    arrays = dict(np.load(tmp_path / "state.npz"))
    again, seconds = state_of(arrays, initial_state(draw(2), method, kept=kept))
    assert seconds == 1.5
    for one, other in zip(keras.tree.flatten(state), keras.tree.flatten(again), strict=True):
        assert np.asarray(one).dtype == np.asarray(other).dtype
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_state_of_another_descent_is_refused():
    arrays = arrays_of(state_after(3), 0.0)
    assert state_of(arrays, initial_state(draw(2), Optimizer.LBFGS)) is not None
    assert state_of(arrays, initial_state(draw(2, shape=(6, 6, 3)), Optimizer.LBFGS)) is None
    assert state_of(arrays, initial_state(draw(2), Optimizer.LBFGS, history=5)) is None
    assert state_of(arrays, initial_state(draw(2), Optimizer.LBFGS, kept=Precision.BFLOAT16)) is None
    assert state_of(arrays, initial_state(draw(2), Optimizer.ADAM)) is None
    assert state_of({}, initial_state(draw(2), Optimizer.LBFGS)) is None
