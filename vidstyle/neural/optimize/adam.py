"""Adam: Kingma and Ba, "Adam: A Method for Stochastic Optimization", arXiv:1412.6980, algorithm 1."""

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.optimize.preconditioner import Preconditioner
from vidstyle.neural.optimize.state import BACKTRACK, Evaluate, State, smoothed_decrease, tracked_terms

BETA2 = 0.999


def adam_step(evaluate: Evaluate, state: State, _preconditioner: Preconditioner, tuning: Tensor) -> State:
    """Evaluate one step of Adam and accept or reject it; `tuning` is learning rate, beta1 and epsilon."""
    ops = keras.ops
    # The gradient in the state is that of its image, so the step comes first here too; the start's is zero.
    (first_before,), (second_before,) = state.s_history, state.y_history
    (rate, beta1, epsilon), beta2 = (tuning[0], tuning[1], tuning[2]), BETA2
    time = ops.cast(ops.maximum(state.evaluations, 1), "float32")
    has_gradient = ops.cast(state.evaluations > 0, "float32")
    first_moment = beta1 * first_before + has_gradient * (1 - beta1) * state.gradient
    second_moment = beta2 * second_before + has_gradient * (1 - beta2) * ops.square(state.gradient)
    corrected = ops.sqrt(second_moment / (1 - beta2**time)) + epsilon
    trial = ops.clip(
        state.image - state.step_scale * rate * first_moment / (1 - beta1**time) / corrected, 0.0, 1.0
    )
    loss, terms, gradient = evaluate(trial)
    # Adam rises and falls by design: only NaN and infinity are rejected.
    accepted = ops.logical_and(ops.isfinite(loss), ops.isfinite(ops.sum(gradient)))
    return state._replace(
        image=ops.where(accepted, trial, state.image),
        loss=ops.where(accepted, loss, state.loss),
        terms=tracked_terms(state, terms, accepted),
        gradient=ops.where(accepted, gradient, state.gradient),
        s_history=(ops.where(accepted, first_moment, first_before),),
        y_history=(ops.where(accepted, second_moment, second_before),),
        step_scale=ops.where(accepted, state.step_scale, state.step_scale * BACKTRACK),
        # From a good start Adam's first steps, all of one length, make the loss rise before it falls: not an
        # end.
        relative_decrease=smoothed_decrease(state, ops.abs(state.loss - loss), accepted),
        evaluations=state.evaluations + 1,
        rejected=state.rejected + ops.cast(ops.logical_not(accepted), "int32"),
    )
