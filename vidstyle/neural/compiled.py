"""What a painter computes, compiled: each function is traced once a size and kind."""

import numpy as np

from vidstyle.neural.device.backend import Tensor, compiled, keras
from vidstyle.neural.device.hardware import memory_limit
from vidstyle.neural.device.memory import MemoryPlan, memory_needed, plan_memory, smaller
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.objective import tiling
from vidstyle.neural.objective.objective import Objective, Targets
from vidstyle.neural.objective.style_targets import placed
from vidstyle.neural.optimize.loop import advance
from vidstyle.neural.optimize.preconditioner import Preconditioner
from vidstyle.neural.optimize.state import State
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.options.groups import Optimizer
from vidstyle.options.values import Tile


class CompiledFunctions:
    """Functions of tensors.

    Parameters
    ----------
    objective
        What is minimised.
    exact
        Network in float32.
    fast
        Network to descend by.
    optimizer
        Method of descent.
    tile
        Windows in which the network looks at large pictures.
    xla
        Whether to compile by XLA.

    """

    def __init__(
        self,
        objective: Objective,
        exact: Encoder,
        fast: Encoder,
        optimizer: Optimizer,
        tile: Tile,
        *,
        xla: bool,
    ) -> None:
        self._objective, self._exact, self._fast = objective, exact, fast
        self._optimizer, self._tile, self._xla = optimizer, tile, xla
        self.content = compiled(lambda image: self._look(self._fast, image)[0], xla=xla)
        """Targets that an image [H, W, 3] sets as a source: the content layers' feature maps, as `Targets` has them.

        By the network that one descends by, or its rounding would be taken for a difference."""
        self.style = compiled(lambda image: self._look(self._exact, image)[1], xla=xla)
        """Targets that an image sets as a style: matrices, one a style layer."""
        self.terms = compiled(self._terms, xla=xla)
        """Weighted terms [4] of the objective at an image, for its targets, in float32."""
        self.evaluate = compiled(self._evaluate, xla=xla)
        """Loss and gradient at an image, for its targets."""
        self.advance = compiled(self._advance, xla=xla)
        """Descent from a state, as `neural.optimizer.advance`."""

    def through(self, side_px: int) -> "CompiledFunctions":
        """Functions like these that look through windows of that side."""
        tile = Tile(side_px, auto=self._tile.auto)
        return CompiledFunctions(
            self._objective, self._exact, self._fast, self._optimizer, tile, xla=self._xla
        )

    def smaller(self, height: int, width: int) -> int | None:
        """Side of the next smaller windows onto a picture; None where there are none, or only those that were asked for."""
        return smaller(self.layout(height, width).tile_px, height, width) if self._tile.auto else None

    def below(self, height: int, width: int, largest: tuple[int, int]) -> int | None:
        """Side of the windows onto a smaller size of a picture, where it would else need more memory than the largest."""
        own, precision = self.layout(height, width), self._fast.precision
        most = memory_needed(*largest, precision, self.layout(*largest)).total_bytes
        if not self._tile.auto or memory_needed(height, width, precision, own).total_bytes <= most:
            return None
        return smaller(own.tile_px, height, width)

    def layout(self, height: int, width: int) -> MemoryPlan:
        """Lay out a picture of so many pixels."""
        return plan_memory(height, width, self._fast.precision, self._tile, memory_limit())

    def seen_px(self, height: int, width: int) -> float:
        """Pixels that the network sees for an evaluation of a picture, where each is seen forward and backward once."""
        windows = self._windows_of(height, width)
        return height * width if windows is None else tiling.seen_px(windows)

    def uses_tiles(self, height: int, width: int) -> bool:
        """Tell whether a picture is looked at through windows, as memory is short."""
        return self._windows_of(height, width) is not None

    def targets(self, targets: FrameTargets, start: WarmStart) -> Targets:
        """Put together what an image is compared with, as tensors."""
        source = keras.ops.convert_to_tensor(targets.content, "float32")
        height, width, _ = targets.content.shape
        trust = np.zeros((height, width), np.float32) if start.trust is None else start.trust
        weights = self._objective.weights
        if start.is_temporal:
            weights = self._objective.carried_weights(start.temporal_scale)
        protect = targets.protect
        return Targets(
            content=tuple(self.content(source) if targets.features is None else targets.features),
            style=tuple(placed(region) for region in targets.style),
            # Without a predecessor it is the content itself, which is on the device already.
            warped=keras.ops.convert_to_tensor(start.warped, "float32") if start.is_temporal else source,
            trust=keras.ops.convert_to_tensor(trust, "float32"),
            weights=keras.ops.convert_to_tensor(weights, "float32"),
            held=None if protect is None else keras.ops.convert_to_tensor(protect, "float32"),
            source=None if protect is None else source,
        )

    def _windows(self, image: Tensor, part: int = 1) -> tiling.Tiles | None:
        height, width, _ = image.shape
        return self._windows_of(height, width, part)

    def _windows_of(self, height: int, width: int, part: int = 1) -> tiling.Tiles | None:
        side_px = self.layout(height, width).tile_px
        if side_px is None:
            return None
        return tiling.lay_tiles(height, width, side_px // part, self._objective.recipe.layers)

    def _look(self, encoder: Encoder, image: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        return tiling.look(self._objective, encoder, image, self._windows(image))

    def _terms(self, image: Tensor, targets: Targets) -> Tensor:
        # Windows of float32 are larger than those that one descends by; so small they fit into what these leave.
        return tiling.terms(self._objective, self._exact, image, targets, self._windows(image, 2))

    def _evaluate(self, image: Tensor, targets: Targets) -> tuple[Tensor, Tensor]:
        windows = self._windows(image)
        loss, _, gradient = tiling.evaluate(self._objective, self._fast, image, targets, windows)
        return loss, gradient

    def _advance(
        self,
        state: State,
        targets: Targets,
        preconditioner: Preconditioner,
        until: Tensor,
        stop_below: Tensor,
        tuning: Tensor,
        goal: Tensor,
    ) -> State:
        def evaluate(image: Tensor) -> tiling.Evaluation:
            return tiling.evaluate(self._objective, self._fast, image, targets, self._windows(image))

        return advance(evaluate, state, preconditioner, until, stop_below, tuning, self._optimizer, goal)
