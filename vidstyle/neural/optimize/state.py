"""Where a descent is, and what its methods share."""

from collections.abc import Callable
from typing import NamedTuple

from vidstyle.neural.device.backend import Tensor, keras

SHORTEN = 0.25
"""Factor on the step after a trial was undone."""
SMOOTHING = 0.5
"""Weight of the past in the smoothed rate of progress that stops a frame early."""

Evaluate = Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]
"""Image [H, W, 3] -> (loss, its terms [K], its gradient [H, W, 3])."""


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
    steps: tuple[Tensor, ...]
    """The last steps s, M of [H, W, 3], the latest first; for Adam its first moment. Tensors of their own: a tensor of all
    would be copied whole at each iteration."""
    changes: tuple[Tensor, ...]
    """How the gradient changed by each, y, M of [H, W, 3]; for Adam its second moment."""
    curvatures: Tensor
    """1 / (s.y) of each, [M]; 0 where there is none, or none of use."""
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


def watched(state: State, terms: Tensor, accepted: Tensor) -> Tensor:
    """Keep those of the objective's terms that a standard is set for."""
    count = state.terms.shape[0]
    return keras.ops.where(accepted, terms[:count], state.terms) if count else state.terms


def progress(state: State, fallen: Tensor, accepted: Tensor) -> Tensor:
    """Smoothed relative fall of the loss; it starts at 1, so that no descent stops within its first few iterations."""
    ops = keras.ops
    measured = ops.logical_and(accepted, state.evaluations > 0)
    fall = fallen / ops.maximum(ops.abs(state.loss), 1e-30)
    return ops.where(measured, SMOOTHING * state.rate + (1 - SMOOTHING) * fall, state.rate)
