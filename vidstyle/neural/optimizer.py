"""L-BFGS and Adam over an image, in graph: one compiled loop, driven in chunks.

L-BFGS is Nocedal and Wright, "Numerical Optimization", 2nd edition, algorithm 7.4, with a unit step instead of a line
search (every trial counts as an iteration, so a guard replaces the search) and with an initial inverse Hessian
H0 = gamma P. P scales the Fourier coefficients of an image by 1 / f^(2a): a natural image has most of its energy at low
frequencies, where plain descent is slowest. Adam is Kingma and Ba, arXiv:1412.6980, algorithm 1.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from vidstyle.neural.backend import Tensor, keras, value_and_gradient
from vidstyle.options import Optimizer

HISTORY = 20
"""Pairs that L-BFGS remembers."""
SPECTRAL_EXPONENT = 0.8
"""2a of the preconditioner 1 / f^(2a)."""
FIRST_STEP_RMS = 0.05
"""Root mean square of the very first step, before any curvature is known, in units of the image."""
EXPLODES = 1.0
"""A trial whose loss exceeds this multiple of the loss before is undone."""
SHORTEN = 0.25
"""Factor on the step after a trial was undone."""
FORGET_BELOW = SHORTEN**3
"""When steps as short as this fail, it is the remembered curvature that is wrong: it is forgotten."""
CURVATURE = 1e-8
"""A pair is kept if s.y is above this multiple of |s| |y|, as the inverse Hessian must stay positive definite."""
SMOOTHING = 0.5
"""Weight of the past in the smoothed rate of progress that stops a frame early."""
ADAM_BETAS = (0.9, 0.999)
ADAM_EPSILON = 1e-8

Objective = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Image [H, W, 3] -> (loss, its terms [K])."""


class State(NamedTuple):
    """Where a descent is. The loop's tensors, in an order that Keras can pass around."""

    image: Tensor
    """Image of the latest step that was not undone, [H, W, 3]; of L-BFGS, which undoes every rise, the best so far."""
    loss: Tensor
    """Loss there; infinite before the first evaluation."""
    terms: Tensor
    """Its first terms there, those that a standard is set for, [K]."""
    gradient: Tensor
    """Gradient there, [H, W, 3]."""
    steps: Tensor
    """Ring of s, [M, H, W, 3]; for Adam its two moments, M = 1."""
    changes: Tensor
    """Ring of y, [M, H, W, 3]."""
    curvatures: Tensor
    """Ring of 1 / (s.y), [M]."""
    pairs: Tensor
    """Number of pairs ever stored since the ring was last forgotten."""
    gamma: Tensor
    """Scale of H0; 0 while unknown."""
    length: Tensor
    """Factor on the next step: 1 unless trials were undone."""
    rate: Tensor
    """Smoothed relative fall of the loss an iteration; for Adam, its smoothed relative change."""
    evaluations: Tensor
    """Evaluations of the objective; the first is that of the start."""
    undone: Tensor
    """Trials undone."""


def begin(image: Any, optimizer: Optimizer, gamma: float = 0.0, terms: int = 0) -> State:
    """State at the start of a descent.

    Parameters
    ----------
    image
        Where to start, [H, W, 3].
    optimizer
        Method.
    gamma
        What an earlier descent ended with, if any.
    terms
        Number of the objective's terms that a standard is set for.

    """
    image = np.asarray(image, np.float32)
    ring = (HISTORY if optimizer is Optimizer.LBFGS else 1, *image.shape)
    scalars = {"loss": math.inf, "gamma": gamma, "length": 1.0, "rate": 1.0}
    counts = dict.fromkeys(("pairs", "evaluations", "undone"), 0)
    return State(
        image=keras.ops.convert_to_tensor(image),
        terms=keras.ops.full((terms,), math.inf, "float32"),
        gradient=keras.ops.zeros(image.shape, "float32"),
        steps=keras.ops.zeros(ring, "float32"),
        changes=keras.ops.zeros(ring, "float32"),
        curvatures=keras.ops.zeros(ring[:1], "float32"),
        **{name: keras.ops.convert_to_tensor(value, "float32") for name, value in scalars.items()},
        **{name: keras.ops.convert_to_tensor(value, "int32") for name, value in counts.items()},
    )


