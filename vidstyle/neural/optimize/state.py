"""State of a descent in graph, and what L-BFGS and Adam share."""

from collections.abc import Callable
from typing import NamedTuple

from vidstyle.neural.device.backend import Tensor, keras

BACKTRACK = 0.25
"""Factor on the step after a trial was rejected."""
SMOOTHING = 0.5
"""Weight of the past in the smoothed decrease of the loss that stops a frame early."""

Evaluate = Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]
"""Image [H, W, 3] -> (loss [], the sums of its groups of terms [K], its gradient [H, W, 3])."""


class State(NamedTuple):
    """State of a descent: the loop's tensors, in an order that Keras can pass around."""

    image: Tensor
    """Image of the latest accepted step, [H, W, 3]; of L-BFGS, which rejects every rise, the best so far."""
    loss: Tensor
    """Loss there; infinite before the first evaluation."""
    terms: Tensor
    """Sums of those groups of terms there that have target losses, [K]."""
    gradient: Tensor
    """Gradient there, [H, W, 3]."""
    s_history: tuple[Tensor, ...]
    """Last steps s, M of [H, W, 3], the latest first; of Adam its first moment. Separate tensors: a stack of
    them would be copied whole at each iteration."""
    y_history: tuple[Tensor, ...]
    """Change of the gradient y by each, M of [H, W, 3]; of Adam its second moment."""
    rho: Tensor
    """1 / (s.y) of each, [M]; 0 for a pair that does not count."""
    hessian_scale: Tensor
    """Scale gamma of the initial inverse Hessian; 0 while unknown."""
    step_scale: Tensor
    """Factor on the next step: 1 unless trials were rejected."""
    relative_decrease: Tensor
    """Smoothed relative decrease of the loss per iteration; of Adam, its smoothed relative change."""
    evaluations: Tensor
    """Evaluations of the objective; the first is that of the start."""
    rejected: Tensor
    """Trials rejected."""


def tracked_terms(state: State, terms: Tensor, accepted: Tensor) -> Tensor:
    """Keep the sums of those groups of terms that have target losses, if any."""
    count = state.terms.shape[0]
    return keras.ops.where(accepted, terms[:count], state.terms) if count else state.terms


def smoothed_decrease(state: State, decrease: Tensor, accepted: Tensor) -> Tensor:
    """Smooth the relative decrease of the loss.

    It starts at 1, so that no descent stops within its first few iterations.
    """
    ops = keras.ops
    measured = ops.logical_and(accepted, state.evaluations > 0)
    relative = decrease / ops.maximum(ops.abs(state.loss), 1e-30)
    smoothed = SMOOTHING * state.relative_decrease + (1 - SMOOTHING) * relative
    return ops.where(measured, smoothed, state.relative_decrease)
