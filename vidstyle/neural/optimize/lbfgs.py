"""L-BFGS with a unit step and a guard.

Nocedal and Wright, "Numerical Optimization", 2nd edition, algorithm 7.4, with an initial inverse Hessian H0 = gamma P, P
from `neural.preconditioner`, and gamma = s.y / y.P y, by the P of the step s. There is no line search: the unit step is
right nearly always, and an evaluation is all that an iteration costs. A trial that makes the loss rise, or gives no
number, is undone and shortened.
"""

from vidstyle.neural.device.backend import Tensor, depends_on, keras
from vidstyle.neural.optimize.preconditioner import Preconditioner, evened, precondition, squared_length
from vidstyle.neural.optimize.state import SHORTEN, Evaluate, State, progress, watched

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


def _wide(remembered: Tensor, before: Tensor) -> Tensor:
    """In float32, but only when its turn has come: of a large picture there is room for one."""
    return depends_on(before, lambda: keras.ops.cast(remembered, "float32"))


def _rms(a: Tensor) -> Tensor:
    return keras.ops.sqrt(keras.ops.mean(keras.ops.square(a)))


def _direction(state: State, preconditioner: Preconditioner) -> Tensor:
    """-H g by the two loops over the pairs (Nocedal and Wright, algorithm 7.4)."""
    pairs = list(enumerate(zip(state.steps, state.changes, strict=True)))  # The latest first.
    q, alphas = state.gradient, {}
    for i, (s, y) in pairs:
        alphas[i] = state.curvatures[i] * _dot(_wide(s, q), q)
        q = q - alphas[i] * _wide(y, alphas[i])
    r = precondition(q, preconditioner)
    gamma = keras.ops.where(state.gamma > 0, state.gamma, FIRST_STEP_RMS / keras.ops.maximum(_rms(r), 1e-30))
    r = gamma * r
    for i, (s, y) in reversed(pairs):
        share = alphas[i] - state.curvatures[i] * _dot(_wide(y, r), r)
        r = r + share * _wide(s, share)
    return -r


def lbfgs_step(evaluate: Evaluate, state: State, preconditioner: Preconditioner, _tuning: Tensor) -> State:
    """Evaluate one step of L-BFGS and keep it, or undo it."""
    ops = keras.ops
    first = state.evaluations == 0
    preconditioner = evened(preconditioner, state.gradient)
    # Before the first evaluation the gradient is zero, and with it the direction: the trial is the start itself.
    # Projected onto the range of an image: what leaves it would only be cut off when the picture is saved, and cutting
    # it off then costs several times the loss.
    trial = ops.clip(state.image + state.length * _direction(state, preconditioner), 0.0, 1.0)
    loss, terms, slope = evaluate(trial)
    finite = ops.logical_and(ops.isfinite(loss), ops.isfinite(ops.sum(slope)))
    accepted = ops.logical_and(finite, loss <= EXPLODES * state.loss)

    s, y = trial - state.image, slope - state.gradient
    sy = _dot(s, y)
    curved = ops.logical_and(sy > CURVATURE * ops.sqrt(_dot(s, s) * _dot(y, y)), ops.logical_not(first))
    keep = ops.logical_and(accepted, curved)
    length = ops.where(accepted, 1.0, state.length * SHORTEN)
    forget = length < FORGET_BELOW
    # Images by branches, as to choose pixel by pixel takes time. And what gave no number must not come back as 0 times that.
    image, gradient = ops.cond(accepted, lambda: (trial, slope), lambda: (state.image, state.gradient))
    kept = state.steps[0].dtype
    step, change = ops.cond(
        keep,
        lambda: (ops.cast(s, kept), ops.cast(y, kept)),
        lambda: (ops.zeros(s.shape, kept), ops.zeros(y.shape, kept)),
    )
    latest = ops.where(keep, 1 / ops.where(keep, sy, 1.0), 0.0)
    curvatures = ops.concatenate([latest[None], state.curvatures[:-1]])
    gamma = ops.where(keep, sy / ops.maximum(squared_length(y, preconditioner), 1e-30), state.gamma)
    return State(
        image=image,
        loss=ops.where(accepted, loss, state.loss),
        terms=watched(state, terms, accepted),
        gradient=gradient,
        steps=(step, *state.steps[:-1]),
        changes=(change, *state.changes[:-1]),
        curvatures=ops.where(forget, 0.0, curvatures),
        gamma=ops.where(forget, 0.0, gamma),
        length=length,
        rate=progress(state, state.loss - loss, accepted),
        evaluations=state.evaluations + 1,
        undone=state.undone + ops.cast(ops.logical_not(accepted), "int32"),
    )
