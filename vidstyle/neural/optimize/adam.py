"""Adam: Kingma and Ba, "Adam: A Method for Stochastic Optimization", arXiv:1412.6980, algorithm 1."""

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.optimize.preconditioner import Preconditioner
from vidstyle.neural.optimize.state import SHORTEN, Evaluate, State, progress, watched

BETA2 = 0.999


def adam_step(evaluate: Evaluate, state: State, _preconditioner: Preconditioner, tuning: Tensor) -> State:
    """Evaluate one step of Adam and keep it, or undo it; its tuning is learning rate, beta1 and epsilon, [3]."""
    ops = keras.ops
    # The gradient in the state is that of its image, so the step comes first here too; the start's is zero.
    (before,), (before_squared,) = state.steps, state.changes
    (rate, beta1, epsilon), beta2 = (tuning[0], tuning[1], tuning[2]), BETA2
    time = ops.cast(ops.maximum(state.evaluations, 1), "float32")
    seen = ops.cast(state.evaluations > 0, "float32")
    first_moment = beta1 * before + seen * (1 - beta1) * state.gradient
    second_moment = beta2 * before_squared + seen * (1 - beta2) * ops.square(state.gradient)
    corrected = ops.sqrt(second_moment / (1 - beta2**time)) + epsilon
    trial = ops.clip(
        state.image - state.length * rate * first_moment / (1 - beta1**time) / corrected, 0.0, 1.0
    )
    loss, terms, gradient = evaluate(trial)
    # Adam rises and falls by design: only what is no number is undone.
    accepted = ops.logical_and(ops.isfinite(loss), ops.isfinite(ops.sum(gradient)))
    return state._replace(
        image=ops.where(accepted, trial, state.image),
        loss=ops.where(accepted, loss, state.loss),
        terms=watched(state, terms, accepted),
        gradient=ops.where(accepted, gradient, state.gradient),
        steps=(ops.where(accepted, first_moment, before),),
        changes=(ops.where(accepted, second_moment, before_squared),),
        length=ops.where(accepted, state.length, state.length * SHORTEN),
        # From a good start Adam's first steps, all of one length, make the loss rise before it falls: that is no end.
        rate=progress(state, ops.abs(state.loss - loss), accepted),
        evaluations=state.evaluations + 1,
        undone=state.undone + ops.cast(ops.logical_not(accepted), "int32"),
    )
