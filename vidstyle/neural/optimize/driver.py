"""A painter's descent: compiled in one loop, or driven by SciPy from outside."""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from vidstyle.errors import Interrupted
from vidstyle.imaging.types import Image
from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.objective.objective import Targets
from vidstyle.neural.optimize.checkpoint import arrays_of, resumed
from vidstyle.neural.optimize.monitor import Checkpoints, Progress
from vidstyle.neural.optimize.preconditioner import Preconditioner, spectral_scaling
from vidstyle.neural.optimize.scipy_lbfgsb import scipy_descend
from vidstyle.neural.optimize.state import State
from vidstyle.options.groups import PaintOptions

CHUNK_S = 1.0
"""Time between looks at the outside world: progress shows, an interrupt is heard."""


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


def drive(
    step: Callable[[State, Tensor], Sequence[Tensor]],
    state: State,
    iterations: int,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
    on_image: tuple[int, Callable[[Any], None]] | None = None,
    checkpoints: Checkpoints | None = None,
) -> tuple[State, float]:
    """Drive a compiled descent in chunks of about a second; where it is cut does not change the result.

    Parameters
    ----------
    step
        Takes a state and goes on until it has so many evaluations, or until it has ended.
    state
        From `begin`.
    iterations
        At most so many, beside the evaluation of the start.
    on_progress
        Told of each chunk.
    should_stop
        Asked before each chunk.
    on_image
        Handed the image [H, W, 3] of the start and of each so many iterations after it.
    checkpoints
        Where to go on from, if there is anything, and who keeps where the descent is.

    Returns
    -------
    tuple
        State at the end, and the seconds spent in `step`.

    Raises
    ------
    Interrupted
        `should_stop` said yes.

    """
    state, seconds = resumed(state, checkpoints)
    done, steps = int(state.evaluations), 1
    try:
        while done <= iterations:
            _heed(should_stop)
            began = time.perf_counter()
            least = min(done + steps, iterations + 1)
            if on_image:  # The first evaluation is that of the start.
                least = min(least, (done + on_image[0] - 1) // on_image[0] * on_image[0] + 1)
            until = keras.ops.convert_to_tensor(least, "int32")
            state = State(*step(state, until))
            now = int(state.evaluations)
            elapsed = time.perf_counter() - began
            seconds += elapsed
            if now == done:  # Progress fell below `stop_below`, or the goal is reached.
                break
            iteration = max(now - 1, 0)
            left = iterations - iteration
            on_progress(Progress(iteration, iterations, float(state.loss), elapsed, now - done, left))
            if on_image and (now - 1) % on_image[0] == 0:
                on_image[1](state.image)
            steps = max(1, round(CHUNK_S * (now - done) / elapsed))
            done = now
            if checkpoints and checkpoints.due:
                checkpoints.save(arrays_of(state, seconds))
    except (
        Interrupted,
        KeyboardInterrupt,
    ):  # The latter where a step takes longer than one waits who stops it.
        if checkpoints and int(state.evaluations):
            checkpoints.save(arrays_of(state, seconds))
        raise
    return state, seconds


def _heed(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Interrupted("Stopped; what is painted is kept.")
