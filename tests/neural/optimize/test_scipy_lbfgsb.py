import numpy as np
import pytest
from scipy.optimize import fmin_l_bfgs_b

from vidstyle.errors import Interrupted
from vidstyle.neural.optimize.driver import drive
from vidstyle.neural.optimize.monitor import Monitor, SnapshotCallback
from vidstyle.neural.optimize.scipy_lbfgsb import ScipySolver

GOAL = np.random.default_rng(1).uniform(0.2, 0.8, (4, 5, 3))
STIFFNESS = np.random.default_rng(2).uniform(1, 50, GOAL.shape)
START = np.full(GOAL.shape, 0.5, np.float32)


def bowl(image):
    difference = image - GOAL
    return float(np.sum(STIFFNESS * difference**2)), 2 * STIFFNESS * difference


def descend(evaluations, round_length, start=START, **monitor):
    monitor = Monitor(**monitor)
    solver = ScipySolver(bowl, start, evaluations, round_length, monitor.should_stop)
    return drive(solver, evaluations, monitor)


def test_round_is_scipys_own_in_levels_of_0_to_255():
    def levels(flat):
        loss, gradient = bowl((flat / 255).reshape(GOAL.shape).astype(np.float32))
        return loss, gradient.ravel() / 255

    expected, loss, _ = fmin_l_bfgs_b(levels, 255.0 * START.ravel(), maxfun=6)
    found = descend(6, 6)
    assert found.loss == pytest.approx(loss)
    np.testing.assert_allclose(found.image.ravel(), expected / 255, atol=1e-6)


def test_rounds_follow_each_other_to_the_minimum_and_are_reported():
    reports = []
    found = descend(60, 10, on_progress=reports.append)
    np.testing.assert_allclose(found.image, GOAL, atol=1e-2)
    assert found.loss < 1e-3 * bowl(START)[0]
    assert len(reports) >= 3
    assert sum(progress.steps for progress in reports) == found.iterations
    assert found.seconds > 0


def test_start_at_the_minimum_ends_at_once():
    reports = []
    descend(10_000, 5, GOAL.astype(np.float32), on_progress=reports.append)
    assert len(reports) < 50


def test_start_alone_has_its_loss():
    found = descend(0, 5)
    np.testing.assert_array_equal(found.image, START)
    assert (found.loss, found.iterations) == (pytest.approx(bowl(START)[0]), 0)


def test_each_round_is_a_snapshot():
    reports, images = [], []
    descend(30, 10, on_progress=reports.append, snapshots=SnapshotCallback(1000, images.append))
    assert len(images) == len(reports) > 1


def test_descent_stops_on_request_within_a_round():
    asked = []
    with pytest.raises(Interrupted):
        descend(10, 5, should_stop=lambda: asked.append(1) or len(asked) > 3)
    assert len(asked) == 4
