"""A painter's descent: compiled in one loop, or driven by SciPy from outside."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.objective.objective import Targets
from vidstyle.neural.optimize.checkpoint import Checkpoints
from vidstyle.neural.optimize.loop import Progress, drive
from vidstyle.neural.optimize.preconditioner import Preconditioner, spectral_scaling
from vidstyle.neural.optimize.scipy_lbfgsb import scipy_descend
from vidstyle.neural.optimize.state import State
from vidstyle.options.groups import PaintOptions

Image = NDArray[np.float32]


class End(NamedTuple):
    """What a descent came to."""

    image: Any
    """[H, W, 3]"""
    loss: float
    iterations: int
    seconds: float
    undone: int = 0
    gamma: float = 0.0
    reached: tuple[float, float] | None = None
    """Content and style loss, in the arithmetic of the descent, where it was told apart from the rest."""


def in_graph(
    advance: Callable[..., State],
    begun: Callable[[], State],
    targets: Targets,
    free: Tensor,
    standard: tuple[float, float] | None,
    options: PaintOptions,
    iterations: int,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
    on_image: tuple[int, Callable[[Any], None]] | None = None,
    checkpoints: Checkpoints | None = None,
) -> End:
    """Descend by L-BFGS or Adam.

    Parameters
    ----------
    advance
        The compiled loop: takes state, targets, preconditioner, number of evaluations, least progress, tuning, standard.
    begun
        Makes a state by `neural.optimizer.begin`. It is let go of as soon as the descent has left it.
    targets
        What the image is compared with.
    free
        How far each pixel may go, [H, W].
    standard
        Content and style loss that are good enough.
    options
        How to paint.
    iterations, on_progress, should_stop, on_image, checkpoints
        As `neural.optimizer.drive` takes them.

    """
    state, seconds = drive(
        stepper(advance, targets, free, standard, options),
        begun(),
        iterations,
        on_progress,
        should_stop,
        on_image,
        checkpoints,
    )
    evaluations, undone = int(state.evaluations), int(state.undone)
    reached = (float(state.terms[0]), float(state.terms[1])) if state.terms.shape[0] else None
    loss, gamma = float(state.loss), float(state.gamma)
    return End(state.image, loss, evaluations - 1, seconds, undone, gamma, reached)


def stepper(
    advance: Callable[..., State],
    targets: Targets,
    free: Tensor,
    standard: tuple[float, float] | None,
    options: PaintOptions,
) -> Callable[[State, Tensor], State]:
    """Make the function that goes on from a state until it has so many evaluations; its parameters are those of `in_graph`."""
    scaling = keras.ops.convert_to_tensor(spectral_scaling(*free.shape))
    preconditioner = Preconditioner(scaling, free)
    fixed = (
        keras.ops.convert_to_tensor(options.stop_below or -np.inf, "float32"),
        keras.ops.convert_to_tensor(
            (options.learning_rate, options.adam_beta1, options.adam_epsilon), "float32"
        ),
        keras.ops.convert_to_tensor(standard or (-np.inf, -np.inf), "float32"),
    )
    return lambda state, until: advance(state, targets, preconditioner, until, *fixed)


def by_scipy(
    evaluate: Callable[..., tuple[Any, Any]],
    start: Image,
    targets: Targets,
    options: PaintOptions,
    iterations: int,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
    on_image: tuple[int, Callable[[Any], None]] | None = None,
) -> End:
    """Descend by SciPy's L-BFGS-B from an image [H, W, 3]; `evaluate` gives loss and gradient of an image and targets.

    Of `on_image` only the receiver counts: it is handed the image of each round.
    """

    def evaluated(image: Image) -> tuple[float, Any]:
        loss, gradient = evaluate(keras.ops.convert_to_tensor(image), targets)
        return float(loss), np.asarray(gradient)

    told = on_image[1] if on_image else lambda _: None
    each = options.scipy_round
    return End(*scipy_descend(evaluated, start, iterations, each, on_progress, should_stop, told))
