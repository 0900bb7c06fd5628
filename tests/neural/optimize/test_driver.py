import weakref
from functools import partial
from types import SimpleNamespace

import numpy as np

from vidstyle.neural.device.backend import keras
from vidstyle.neural.optimize.driver import by_scipy, in_graph
from vidstyle.neural.optimize.loop import begin
from vidstyle.options.groups import Optimizer, PaintOptions

START = np.full((4, 5, 3), 0.5, np.float32)


def test_what_came_of_a_compiled_descent_is_told():
    asked = []

    def advance(state, targets, preconditioner, until, _stop_below, tuning, standard):
        asked.append((targets, np.asarray(preconditioner.freedom), np.asarray(tuning), np.asarray(standard)))
        return state._replace(
            evaluations=until, loss=keras.ops.convert_to_tensor(2.5), gamma=keras.ops.convert_to_tensor(0.5)
        )

    options = PaintOptions(learning_rate=0.5, adam_beta1=0.25, adam_epsilon=0.125)
    free = keras.ops.full((4, 5), 0.75, "float32")
    begun = partial(begin, START, Optimizer.LBFGS)
    end = in_graph(advance, begun, "targets", free, (1.0, 2.0), options, 3, lambda _: None, lambda: False)
    assert (end.loss, end.iterations, end.undone, end.gamma) == (2.5, 3, 0, 0.5)
    targets, freedom, tuning, standard = asked[0]
    assert targets == "targets"
    np.testing.assert_array_equal(freedom, free)
    np.testing.assert_array_equal(tuning, [0.5, 0.25, 0.125])
    np.testing.assert_array_equal(standard, [1, 2])


def test_the_start_of_a_descent_is_let_go_of():
    # Of a large picture it is as large as where the descent is.
    alive = []

    def begun():
        state = begin(START, Optimizer.LBFGS)
        alive.append(weakref.ref(state.gradient))
        return state

    def advance(state, _targets, _preconditioner, until, *_):
        alive.append(alive[0]() is not None)
        return state._replace(evaluations=until, gradient=keras.ops.ones((4, 5, 3)))

    free = keras.ops.ones((4, 5), "float32")
    in_graph(advance, begun, None, free, None, PaintOptions(), 3, lambda _: None, lambda: False, (1, len))
    assert alive[1:] == [True, False, False, False]


def test_scipy_is_handed_loss_and_gradient():
    def evaluate(image, targets):
        apart = np.asarray(image) - targets.goal
        return keras.ops.sum(apart**2), keras.ops.convert_to_tensor(2 * apart)

    targets = SimpleNamespace(goal=np.float32(0.25))
    end = by_scipy(evaluate, START, targets, PaintOptions(), 20, lambda _: None, lambda: False)
    np.testing.assert_allclose(end.image, 0.25, atol=1e-3)
    assert end.iterations <= 21
