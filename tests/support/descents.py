"""Descents on simple functions, for the tests of the methods."""

import numpy as np

from vidstyle.neural.device.backend import compiled, keras, value_and_gradient
from vidstyle.neural.device.memory import HISTORY
from vidstyle.neural.optimize.loop import initial_state, run_steps
from vidstyle.neural.optimize.preconditioner import Preconditioner
from vidstyle.options.groups import Optimizer, Precision

SHAPE = (6, 5, 3)
ops = keras.ops


def draw(seed=0, low=0.3, high=0.7, shape=SHAPE):
    return np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)


def tensor(array, dtype="float32"):
    return ops.convert_to_tensor(np.asarray(array, dtype))


class Descent:
    """A descent on a function of an image, compiled as the painter's."""

    def __init__(
        self,
        function,
        start,
        method=Optimizer.LBFGS,
        *,
        hessian_scale=0.0,
        spectrum=None,
        diagonal=None,
        stop_below=-np.inf,
        rate=0.02,
        beta1=0.9,
        epsilon=1e-8,
        target_losses=None,
        history=HISTORY,
        kept=Precision.FLOAT32,
    ):
        start = np.asarray(start, np.float32)
        ones = np.ones(start.shape[:2])
        scaling = Preconditioner(
            *(tensor(ones if given is None else given) for given in (spectrum, diagonal))
        )

        def objective(image):
            loss = function(image)
            return loss, ops.stack([loss / 4, loss * 3 / 4])

        def evaluate(image):
            return value_and_gradient(objective, image)

        def step(state, until):
            tuning = tensor([rate, beta1, epsilon])
            goal = None if target_losses is None else tensor(target_losses)
            return run_steps(evaluate, state, scaling, until, tensor(stop_below), tuning, method, goal)

        self._step = compiled(step, xla=False)
        tracked = 0 if target_losses is None else len(target_losses)
        self.state = initial_state(start, method, hessian_scale, tracked, history, kept)

    def until(self, evaluations):
        """Go on until a number of evaluations, of which the first is that of the start."""
        self.state = type(self.state)(*self._step(self.state, tensor(evaluations, "int32")))
        return self

    @property
    def image(self):
        return np.asarray(self.state.image)

    @property
    def loss(self):
        return float(self.state.loss)

    @property
    def rejected(self):
        return int(self.state.rejected)

    @property
    def evaluations(self):
        return int(self.state.evaluations)


def quadratic(minimum, curvature):
    """Function sum a (x - c)^2 / 2 and its gradient in NumPy."""

    def function(image):
        return ops.sum(tensor(curvature) * ops.square(image - tensor(minimum))) / 2

    return function, lambda x: np.asarray(curvature, np.float64) * (x - minimum)


def curved(seed=1, low=1.0, high=30.0):
    return np.exp(draw(seed, np.log(low), np.log(high)))