def advance(
    objective: Objective,
    state: State,
    spectrum: Tensor,
    until: Tensor,
    stop_below: Tensor,
    rate: Tensor,
    optimizer: Optimizer,
    standard: Tensor | None = None,
) -> State:
    """Evaluate the objective until `until` evaluations are done in all, or until it is good enough or hardly improves.

    Runs in graph; how the evaluations are cut into calls does not change the result.

    Parameters
    ----------
    objective
        What is minimised.
    state
        From `begin` or from an earlier call.
    spectrum
        From `spectral_scaling`, [H, W].
    until
        Evaluations after which to return, int32.
    stop_below
        Smoothed relative fall of the loss below which the descent has ended.
    rate
        Learning rate of Adam.
    optimizer
        Method; decides the graph.
    standard
        Values [K] of the objective's first terms that are good enough, all together.

    """
    step = _lbfgs_step if optimizer is Optimizer.LBFGS else _adam_step

    def goes_on(*loop: Tensor) -> Tensor:
        now = State(*loop)
        lasting = keras.ops.logical_and(now.evaluations < until, now.rate >= stop_below)
        if standard is None:
            return lasting
        return keras.ops.logical_and(lasting, keras.ops.any(now.terms > standard))

    def body(*loop: Tensor) -> State:
        return step(objective, State(*loop), spectrum, rate)

    return State(*keras.ops.while_loop(goes_on, body, tuple(state)))


