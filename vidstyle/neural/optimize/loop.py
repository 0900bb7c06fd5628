"""Descents over an image, in graph: one compiled loop, driven in chunks, by L-BFGS or Adam."""

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


def begin(
    image: Any,
    optimizer: Optimizer,
    gamma: float = 0.0,
    terms: int = 0,
    history: int = HISTORY,
    kept: Precision = Precision.FLOAT32,
) -> State:
    """State at the start of a descent.

    Parameters
    ----------
    image
        Where to start, [H, W, 3], or what hands that out.
    optimizer
        Method.
    gamma
        What an earlier descent ended with, if any.
    terms
        Number of the objective's terms that a standard is set for.
    history
        Pairs that L-BFGS remembers.
    kept
        What it remembers them in.

    """
    image = np.asarray(image() if callable(image) else image, np.float32)
    count, kept = (history, kept) if optimizer is Optimizer.LBFGS else (1, Precision.FLOAT32)
    none = (keras.ops.zeros(image.shape, kept.value),) * count  # One for all, as no step writes into it.
    scalars = {"loss": math.inf, "gamma": gamma, "length": 1.0, "rate": 1.0}
    counts = dict.fromkeys(("evaluations", "undone"), 0)
    return State(
        image=keras.ops.convert_to_tensor(image),
        terms=keras.ops.full((terms,), math.inf, "float32"),
        gradient=keras.ops.zeros(image.shape, "float32"),
        steps=none,
        changes=none,
        curvatures=keras.ops.zeros(count, "float32"),
        **{name: keras.ops.convert_to_tensor(value, "float32") for name, value in scalars.items()},
        **{name: keras.ops.convert_to_tensor(value, "int32") for name, value in counts.items()},
    )


def advance(
    evaluate: Evaluate,
    state: State,
    preconditioner: Preconditioner,
    until: Tensor,
    stop_below: Tensor,
    tuning: Tensor,
    optimizer: Optimizer,
    standard: Tensor | None = None,
) -> State:
    """Evaluate the objective until `until` evaluations are done in all, or until it is good enough or hardly improves.

    Runs in graph; how the evaluations are cut into calls does not change the result.

    Parameters
    ----------
    evaluate
        What is minimised, with its gradient.
    state
        From `begin` or from an earlier call.
    preconditioner
        Of L-BFGS.
    until
        Evaluations after which to return, int32.
    stop_below
        Smoothed relative fall of the loss below which the descent has ended.
    tuning
        Of Adam: learning rate, beta1 and epsilon, [3].
    optimizer
        Method; decides the graph.
    standard
        Values [K] of the objective's first terms that are good enough, all together.

    """
    step = lbfgs_step if optimizer is Optimizer.LBFGS else adam_step

    def goes_on(*loop: Tensor) -> Tensor:
        now = State(*loop)
        lasting = keras.ops.logical_and(now.evaluations < until, now.rate >= stop_below)
        if standard is None:
            return lasting
        return keras.ops.logical_and(lasting, keras.ops.any(now.terms > standard))

    def body(*loop: Tensor) -> State:
        return step(evaluate, State(*loop), preconditioner, tuning)

    return State(*keras.ops.while_loop(goes_on, body, tuple(state)))
