"""Loop of a descent in graph, by L-BFGS or Adam."""

import math
from typing import Any

import numpy as np

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.device.memory import HISTORY
from vidstyle.neural.optimize.adam import adam_step
from vidstyle.neural.optimize.lbfgs import lbfgs_step
from vidstyle.neural.optimize.preconditioner import Preconditioner
from vidstyle.neural.optimize.state import Evaluate, State
from vidstyle.options.groups import Optimizer, Precision


def initial_state(
    image: Any,
    optimizer: Optimizer,
    hessian_scale: float = 0.0,
    tracked: int = 0,
    history: int = HISTORY,
    kept: Precision = Precision.FLOAT32,
) -> State:
    """Make the state at the start of a descent.

    Parameters
    ----------
    image
        Image to start from, [H, W, 3], or a function that gives it.
    optimizer
        Method.
    hessian_scale
        Scale of the inverse Hessian that an earlier descent ended with; 0 if unknown.
    tracked
        Number of groups of terms that have target losses.
    history
        Pairs that L-BFGS keeps.
    kept
        Precision in which it keeps them.

    """
    image = np.asarray(image() if callable(image) else image, np.float32)
    count, kept = (history, kept) if optimizer is Optimizer.LBFGS else (1, Precision.FLOAT32)
    zeros = (
        keras.ops.zeros(image.shape, kept.value),
    ) * count  # The same for all, as no step writes into it.

    def scalar(value: float, dtype: str = "float32") -> Tensor:
        return keras.ops.convert_to_tensor(value, dtype)

    return State(
        image=keras.ops.convert_to_tensor(image),
        loss=scalar(math.inf),
        terms=keras.ops.full((tracked,), math.inf, "float32"),
        gradient=keras.ops.zeros(image.shape, "float32"),
        s_history=zeros,
        y_history=zeros,
        rho=keras.ops.zeros(count, "float32"),
        hessian_scale=scalar(hessian_scale),
        step_scale=scalar(1.0),
        relative_decrease=scalar(1.0),
        evaluations=scalar(0, "int32"),
        rejected=scalar(0, "int32"),
    )


def goes_on(state: State, stop_below: Tensor, target_losses: Tensor | None) -> Tensor:
    """Tell whether the loss still decreases enough, and some group of terms is above its target loss."""
    decreasing = state.relative_decrease >= stop_below
    if target_losses is None:
        return decreasing
    return keras.ops.logical_and(decreasing, keras.ops.any(state.terms > target_losses))


def run_steps(
    evaluate: Evaluate,
    state: State,
    preconditioner: Preconditioner,
    until: Tensor,
    stop_below: Tensor,
    tuning: Tensor,
    optimizer: Optimizer,
    target_losses: Tensor | None = None,
) -> State:
    """Go on until `until` evaluations are made in all, or the loss is good enough or hardly improves.

    Runs in graph. The division of the evaluations into calls does not change the result.

    Parameters
    ----------
    evaluate
        Computes the objective, with its gradient.
    state
        From `initial_state` or from an earlier call.
    preconditioner
        Of L-BFGS.
    until
        Number of evaluations after which to return, int32.
    stop_below
        Smoothed relative decrease of the loss below which the descent has ended.
    tuning
        Of Adam: learning rate, beta1 and epsilon, [3].
    optimizer
        Method; decides the graph.
    target_losses
        Sums [K] of the first groups of terms that are good enough, all together.

    """
    step = lbfgs_step if optimizer is Optimizer.LBFGS else adam_step

    def condition(*loop: Tensor) -> Tensor:
        current = State(*loop)
        return keras.ops.logical_and(current.evaluations < until, goes_on(current, stop_below, target_losses))

    def body(*loop: Tensor) -> State:
        return step(evaluate, State(*loop), preconditioner, tuning)

    return State(*keras.ops.while_loop(condition, body, tuple(state)))
