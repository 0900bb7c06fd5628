"""Descent of one image from its start: of the whole image, or of the windows in which something is new."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.types import Image, Mask
from vidstyle.neural.compiled import CompiledFunctions
from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.inputs import WarmStart
from vidstyle.neural.objective.objective import PartialSums
from vidstyle.neural.objective.terms import Targets
from vidstyle.neural.objective.windowed import Surroundings
from vidstyle.neural.optimize.driver import drive
from vidstyle.neural.optimize.graph_solver import GraphSolver
from vidstyle.neural.optimize.monitor import Monitor
from vidstyle.neural.optimize.preconditioner import diagonal_scale
from vidstyle.neural.optimize.scipy_lbfgsb import ScipySolver
from vidstyle.neural.optimize.solver import Solution
from vidstyle.neural.optimize.state import State
from vidstyle.neural.windows import Window, find_new, freedom, lay_windows
from vidstyle.options.groups import Optimizer, PaintOptions

WARM_STOP_SCALE = 0.5
"""Share of `stop_below` with a warm start: a gain too small for one frame adds up over those that follow."""
WINDOW_STYLE_TOLERANCE = 2.0
"""Factor on the target style loss where only windows are painted. The Gram matrices of an image are balanced
over all of it, so that a part alone can hardly bring their loss down; to a second network both are alike."""


@dataclass(frozen=True)
class Descent:
    """Descent of one image."""

    functions: CompiledFunctions
    options: PaintOptions
    targets: Targets
    start: WarmStart
    trust: Mask
    """Trust in each pixel of the start, [H, W]."""
    stiffness: float
    """Weight of the temporal loss."""
    iterations: int
    """Their greatest number."""
    monitor: Monitor

    def run(self, begin: Any = None) -> Solution:
        """Descend in windows where that is enough, otherwise in the whole image.

        `begin` is the image to begin with, [H, W, 3], or a function that gives it; by default the start's.
        """
        begin = self.start.image if begin is None else begin
        if self.options.optimizer is Optimizer.SCIPY:
            evaluate = self.functions.loss_function(self.targets)
            image, stop = np.asarray(begin, np.float32), self.monitor.should_stop
            solver = ScipySolver(evaluate, image, self.iterations, self.options.scipy_round, stop)
            return drive(solver, self.iterations, self.monitor)
        new = self._new()
        windows = () if new is None else lay_windows(new)
        if new is None or not windows:
            return self._whole(begin)
        painted = self._in_windows(np.array(begin() if callable(begin) else begin, np.float32), new, windows)
        left = self.iterations - painted.iterations
        if left <= 0 or self._is_good(painted):
            return painted
        # The rest is poor too, as where the light has changed.
        rest = replace(self, iterations=left, start=replace(self.start, new=None, least_iterations=0))
        return _summed(painted, rest.run(painted.image))

    def _new(self) -> NDArray[np.bool_] | None:
        """Tell which pixels are new; None where the whole image is to be painted."""
        may_leave_rest = (
            self.start.new is not None
            and self.start.target_losses is not None
            and self.options.optimizer is Optimizer.LBFGS
            and 0 < self.options.windows_above < max(self.trust.shape)
            and self.functions.takes_windows(self.targets)
        )
        return find_new(self.start.new) if may_leave_rest and self.start.new is not None else None

    def _is_good(self, painted: Solution) -> bool:
        """Tell whether the target losses of windows are reached."""
        pairs = zip(painted.reached_losses or (), self._window_targets or (), strict=True)
        return all(reached <= target for reached, target in pairs)

    @property
    def _window_targets(self) -> tuple[float, float] | None:
        """Content and style loss that are good enough where only windows are painted."""
        if self.start.target_losses is None:
            return None
        content, style = self.start.target_losses
        return content, WINDOW_STYLE_TOLERANCE * style

    def _whole(self, image: Any) -> Solution:
        diagonal = diagonal_scale(self.trust, self._stiffness)
        targets = self.start.target_losses
        solver = self._solver(self.functions.run_steps, image, diagonal, self._stop_below, targets)
        return drive(solver, self.iterations, self.monitor)

    def _in_windows(self, image: Image, new: NDArray[np.bool_], windows: Sequence[Window]) -> Solution:
        """Descend in one window after the other; the image and the sums over it follow."""
        sums, found = self.functions.sums(keras.ops.convert_to_tensor(image), self.targets), list[Solution]()
        for window in windows:
            solution, sums = self._in_window(image, new, window, sums)
            image[window.slices] = np.asarray(solution.image)
            found.append(solution)
        # Iterations of the whole image that take as long.
        pixels = sum(window.pixels * each.iterations for window, each in zip(windows, found, strict=True))
        largest, last = found[0], found[-1]
        return Solution(
            image,
            last.loss,
            math.ceil(pixels / math.prod(self.trust.shape)),
            sum(each.seconds for each in found),
            sum(each.rejected for each in found),
            largest.hessian_scale,
            last.reached_losses,
        )

    def _in_window(
        self, image: Image, new: NDArray[np.bool_], window: Window, sums: PartialSums
    ) -> tuple[Solution, PartialSums]:
        """Descend in a window of an image; gives the sums over the image that comes of it, too."""
        rest = _difference(sums, self._window_sums(image[window.slices], window))
        surroundings = Surroundings(_corner(window), keras.ops.convert_to_tensor(image), rest)
        run_steps = partial(self.functions.run_steps, surroundings=surroundings)
        diagonal = diagonal_scale(self.trust[window.slices], self._stiffness)
        diagonal *= freedom(window, new)
        # The loss is that of the whole image, of which the window decides a share.
        stop_below = self._stop_below * window.pixels / math.prod(self.trust.shape)
        solver = self._solver(run_steps, image[window.slices], diagonal, stop_below, self._window_targets)
        # It takes too short for a checkpoint.
        monitor = replace(self.monitor, snapshots=None, checkpoints=None)
        solution = drive(solver, self.iterations, monitor)
        return solution, keras.tree.map_structure(
            keras.ops.add, rest, self._window_sums(solution.image, window)
        )

    def _solver(
        self,
        run_steps: Callable[..., State],
        image: Any,
        diagonal: Any,
        stop_below: float,
        target_losses: tuple[float, float] | None,
    ) -> GraphSolver:
        return GraphSolver(
            run_steps,
            self.targets,
            replace(self.options, stop_below=stop_below),
            image=image,
            diagonal=keras.ops.convert_to_tensor(diagonal),
            plan=self.functions.plan(*diagonal.shape),
            hessian_scale=self.start.hessian_scale,
            target_losses=target_losses,
            least_iterations=self.start.least_iterations,
        )

    def _window_sums(self, pixels: Any, window: Window) -> PartialSums:
        tensor = keras.ops.convert_to_tensor(pixels)
        return self.functions.window_sums(tensor, _corner(window), self.targets)  # type: ignore[no-any-return]

    @property
    def _stiffness(self) -> float:
        return self.start.temporal_scale * self.stiffness

    @property
    def _stop_below(self) -> float:
        patience = self.start.temporal_scale * WARM_STOP_SCALE if self.start.is_temporal else 1.0
        return patience * self.options.stop_below


def _corner(window: Window) -> Tensor:
    return keras.ops.convert_to_tensor((window.row, window.column), "int32")


def _difference(whole: PartialSums, part: PartialSums) -> PartialSums:
    return keras.tree.map_structure(keras.ops.subtract, whole, part)  # type: ignore[no-any-return]


def _summed(before: Solution, after: Solution) -> Solution:
    return replace(
        after,
        iterations=before.iterations + after.iterations,
        seconds=before.seconds + after.seconds,
        rejected=before.rejected + after.rejected,
    )
