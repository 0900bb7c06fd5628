"""Benchmark of this machine: a few evaluations are timed, whose results are discarded."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from vidstyle.neural.compiled import CompiledFunctions
from vidstyle.neural.device.backend import keras
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.optimize.graph_solver import GraphSolver
from vidstyle.neural.optimize.preconditioner import diagonal_scale
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
    functions: CompiledFunctions, frame: FrameTargets, stiffness: float, options: PaintOptions
) -> Rate:
    """Time a descent from the content of a frame; painting an image of that size uses what this compiles.

    Of a large image a part is timed.

    Parameters
    ----------
    functions
        Functions to time.
    frame
        Content and style.
    stiffness
        Temporal weight, for the scale of each pixel's step.
    options
        Method of descent.

    """
    part = sample(frame)
    (all_height, all_width, _), (height, width, _) = frame.content.shape, part.content.shape
    targets = functions.targets(part, WarmStart(part.content))
    image = keras.ops.convert_to_tensor(part.content, "float32")
    diagonal = diagonal_scale(np.zeros((height, width), np.float32), stiffness)
    solver = GraphSolver(
        functions.run_steps,
        targets,
        replace(options, stop_below=0.0),
        image=part.content,
        diagonal=keras.ops.convert_to_tensor(diagonal),
        plan=functions.plan(height, width),
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

    share = functions.encoded_px(height, width) / functions.encoded_px(all_height, all_width)
    return timed(evaluate, overhead).scaled(1 / share)


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