def spectral_scaling(height: int, width: int) -> Any:
    """P in the Fourier domain, [H, W] float32: 1 / f^(2a), with mean 1. The lowest frequency stands in for zero."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    scaling = np.maximum(frequency, 1 / max(height, width)) ** -SPECTRAL_EXPONENT
    return (scaling / scaling.mean()).astype(np.float32)


def _precondition(image: Tensor, spectrum: Tensor) -> Tensor:
    """P applied to an image-like tensor [H, W, 3]."""
    planes = keras.ops.transpose(image, (2, 0, 1))  # [3, H, W]: the transform runs over the last two axes.
    real, imaginary = keras.ops.fft2((planes, keras.ops.zeros_like(planes)))
    real, _ = keras.ops.ifft2((real * spectrum, imaginary * spectrum))
    return keras.ops.transpose(real, (1, 2, 0))


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return keras.ops.sum(a * b)


def _rms(a: Tensor) -> Tensor:
    return keras.ops.sqrt(keras.ops.mean(keras.ops.square(a)))


def _direction(state: State, spectrum: Tensor) -> Tensor:
    """-H g by the two loops over the ring of pairs (Nocedal and Wright, algorithm 7.4)."""
    known = keras.ops.minimum(state.pairs, HISTORY)

    def newest_first(i: Tensor, loop: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        q, alphas = loop
        slot = (state.pairs - 1 - i) % HISTORY
        alpha = state.curvatures[slot] * _dot(state.steps[slot], q)
        alphas = keras.ops.where(keras.ops.arange(HISTORY) == slot, alpha, alphas)
        return q - alpha * state.changes[slot], alphas

    def oldest_first(i: Tensor, loop: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        r, alphas = loop
        slot = (state.pairs - known + i) % HISTORY
        beta = state.curvatures[slot] * _dot(state.changes[slot], r)
        return r + (alphas[slot] - beta) * state.steps[slot], alphas

    q, alphas = keras.ops.fori_loop(
        0, known, newest_first, (state.gradient, keras.ops.zeros(HISTORY, "float32"))
    )
    r = _precondition(q, spectrum)
    gamma = keras.ops.where(state.gamma > 0, state.gamma, FIRST_STEP_RMS / keras.ops.maximum(_rms(r), 1e-30))
    r, _ = keras.ops.fori_loop(0, known, oldest_first, (gamma * r, alphas))
    return -r


def _lbfgs_step(objective: Objective, state: State, spectrum: Tensor, _rate: Tensor) -> State:
    ops = keras.ops
    first = state.evaluations == 0
    # Before the first evaluation the gradient is zero, and with it the direction: the trial is the start itself.
    # Projected onto the range of an image: what leaves it would only be cut off when the picture is saved, and cutting
    # it off then costs several times the loss.
    trial = ops.clip(state.image + state.length * _direction(state, spectrum), 0.0, 1.0)
    loss, terms, gradient = value_and_gradient(objective, trial)
    finite = ops.logical_and(ops.isfinite(loss), ops.isfinite(ops.sum(gradient)))
    accepted = ops.logical_and(finite, loss <= EXPLODES * state.loss)

    s, y = trial - state.image, gradient - state.gradient
    sy = _dot(s, y)
    curved = ops.logical_and(sy > CURVATURE * ops.sqrt(_dot(s, s) * _dot(y, y)), ops.logical_not(first))
    keep = ops.logical_and(accepted, curved)
    slot = state.pairs % HISTORY
    length = ops.where(accepted, 1.0, state.length * SHORTEN)
    forget = length < FORGET_BELOW

    def into(ring: Tensor, value: Tensor) -> Tensor:
        return ops.scatter_update(ring, slot[None, None], ops.where(keep, value, ring[slot])[None])

    gamma = ops.where(keep, sy / ops.maximum(_dot(y, _precondition(y, spectrum)), 1e-30), state.gamma)
    return State(
        image=ops.where(accepted, trial, state.image),
        loss=ops.where(accepted, loss, state.loss),
        terms=_watched(state, terms, accepted),
        gradient=ops.where(accepted, gradient, state.gradient),
        steps=into(state.steps, s),
        changes=into(state.changes, y),
        curvatures=into(state.curvatures, 1 / ops.where(keep, sy, 1.0)),
        pairs=ops.where(forget, 0, state.pairs + ops.cast(keep, "int32")),
        gamma=ops.where(forget, 0.0, gamma),
        length=length,
        rate=_progress(state, state.loss - loss, accepted),
        evaluations=state.evaluations + 1,
        undone=state.undone + ops.cast(ops.logical_not(accepted), "int32"),
    )


def _adam_step(objective: Objective, state: State, _spectrum: Tensor, rate: Tensor) -> State:
    ops = keras.ops
    # The gradient in the state is that of its image, so the step comes first here too; the start's is zero.
    beta1, beta2 = ADAM_BETAS
    time = ops.cast(ops.maximum(state.evaluations, 1), "float32")
    seen = ops.cast(state.evaluations > 0, "float32")
    first_moment = beta1 * state.steps[0] + seen * (1 - beta1) * state.gradient
    second_moment = beta2 * state.changes[0] + seen * (1 - beta2) * ops.square(state.gradient)
    corrected = ops.sqrt(second_moment / (1 - beta2**time)) + ADAM_EPSILON
    trial = ops.clip(
        state.image - state.length * rate * first_moment / (1 - beta1**time) / corrected, 0.0, 1.0
    )
    loss, terms, gradient = value_and_gradient(objective, trial)
    # Adam rises and falls by design: only what is no number is undone.
    accepted = ops.logical_and(ops.isfinite(loss), ops.isfinite(ops.sum(gradient)))
    return state._replace(
        image=ops.where(accepted, trial, state.image),
        loss=ops.where(accepted, loss, state.loss),
        terms=_watched(state, terms, accepted),
        gradient=ops.where(accepted, gradient, state.gradient),
        steps=ops.where(accepted, first_moment, state.steps[0])[None],
        changes=ops.where(accepted, second_moment, state.changes[0])[None],
        length=ops.where(accepted, state.length, state.length * SHORTEN),
        # From a good start Adam's first steps, all of one length, make the loss rise before it falls: that is no end.
        rate=_progress(state, ops.abs(state.loss - loss), accepted),
        evaluations=state.evaluations + 1,
        undone=state.undone + ops.cast(ops.logical_not(accepted), "int32"),
    )


def _watched(state: State, terms: Tensor, accepted: Tensor) -> Tensor:
    count = state.terms.shape[0]
    return keras.ops.where(accepted, terms[:count], state.terms) if count else state.terms


def _progress(state: State, fallen: Tensor, accepted: Tensor) -> Tensor:
    """Smoothed relative fall of the loss; it starts at 1, so that no descent stops within its first few iterations."""
    ops = keras.ops
    measured = ops.logical_and(accepted, state.evaluations > 0)
    fall = fallen / ops.maximum(ops.abs(state.loss), 1e-30)
    return ops.where(measured, SMOOTHING * state.rate + (1 - SMOOTHING) * fall, state.rate)
