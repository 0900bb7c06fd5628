"""L-BFGS and Adam as the driver sees them: a compiled loop that runs in chunks."""

from collections.abc import Callable
from typing import Any

import numpy as np

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.device.memory import MemoryPlan
from vidstyle.neural.objective.terms import Targets
from vidstyle.neural.optimize.checkpoint import arrays_of, state_of
from vidstyle.neural.optimize.loop import goes_on, initial_state
from vidstyle.neural.optimize.monitor import Arrays
from vidstyle.neural.optimize.preconditioner import Preconditioner, spectral_scaling
from vidstyle.neural.optimize.solver import Solution, Solver
from vidstyle.neural.optimize.state import State
from vidstyle.options.groups import PaintOptions

TRACKED = 2
"""Groups of terms that have target losses: content and style."""


class GraphSolver(Solver[State]):
    """Descent by L-BFGS or Adam.

    Parameters
    ----------
    run_steps
        The compiled loop: takes state, targets, preconditioner, number of evaluations, `stop_below`, tuning
        and target losses.
    targets
        What the image is compared with.
    options
        Method, its tuning and `stop_below`.
    image
        Image to start from, [H, W, 3], or a function that gives it, once.
    diagonal
        Scale of each pixel's step, [H, W].
    plan
        History of L-BFGS.
    hessian_scale
        Scale of the inverse Hessian that an earlier descent ended with; 0 if unknown.
    target_losses
        Content and style loss that are good enough, both together.
    least_iterations
        Iterations before which nothing is good enough.

    """

    in_rounds = False

    def __init__(
        self,
        run_steps: Callable[..., State],
        targets: Targets,
        options: PaintOptions,
        *,
        image: Any,
        diagonal: Tensor,
        plan: MemoryPlan,
        hessian_scale: float = 0.0,
        target_losses: tuple[float, float] | None = None,
        least_iterations: int = 0,
    ) -> None:
        self._run_steps, self._targets, self._options = run_steps, targets, options
        self._image, self._plan, self._hessian_scale = image, plan, hessian_scale
        scaling = keras.ops.convert_to_tensor(spectral_scaling(*diagonal.shape))
        self._preconditioner = Preconditioner(scaling, diagonal)
        tuning = options.learning_rate, options.adam_beta1, options.adam_epsilon
        self._stop_below = keras.ops.convert_to_tensor(options.stop_below or -np.inf, "float32")
        self._tuning = keras.ops.convert_to_tensor(tuning, "float32")
        self._never = keras.ops.convert_to_tensor((-np.inf, -np.inf), "float32")
        self._target_losses = (
            self._never if target_losses is None else keras.ops.convert_to_tensor(target_losses, "float32")
        )
        self._least_iterations = least_iterations

    def init(self) -> State:
        """Make the state at the start."""
        plan, scale = self._plan, self._hessian_scale
        return initial_state(self._image, self._options.optimizer, scale, TRACKED, plan.history, plan.kept)

    def step(self, state: State, until: int) -> State:
        """Go on until an iteration, or until the loss is good enough or hardly improves."""
        if self._is_early(state):
            until = min(until, self._least_iterations)
        evaluations = keras.ops.convert_to_tensor(until + 1, "int32")  # The first is that of the start.
        fixed = self._stop_below, self._tuning, self._good_enough(state)
        return State(*self._run_steps(state, self._targets, self._preconditioner, evaluations, *fixed))

    def terminate(self, state: State) -> bool:
        """Tell whether the loss is good enough or hardly improves."""
        return not bool(goes_on(state, self._stop_below, self._good_enough(state)))

    def _good_enough(self, state: State) -> Tensor:
        """Give the losses that are good enough after the iterations so far."""
        return self._never if self._is_early(state) else self._target_losses

    def _is_early(self, state: State) -> bool:
        return self.iteration(state) < self._least_iterations > 0

    def iteration(self, state: State) -> int:
        """Count the iterations; -1 before the start is evaluated."""
        return int(state.evaluations) - 1

    def loss(self, state: State) -> float:
        """Read the loss at the current image."""
        return float(state.loss)

    def image(self, state: State) -> Tensor:
        """Read the current image, [H, W, 3]."""
        return state.image

    def solution(self, state: State, seconds: float) -> Solution:
        """Make the result."""
        content, style = (float(state.terms[index]) for index in range(TRACKED))
        return Solution(
            state.image,
            float(state.loss),
            self.iteration(state),
            seconds,
            int(state.rejected),
            float(state.hessian_scale),
            (content, style),
        )

    def save(self, state: State, seconds: float) -> Arrays | None:
        """Write a state as arrays, as soon as its start is evaluated."""
        return arrays_of(state, seconds) if int(state.evaluations) else None

    def restore(self, arrays: Arrays, start: State) -> tuple[State, float] | None:
        """Read back a state of a descent from such a start."""
        return state_of(arrays, start)
