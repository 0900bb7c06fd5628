"""Benchmark of this machine: a few evaluations are timed, whose results are discarded."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from vidstyle.neural.compiled import CompiledFunctions
from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.inputs import FrameTargets
from vidstyle.neural.objective.terms import Targets
from vidstyle.neural.optimize.graph_solver import GraphSolver
from vidstyle.options.groups import Optimizer, PaintOptions

ROUNDS = 10
"""Greatest number of timed evaluations. Their mean counts: other programs that are running now will be
running later too."""
ENOUGH_S = 1.0
"""Seconds after which no other is timed."""
QUICK_PX = 1 << 20
"""Pixels of the largest image whose own evaluations are timed: they are compiled for it, and painting uses
that."""
SAMPLE_PX = 704
"""Side of the part of a larger one that is timed instead."""


class Rate(NamedTuple):
    """Seconds that an image of some size takes."""

    step_s: float
    """An evaluation of the objective, with a step of the descent."""
    overhead_s: float
    """What comes before the first and after the last of them."""

    def scaled(self, by: float) -> "Rate":
        """Rate of an image that takes `by` times as long."""
        return Rate(self.step_s * by, self.overhead_s * by)

    def seconds(self, iterations: int) -> float:
        """Time that an image takes at most: its start is evaluated too."""
        return (iterations + 1) * self.step_s + self.overhead_s


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
    functions: CompiledFunctions, content: Any, targets: Targets, diagonal: Tensor, options: PaintOptions
) -> Rate:
    """Time a descent from an image [H, W, 3]; painting an image of that size uses what this compiles.

    Parameters
    ----------
    functions
        Functions to time.
    content
        Image to start from.
    targets
        What the image is compared with.
    diagonal
        Scale of each pixel's step, [H, W].
    options
        Method of descent.

    """
    image = keras.ops.convert_to_tensor(content, "float32")
    solver = GraphSolver(
        functions.run_steps,
        targets,
        replace(options, stop_below=0.0),
        image=content,
        diagonal=diagonal,
        plan=functions.plan(*diagonal.shape),
    )
    state = solver.init()

    def evaluate() -> None:
        nonlocal state
        if options.optimizer is Optimizer.SCIPY:
            np.asarray(functions.evaluate(image, targets)[1])
            return
        state = solver.step(state, solver.iteration(state) + 1)
        solver.iteration(state)  # Waits for it.

    def overhead() -> None:
        np.asarray(keras.tree.flatten(functions.content(image))[-1])
        np.asarray(functions.terms(image, targets))

    return timed(evaluate, overhead)


def timed(evaluate: Callable[[], Any], overhead: Callable[[], Any]) -> Rate:
    """Time one evaluation, and what comes around all of them; each compiles when first called."""
    evaluate()
    steps: list[float] = []
    while len(steps) < ROUNDS and sum(steps) < ENOUGH_S:
        steps.append(_seconds(evaluate))
    overhead()
    return Rate(statistics.fmean(steps), _seconds(overhead))


def _seconds(function: Callable[[], Any]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began
