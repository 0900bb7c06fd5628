import numpy as np
import pytest

from vidstyle.neural.device.backend import keras
from vidstyle.neural.device.memory import MemoryPlan
from vidstyle.neural.optimize.graph_solver import GraphSolver
from vidstyle.options.groups import PaintOptions

START = np.full((4, 5, 3), 0.5, np.float32)
TUNING = {"learning_rate": 0.5, "adam_beta1": 0.25, "adam_epsilon": 0.125}


def solver_of(run_steps, **options):
    given = {"image": START, "diagonal": keras.ops.full((4, 5), 0.75, "float32"), "plan": MemoryPlan()}
    return GraphSolver(run_steps, "targets", PaintOptions(**TUNING), **{**given, **options})


def test_loop_is_called_with_all_that_it_needs():
    calls = []

    def run_steps(state, targets, preconditioner, until, stop_below, tuning, target_losses):
        arrays = preconditioner.diagonal, stop_below, tuning, target_losses
        calls.append((targets, int(until), *map(np.asarray, arrays)))
        return state

    solver = solver_of(run_steps, target_losses=(1.0, 2.0))
    solver.step(solver.init(), 3)
    targets, until, diagonal, stop_below, tuning, target_losses = calls[0]
    assert (targets, until) == ("targets", 4)  # The first evaluation is that of the start.
    np.testing.assert_array_equal(diagonal, np.full((4, 5), 0.75))
    assert stop_below == pytest.approx(PaintOptions().stop_below)
    np.testing.assert_array_equal(tuning, [0.5, 0.25, 0.125])
    np.testing.assert_array_equal(target_losses, [1, 2])


def test_target_losses_end_nothing_before_the_least_iterations():
    calls = []

    def run_steps(state, _targets, _preconditioner, until, _stop_below, _tuning, target_losses):
        calls.append((int(until) - 1, np.asarray(target_losses).tolist()))
        return state._replace(evaluations=until)

    solver = solver_of(run_steps, target_losses=(1.0, 2.0), least_iterations=3)
    state = solver.init()._replace(terms=keras.ops.convert_to_tensor([0.5, 0.5], "float32"))
    state = solver.step(state, 2)
    assert not solver.terminate(state)
    state = solver.step(state, 9)  # It returns at the third, where they begin to count.
    assert solver.terminate(state)
    solver.step(state, 9)
    assert calls == [(2, [-np.inf] * 2), (3, [-np.inf] * 2), (9, [1, 2])]


def test_solution_is_that_of_the_state():
    solver = solver_of(None, hessian_scale=0.5)
    state = solver.init()._replace(
        evaluations=keras.ops.convert_to_tensor(4),
        loss=keras.ops.convert_to_tensor(2.5),
        terms=keras.ops.convert_to_tensor([0.5, 1.5]),
        rejected=keras.ops.convert_to_tensor(1),
    )
    found = solver.solution(state, 7.0)
    assert (found.loss, found.iterations, found.seconds, found.rejected) == (2.5, 3, 7.0, 1)
    assert (found.hessian_scale, found.reached_losses) == (0.5, (0.5, 1.5))


@pytest.mark.parametrize(
    ("decrease", "terms", "ended"),
    [(0.1, (3.0, 1.0), False), (1e-9, (3.0, 1.0), True), (0.1, (1.0, 2.0), True), (np.nan, (3.0, 3.0), True)],
)
def test_descent_ends_at_its_target_losses_or_when_the_loss_hardly_decreases(decrease, terms, ended):
    solver = solver_of(None, target_losses=(1.0, 2.0))
    state = solver.init()
    assert not solver.terminate(state)
    fields = {"relative_decrease": decrease, "terms": terms}
    state = state._replace(
        **{name: keras.ops.convert_to_tensor(value, "float32") for name, value in fields.items()}
    )
    assert solver.terminate(state) is ended


def test_start_may_be_given_by_a_function_once():
    images = [START]
    solver = solver_of(None, image=images.pop)
    np.testing.assert_array_equal(solver.image(solver.init()), START)
    assert images == []


def test_state_is_saved_once_its_start_is_evaluated():
    solver = solver_of(None)
    start = solver.init()
    assert solver.save(start, 0.0) is None
    state = start._replace(evaluations=keras.ops.convert_to_tensor(3, "int32"))
    restored, seconds = solver.restore(solver.save(state, 1.5), start)
    assert (solver.iteration(restored), seconds) == (2, 1.5)
    assert solver.restore({}, start) is None


def test_history_is_that_of_the_plan():
    assert len(solver_of(None, plan=MemoryPlan(None, 7)).init().s_history) == 7
    assert tuple(solver_of(None).init().terms.shape) == (2,)
