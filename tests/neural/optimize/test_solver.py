"""One suite over the methods of descent."""

import numpy as np
import pytest
from support.checkpoints import MemoryCheckpoints

from vidstyle.errors import Interrupted
from vidstyle.neural.device.backend import compiled, keras, value_and_gradient
from vidstyle.neural.device.memory import MemoryPlan
from vidstyle.neural.optimize.driver import drive
from vidstyle.neural.optimize.graph_solver import GraphSolver
from vidstyle.neural.optimize.loop import run_steps
from vidstyle.neural.optimize.monitor import Monitor, SnapshotCallback
from vidstyle.neural.optimize.scipy_lbfgsb import ScipySolver
from vidstyle.options.groups import Optimizer, PaintOptions

GOAL, START = np.random.default_rng(4).uniform(0.3, 0.7, (2, 6, 5, 3)).astype(np.float32)
ITERATIONS = 12


def bowl(image):
    loss = 4 * keras.ops.sum(keras.ops.square(image - keras.ops.convert_to_tensor(GOAL)))
    return loss, keras.ops.stack([loss / 4, loss * 3 / 4])


def make_solver(method, monitor):
    if method is Optimizer.SCIPY:

        def evaluate(image):
            loss, _, gradient = value_and_gradient(bowl, keras.ops.convert_to_tensor(image))
            return float(loss), np.asarray(gradient)

        return ScipySolver(evaluate, START, ITERATIONS, 4, monitor.should_stop)

    def steps(state, _targets, preconditioner, until, stop_below, tuning, target_losses):
        def evaluate(image):
            return value_and_gradient(bowl, image)

        return run_steps(evaluate, state, preconditioner, until, stop_below, tuning, method, target_losses)

    options = PaintOptions(optimizer=method, stop_below=0.0)
    diagonal = keras.ops.ones((6, 5), "float32")
    return GraphSolver(
        compiled(steps, xla=False), (), options, image=START, diagonal=diagonal, plan=MemoryPlan()
    )


def descend(method, **monitor):
    monitor = Monitor(**monitor)
    return drive(make_solver(method, monitor), ITERATIONS, monitor)


@pytest.fixture(params=list(Optimizer))
def method(request):
    return request.param


def test_descent_lowers_the_loss_and_says_by_how_much(method):
    reports = []
    found = descend(method, on_progress=reports.append)
    image = np.asarray(found.image)
    assert image.shape == START.shape
    assert found.loss < 4 * np.sum((START - GOAL) ** 2)
    assert found.loss == pytest.approx(4 * np.sum((image - GOAL) ** 2), rel=1e-3, abs=1e-5)
    assert reports[-1].iteration == reports[-1].iterations == ITERATIONS
    assert reports[-1].loss == pytest.approx(found.loss)
    assert reports[-1].left == 0


def test_descent_starts_at_its_image(method):
    solver = make_solver(method, Monitor())
    np.testing.assert_allclose(np.asarray(solver.image(solver.init())), START, atol=1e-7)


def test_descent_is_the_same_each_time(method):
    one, other = (np.asarray(descend(method).image) for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_monitor_does_not_change_the_result(method):
    watched = descend(method, snapshots=SnapshotCallback(3, len), checkpoints=MemoryCheckpoints())
    assert np.asarray(watched.image).tobytes() == np.asarray(descend(method).image).tobytes()


def test_descent_stops_on_request(method):
    with pytest.raises(Interrupted):
        descend(method, should_stop=lambda: True)
