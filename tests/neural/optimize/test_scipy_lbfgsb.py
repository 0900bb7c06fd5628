import numpy as np
import pytest
from scipy.optimize import fmin_l_bfgs_b

from vidstyle.errors import Interrupted
from vidstyle.neural.optimize.scipy_lbfgsb import scipy_descend

GOAL = np.random.default_rng(1).uniform(0.2, 0.8, (4, 5, 3))
STIFF = np.random.default_rng(2).uniform(1, 50, GOAL.shape)
START = np.full(GOAL.shape, 0.5, np.float32)


def bowl(image):
    apart = image - GOAL
    return float(np.sum(STIFF * apart**2)), 2 * STIFF * apart


def descend(evaluations, each, told=lambda _: None, should_stop=lambda: False):
    return scipy_descend(bowl, START, evaluations, each, told, should_stop)


def test_a_round_is_scipys_own_in_levels_of_0_to_255():
    def levels(flat):
        loss, gradient = bowl((flat / 255).reshape(GOAL.shape).astype(np.float32))
        return loss, gradient.ravel() / 255

    expected, loss, _ = fmin_l_bfgs_b(levels, 255.0 * START.ravel(), maxfun=6)
    image, found, _, _ = descend(6, 6)
    assert found == pytest.approx(loss)
    np.testing.assert_allclose(image.ravel(), expected / 255, atol=1e-6)


def test_rounds_follow_each_other_to_the_minimum_and_are_told_of():
    told = []
    image, loss, evaluations, seconds = descend(60, 10, told.append)
    np.testing.assert_allclose(image, GOAL, atol=1e-2)
    assert loss < 1e-3 * bowl(START)[0]
    assert len(told) >= 3
    assert sum(progress.steps for progress in told) == evaluations
    assert seconds > 0


def test_what_is_at_its_minimum_ends_at_once():
    told = []
    scipy_descend(bowl, GOAL.astype(np.float32), 10_000, 5, told.append, lambda: False)
    assert len(told) < 50


def test_it_can_be_stopped():
    with pytest.raises(Interrupted):
        descend(10, 5, should_stop=lambda: True)
