"""Descent by SciPy's L-BFGS-B, in rounds as in the presets that use it: each starts without a history.

Byrd, Lu, Nocedal and Zhu, "A Limited Memory Algorithm for Bound Constrained Optimization", SIAM 1995; without
bounds. The first step of a round has a length of its own, so the image is passed on in the units of those
presets, 0 to 255.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.types import Image
from vidstyle.neural.optimize.driver import check_stop
from vidstyle.neural.optimize.monitor import Arrays
from vidstyle.neural.optimize.solver import Solution, Solver

LEVELS = 255.0


@dataclass(frozen=True)
class Round:
    """State between two rounds."""

    flat: NDArray[np.float64]
    """Image in levels, [H W 3]."""
    loss: float
    """Infinite before the first round."""
    evaluations: int
    has_converged: bool
    """Whether the latest round found no better image."""


class ScipySolver(Solver[Round]):
    """Descent in rounds of some evaluations. It is not resumed from within an image.

    Parameters
    ----------
    evaluate
        Computes the loss of an image [H, W, 3] in [0, 1], and its gradient.
    start
        Image to start from, [H, W, 3].
    iterations
        Evaluations, about so many in all: a round ends after a whole line search.
    round_length
        Evaluations of a round.
    should_stop
        Asked before each evaluation.

    """

    in_rounds = True

    def __init__(
        self,
        evaluate: Callable[[Image], tuple[float, Any]],
        start: Image,
        iterations: int,
        round_length: int,
        should_stop: Callable[[], bool],
    ) -> None:
        self._evaluate, self._start = evaluate, start
        self._iterations, self._round_length, self._should_stop = iterations, round_length, should_stop

    def init(self) -> Round:
        """Make the state at the start, which is evaluated in the first round."""
        return Round(self._start.astype(np.float64).ravel() * LEVELS, np.inf, 0, has_converged=False)

    def step(self, state: Round, _until: int) -> Round:
        """Make one round.

        Raises
        ------
        Interrupted
            `should_stop` returned True.

        """
        from scipy.optimize import fmin_l_bfgs_b  # noqa: PLC0415 - half a second, and for this alone.

        length = min(self._round_length, self._iterations - state.evaluations)
        flat, loss, report = fmin_l_bfgs_b(self._of_levels, state.flat, maxfun=length)
        evaluations = state.evaluations + report["funcalls"]
        return Round(flat, float(loss), evaluations, report["warnflag"] == 0 and report["nit"] == 0)

    def terminate(self, state: Round) -> bool:
        """Tell whether no step improves the image."""
        return state.has_converged

    def iteration(self, state: Round) -> int:
        """Count the evaluations."""
        return state.evaluations

    def loss(self, state: Round) -> float:
        """Read the loss at the current image."""
        return state.loss

    def image(self, state: Round) -> Image:
        """Read the current image, [H, W, 3] in [0, 1]."""
        return np.asarray(np.clip(state.flat / LEVELS, 0, 1).reshape(self._start.shape), np.float32)

    def solution(self, state: Round, seconds: float) -> Solution:
        """Make the result; without a round the loss is that of the start."""
        loss = state.loss if state.evaluations else self._of_levels(state.flat)[0]
        return Solution(self.image(state), loss, state.evaluations, seconds)

    def save(self, _state: Round, _seconds: float) -> Arrays | None:
        """Write nothing."""
        return None

    def restore(self, _arrays: Arrays, _start: Round) -> tuple[Round, float] | None:
        """Read nothing."""
        return None

    def _of_levels(self, flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        check_stop(self._should_stop)
        image = (flat / LEVELS).reshape(self._start.shape).astype(np.float32)
        loss, gradient = self._evaluate(image)
        return float(loss), np.asarray(gradient, np.float64).ravel() / LEVELS
