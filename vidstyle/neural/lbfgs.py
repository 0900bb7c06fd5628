"""L-BFGS with a unit step and a guard.

Nocedal and Wright, "Numerical Optimization", 2nd edition, algorithm 7.4, with an initial inverse Hessian H0 = gamma P, P
from `neural.preconditioner`, and gamma = s.y / y.P y. There is no line search: the unit step is right nearly always, and an
evaluation is all that an iteration costs. A trial that makes the loss rise, or gives no number, is undone and shortened.
"""

from vidstyle.neural.backend import Tensor, keras, value_and_gradient
from vidstyle.neural.descent import SHORTEN, Objective, State, progress, watched
from vidstyle.neural.preconditioner import Preconditioner, precondition

HISTORY = 20
"""Pairs that L-BFGS remembers."""
FIRST_STEP_RMS = 0.05
"""Root mean square of the very first step, before any curvature is known, in units of the image."""
EXPLODES = 1.0
"""A trial whose loss exceeds this multiple of the loss before is undone."""
FORGET_BELOW = SHORTEN**3
"""When steps as short as this fail, it is the remembered curvature that is wrong: it is forgotten."""
CURVATURE = 1e-8
"""A pair is kept if s.y is above this multiple of |s| |y|, as the inverse Hessian must stay positive definite."""


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return keras.ops.sum(a * b)


def _rms(a: Tensor) -> Tensor:
    return keras.ops.sqrt(keras.ops.mean(keras.ops.square(a)))


def _direction(state: State, preconditioner: Preconditioner) -> Tensor:
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
    r = precondition(q, preconditioner)
    gamma = keras.ops.where(state.gamma > 0, state.gamma, FIRST_STEP_RMS / keras.ops.maximum(_rms(r), 1e-30))
    r, _ = keras.ops.fori_loop(0, known, oldest_first, (gamma * r, alphas))
    return -r


def lbfgs_step(objective: Objective, state: State, preconditioner: Preconditioner, _tuning: Tensor) -> State:
    """Evaluate one step of L-BFGS and keep it, or undo it."""
    ops = keras.ops
    first = state.evaluations == 0
    # Before the first evaluation the gradient is zero, and with it the direction: the trial is the start itself.
    # Projected onto the range of an image: what leaves it would only be cut off when the picture is saved, and cutting
    # it off then costs several times the loss.
    trial = ops.clip(state.image + state.length * _direction(state, preconditioner), 0.0, 1.0)
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

    gamma = ops.where(keep, sy / ops.maximum(_dot(y, precondition(y, preconditioner)), 1e-30), state.gamma)
    return State(
        image=ops.where(accepted, trial, state.image),
        loss=ops.where(accepted, loss, state.loss),
        terms=watched(state, terms, accepted),
        gradient=ops.where(accepted, gradient, state.gradient),
        steps=into(state.steps, s),
        changes=into(state.changes, y),
        curvatures=into(state.curvatures, 1 / ops.where(keep, sy, 1.0)),
        pairs=ops.where(forget, 0, state.pairs + ops.cast(keep, "int32")),
        gamma=ops.where(forget, 0.0, gamma),
        length=length,
        rate=progress(state, state.loss - loss, accepted),
        evaluations=state.evaluations + 1,
        undone=state.undone + ops.cast(ops.logical_not(accepted), "int32"),
    )
