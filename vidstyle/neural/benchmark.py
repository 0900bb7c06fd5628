"""How long an evaluation takes on this machine: a few are timed, whose results nobody uses."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from vidstyle.imaging.types import Image
from vidstyle.neural.compiled import CompiledFunctions
from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.inputs import FrameTargets
from vidstyle.neural.objective.objective import Targets
from vidstyle.neural.optimize.driver import stepper
from vidstyle.neural.optimize.loop import begin
from vidstyle.neural.optimize.state import State
from vidstyle.options.groups import Optimizer, PaintOptions

ROUNDS = 10
"""Times that an evaluation is timed, of which the mean counts: who else is at work on the machine will be so later on."""
ENOUGH_S = 1.0
"""Seconds after which it is not timed again."""
QUICK_PX = 1 << 20
"""Pixels of the largest picture whose own evaluations are timed: they are compiled for it, and painting uses that."""
SAMPLE_PX = 704
"""Side of what is cut out of a larger one to be timed instead."""


class Rate(NamedTuple):
    """Seconds that a picture of some size takes."""

    step_s: float
    """An evaluation of the objective, with a step of the descent."""
    around_s: float
    """What comes before the first and after the last of them."""

    def scaled(self, by: float) -> "Rate":
        """Rate of a picture that takes so many times as long."""
        return Rate(self.step_s * by, self.around_s * by)

    def seconds(self, iterations: int) -> float:
        """Time that a picture takes at most: its start is evaluated too."""
        return (iterations + 1) * self.step_s + self.around_s


def sample(targets: FrameTargets) -> FrameTargets:
    """Crop targets whose image [H, W, 3] is too large for a quick step, with the masks that belong to it."""
    content = targets.content
    if content.shape[0] * content.shape[1] <= QUICK_PX:
        return targets
    part = np.s_[:SAMPLE_PX, :SAMPLE_PX]
    regions = (
        region if region.mask is None else region._replace(mask=region.mask[part]) for region in targets.style
    )
    protect = None if targets.protect is None else targets.protect[part]
    return FrameTargets(content[part], tuple(regions), protect)


def benchmark(
    graphs: CompiledFunctions, content: Image, targets: Targets, free: Tensor, options: PaintOptions
) -> Rate:
    """Time a descent from an image [H, W, 3]; what that compiles, painting an image of the size uses.

    Parameters
    ----------
    graphs
        What is timed.
    content
        Where it starts.
    targets
        What the image is compared with.
    free
        How far each pixel may go, [H, W].
    options
        How to paint.

    """
    image = keras.ops.convert_to_tensor(content, "float32")
    layout = graphs.layout(*free.shape)
    state = begin(content, options.optimizer, 0.0, 2, layout.history, layout.kept)
    step = stepper(graphs.advance, targets, free, None, replace(options, stop_below=0.0))

    def evaluate(count: int) -> None:
        nonlocal state
        if options.optimizer is Optimizer.SCIPY:
            for _ in range(count):
                np.asarray(graphs.evaluate(image, targets)[1])
            return
        state = State(*step(state, state.evaluations + count))
        int(state.evaluations)  # Waits for it.

    def around() -> None:
        np.asarray(graphs.content(image)[-1])
        np.asarray(graphs.terms(image, targets))

    return timed(evaluate, around)


def timed(evaluate: Callable[[int], Any], around: Callable[[], Any]) -> Rate:
    """Time what evaluates so many times more, and what a picture takes beside that; each compiles when first called."""
    evaluate(1)
    steps: list[float] = []
    while len(steps) < ROUNDS and sum(steps) < ENOUGH_S:
        steps.append(_seconds(lambda: evaluate(1)))
    around()
    return Rate(statistics.fmean(steps), _seconds(around))


def _seconds(function: Callable[[], Any]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began
