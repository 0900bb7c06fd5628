import numpy as np
import pytest
from support.descents import draw, ops

from vidstyle.neural.optimize.loop import begin
from vidstyle.neural.optimize.state import progress, watched
from vidstyle.options.groups import Optimizer


def state(**fields):
    fields = {name: ops.convert_to_tensor(np.asarray(value)) for name, value in fields.items()}
    return begin(draw(), Optimizer.LBFGS, terms=2)._replace(**fields)


def test_progress_follows_the_relative_fall_of_the_loss():
    # However far it was from there: a loss that falls by a tenth an iteration has a rate of a tenth in the end.
    loss, rate = 5.0, 1.0
    for i in range(1, 40):
        now = state(loss=np.float32(loss), rate=np.float32(rate), evaluations=np.int32(i))
        rate, before = float(progress(now, 0.1 * loss, accepted=True)), rate
        assert rate < before or rate == pytest.approx(0.1)
        loss *= 0.9
    assert rate == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize(("evaluations", "accepted"), [(0, True), (3, False)])
def test_neither_the_start_nor_an_undone_step_is_progress(evaluations, accepted):
    now = state(rate=np.float32(0.4), loss=np.float32(7), evaluations=np.int32(evaluations))
    assert float(progress(now, ops.convert_to_tensor(np.float32(np.nan)), accepted)) == pytest.approx(0.4)


def test_terms_of_an_undone_step_are_not_kept():
    now = state(terms=np.float32([1, 2]))
    new = ops.convert_to_tensor(np.float32([3, 4, 5, 6]))
    assert np.asarray(watched(now, new, accepted=True)).tolist() == [3, 4]
    assert np.asarray(watched(now, new, accepted=False)).tolist() == [1, 2]
