"""L-BFGS with a unit step and a guard.

Nocedal and Wright, "Numerical Optimization", 2nd edition, algorithm 7.4, with an initial inverse Hessian H0 =
gamma P, P from `preconditioner`, and gamma = s.y / y.P y, by the P of the step s. There is no line search:
the unit step is right nearly always, so that an iteration costs one evaluation. A trial that makes the loss
rise, or gives NaN, is rejected and shortened.
"""

from vidstyle.neural.device.backend import Tensor, depends_on, keras
from vidstyle.neural.optimize.preconditioner import (
    Preconditioner,
    precondition,
    scale_by_gradient,
    squared_length,
)
from vidstyle.neural.optimize.state import BACKTRACK, Evaluate, State, smoothed_decrease, tracked_terms

FIRST_STEP_RMS = 0.05
"""Root mean square of the very first step, before any curvature is known, in units of the image."""
MAX_RISE = 1.0
"""A trial whose loss exceeds this multiple of the loss before is rejected."""
RESET_BELOW = BACKTRACK**3
"""When steps as short as this fail, the history is wrong: it is dropped."""
MIN_CURVATURE = 1e-8
"""A pair is kept if s.y is above this multiple of |s| |y|, as the inverse Hessian must stay positive
definite."""


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return keras.ops.sum(a * b)


def _to_float32_after(before: Tensor, kept: Tensor) -> Tensor:
    """Widen one image of the history no sooner than needed: there is memory for one of a large image."""
    return depends_on(before, lambda: keras.ops.cast(kept, "float32"))


def _rms(a: Tensor) -> Tensor:
    return keras.ops.sqrt(keras.ops.mean(keras.ops.square(a)))


def _direction(state: State, preconditioner: Preconditioner) -> Tensor:
    """-H g by the two loops over the pairs (Nocedal and Wright, algorithm 7.4)."""
    pairs = list(enumerate(zip(state.s_history, state.y_history, strict=True)))  # The latest first.
    q, alphas = state.gradient, {}
    for i, (s, y) in pairs:
        alphas[i] = state.rho[i] * _dot(_to_float32_after(q, s), q)
        q = q - alphas[i] * _to_float32_after(alphas[i], y)
    r = precondition(q, preconditioner)
    first = FIRST_STEP_RMS / keras.ops.maximum(_rms(r), 1e-30)
    r = keras.ops.where(state.hessian_scale > 0, state.hessian_scale, first) * r
    for i, (s, y) in reversed(pairs):
        beta = alphas[i] - state.rho[i] * _dot(_to_float32_after(r, y), r)
        r = r + beta * _to_float32_after(beta, s)
    return -r


def lbfgs_step(evaluate: Evaluate, state: State, preconditioner: Preconditioner, _tuning: Tensor) -> State:
    """Evaluate one step of L-BFGS and accept or reject it."""
    ops = keras.ops
    is_start = state.evaluations == 0
    preconditioner = scale_by_gradient(preconditioner, state.gradient)
    # Before the first evaluation the gradient is zero, and with it the direction: the trial is the start
    # itself. Projected onto the range of an image: values outside would be clipped only when the image is
    # saved, and clipping them then costs several times the loss.
    trial = ops.clip(state.image + state.step_scale * _direction(state, preconditioner), 0.0, 1.0)
    loss, terms, trial_gradient = evaluate(trial)
    finite = ops.logical_and(ops.isfinite(loss), ops.isfinite(ops.sum(trial_gradient)))
    accepted = ops.logical_and(finite, loss <= MAX_RISE * state.loss)

    s, y = trial - state.image, trial_gradient - state.gradient
    sy = _dot(s, y)
    curved = ops.logical_and(
        sy > MIN_CURVATURE * ops.sqrt(_dot(s, s) * _dot(y, y)), ops.logical_not(is_start)
    )
    keep = ops.logical_and(accepted, curved)
    step_scale = ops.where(accepted, 1.0, state.step_scale * BACKTRACK)
    reset = step_scale < RESET_BELOW
    # Images by branches, as choosing pixel by pixel takes time. And 0 times NaN would bring NaN back.
    image, gradient = ops.cond(
        accepted, lambda: (trial, trial_gradient), lambda: (state.image, state.gradient)
    )
    kept = state.s_history[0].dtype
    latest_s, latest_y = ops.cond(
        keep,
        lambda: (ops.cast(s, kept), ops.cast(y, kept)),
        lambda: (ops.zeros(s.shape, kept), ops.zeros(y.shape, kept)),
    )
    latest_rho = ops.where(keep, 1 / ops.where(keep, sy, 1.0), 0.0)
    rho = ops.concatenate([latest_rho[None], state.rho[:-1]])
    scale = sy / ops.maximum(squared_length(y, preconditioner), 1e-30)
    hessian_scale = ops.where(keep, scale, state.hessian_scale)
    return State(
        image=image,
        loss=ops.where(accepted, loss, state.loss),
        terms=tracked_terms(state, terms, accepted),
        gradient=gradient,
        s_history=(latest_s, *state.s_history[:-1]),
        y_history=(latest_y, *state.y_history[:-1]),
        rho=ops.where(reset, 0.0, rho),
        hessian_scale=ops.where(reset, 0.0, hessian_scale),
        step_scale=step_scale,
        relative_decrease=smoothed_decrease(state, state.loss - loss, accepted),
        evaluations=state.evaluations + 1,
        rejected=state.rejected + ops.cast(ops.logical_not(accepted), "int32"),
    )
