import numpy as np
import pytest
from support.descents import draw, ops

from vidstyle.neural.optimize.loop import initial_state
from vidstyle.neural.optimize.state import smoothed_decrease, tracked_terms
from vidstyle.options.groups import Optimizer


def state(**fields):
    fields = {name: ops.convert_to_tensor(np.asarray(value)) for name, value in fields.items()}
    return initial_state(draw(), Optimizer.LBFGS, tracked=2)._replace(**fields)


def test_smoothed_decrease_follows_that_of_the_loss():
    # A loss that decreases by a tenth per iteration has a decrease of a tenth in the end, wherever it starts.
    loss, rate = 5.0, 1.0
    for i in range(1, 40):
        at = state(loss=np.float32(loss), relative_decrease=np.float32(rate), evaluations=np.int32(i))
        rate, before = float(smoothed_decrease(at, 0.1 * loss, accepted=True)), rate
        assert rate < before or rate == pytest.approx(0.1)
        loss *= 0.9
    assert rate == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize(("evaluations", "accepted"), [(0, True), (3, False)])
def test_neither_the_start_nor_a_rejected_step_counts(evaluations, accepted):
    at = state(relative_decrease=np.float32(0.4), loss=np.float32(7), evaluations=np.int32(evaluations))
    assert float(smoothed_decrease(at, ops.convert_to_tensor(np.float32(np.nan)), accepted)) == pytest.approx(
        0.4
    )


def test_terms_of_a_rejected_step_are_not_kept():
    at = state(terms=np.float32([1, 2]))
    new = ops.convert_to_tensor(np.float32([3, 4, 5, 6]))
    assert np.asarray(tracked_terms(at, new, accepted=True)).tolist() == [3, 4]
    assert np.asarray(tracked_terms(at, new, accepted=False)).tolist() == [1, 2]
