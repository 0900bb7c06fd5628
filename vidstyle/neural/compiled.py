"""Compiled functions of a painter; each is traced once per size and structure of its arguments."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.types import Image
from vidstyle.neural.device.backend import Tensor, compiled, keras
from vidstyle.neural.device.hardware import memory_limit
from vidstyle.neural.device.memory import MemoryPlan, memory_needed, plan_memory, smaller_tile
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.objective import tiling
from vidstyle.neural.objective.objective import Objective, PartialSums
from vidstyle.neural.objective.style import encode_style
from vidstyle.neural.objective.style_targets import StyleTargets
from vidstyle.neural.objective.terms import FrameTensors, Targets
from vidstyle.neural.objective.tiles import Tiles, encoded_px, lay_tiles
from vidstyle.neural.objective.windowed import Surroundings, evaluate_window, window_sums
from vidstyle.neural.optimize.loop import run_steps
from vidstyle.neural.optimize.preconditioner import Preconditioner
from vidstyle.neural.optimize.state import State
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.options.groups import Optimizer
from vidstyle.options.values import Tile


class CompiledFunctions:
    """Functions of tensors that painting an image calls.

    Parameters
    ----------
    objective
        Loss function.
    exact
        Network in float32.
    fast
        Network of the descent.
    optimizer
        Method of descent.
    tile
        Tiles in which large images are encoded.
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
        self.content: Callable[[Tensor], dict[str, Any]] = compiled(self._content, xla=xla)
        """Targets of terms that compare feature maps with those of a content image [H, W, 3], by their
        names."""
        self.style = compiled(self._style, xla=xla)
        """Matrices [C, C] of a style image [H, W, 3], one per style layer."""
        self.terms = compiled(self._terms, xla=xla)
        """Weighted terms of the loss at an image, for its targets, in float32: [K], as `Objective.names` has
        them."""
        self.evaluate = compiled(self._evaluate, xla=xla)
        """Loss and gradient at an image, for its targets."""
        self.run_steps = compiled(self._run_steps, xla=xla)
        """Descent from a state, as `loop.run_steps`; in a window of an image with its `Surroundings`."""
        self.sums = compiled(self._sums, xla=xla)
        """Sums over an image, for its targets."""
        self.window_sums = compiled(self._window_sums, xla=xla)
        """Sums over a window of an image, for its corner and the image's targets."""

    def with_tile_size(self, side_px: int) -> "CompiledFunctions":
        """Make the same functions for tiles of that side."""
        tile = Tile(side_px, auto=self._tile.auto)
        return CompiledFunctions(
            self._objective, self._exact, self._fast, self._optimizer, tile, xla=self._xla
        )

    def smaller_tile_size(self, height: int, width: int) -> int | None:
        """Side of the next smaller tiles; None if there are none, or the options set their size."""
        return smaller_tile(self.plan(height, width).tile_px, height, width) if self._tile.auto else None

    def tile_size_for_coarser(self, height: int, width: int, full_size: tuple[int, int]) -> int | None:
        """Side of the tiles of a coarser scale, if it would otherwise need more memory than the full size."""
        own, precision = self.plan(height, width), self._fast.precision
        most = memory_needed(*full_size, precision, self.plan(*full_size)).total_bytes
        if not self._tile.auto or memory_needed(height, width, precision, own).total_bytes <= most:
            return None
        return smaller_tile(own.tile_px, height, width)

    def plan(self, height: int, width: int) -> MemoryPlan:
        """Plan the memory of an image of that size, in pixels."""
        return plan_memory(height, width, self._fast.precision, self._tile, memory_limit())

    def encoded_px(self, height: int, width: int) -> float:
        """Size, in pixels, of an image without tiles that takes as long to evaluate."""
        tiles = self._tiles_of(height, width)
        return height * width if tiles is None else encoded_px(tiles)

    def uses_tiles(self, height: int, width: int) -> bool:
        """Tell whether an image is encoded in tiles, as memory is short."""
        return self._tiles_of(height, width) is not None

    def takes_windows(self, targets: Targets) -> bool:
        """Tell whether a part of an image can be painted by itself."""
        # XLA compiles each size of a window for longer than a card takes for the whole image.
        return not self._xla and self._objective.is_additive(targets)

    def targets(self, frame: FrameTargets, start: WarmStart) -> Targets:
        """Put together the targets of an image on the device."""
        content = keras.ops.convert_to_tensor(frame.content, "float32")
        trust = np.zeros(frame.content.shape[:2], np.float32) if start.trust is None else start.trust
        tensors = FrameTensors(
            content=content,
            encoded=self.content(content) if frame.features is None else frame.features,
            style=tuple(region.on_device() for region in frame.style),
            warped=_optional(start.warped),
            trust=keras.ops.convert_to_tensor(trust, "float32"),
            protect=_optional(frame.protect),
        )
        return self._objective.targets(tensors, start.temporal_scale)

    def style_targets(self, style: StyleTargets) -> Targets:
        """Put together targets of which style is the only term."""
        regions = tuple(region.on_device() for region in style)
        weight = keras.ops.convert_to_tensor(self._objective.weights["style"], "float32")
        return Targets({"style": regions}, {"style": weight})

    def loss_function(self, targets: Targets) -> Callable[[Image], tuple[float, NDArray[np.float32]]]:
        """Make a function that computes loss and gradient of an image [H, W, 3], all of it on the host."""

        def evaluate(image: Image) -> tuple[float, NDArray[np.float32]]:
            loss, gradient = self.evaluate(keras.ops.convert_to_tensor(image), targets)
            return float(loss), np.asarray(gradient)

        return evaluate

    def _tiles(self, image: Tensor, fraction: int = 1) -> Tiles | None:
        height, width, _ = image.shape
        return self._tiles_of(height, width, fraction)

    def _tiles_of(self, height: int, width: int, fraction: int = 1) -> Tiles | None:
        side_px = self.plan(height, width).tile_px
        return (
            None if side_px is None else lay_tiles(height, width, side_px // fraction, self._objective.layers)
        )

    def _content(self, image: Tensor) -> dict[str, Any]:
        layers = self._objective.content_layers
        # By the network of the descent: otherwise its rounding would count as a difference.
        maps = tiling.feature_maps(self._fast, image, layers, self._tiles(image))
        return self._objective.encode(maps)

    def _style(self, image: Tensor) -> list[Tensor]:
        return encode_style(self._objective.options, self._exact, image, self._tiles(image))

    def _terms(self, image: Tensor, targets: Targets) -> Tensor:
        # Tiles in float32 take more memory than those of the descent; so small they fit into what these
        # leave.
        return tiling.values(self._objective, self._exact, image, targets, self._tiles(image, 2))

    def _evaluate(self, image: Tensor, targets: Targets) -> tuple[Tensor, Tensor]:
        loss, _, gradient = tiling.evaluate(self._objective, self._fast, image, targets, self._tiles(image))
        return loss, gradient

    def _run_steps(
        self,
        state: State,
        targets: Targets,
        preconditioner: Preconditioner,
        until: Tensor,
        stop_below: Tensor,
        tuning: Tensor,
        target_losses: Tensor,
        surroundings: Surroundings | None = None,
    ) -> State:
        def evaluate(image: Tensor) -> tiling.Evaluation:
            if surroundings is not None:
                return evaluate_window(self._objective, self._fast, image, targets, surroundings)
            return tiling.evaluate(self._objective, self._fast, image, targets, self._tiles(image))

        return run_steps(
            evaluate, state, preconditioner, until, stop_below, tuning, self._optimizer, target_losses
        )

    def _sums(self, image: Tensor, targets: Targets) -> PartialSums:
        return tiling.accumulate(self._objective, self._fast, image, targets, self._tiles(image))

    def _window_sums(self, window: Tensor, corner: Tensor, targets: Targets) -> PartialSums:
        return window_sums(self._objective, self._fast, window, corner, targets)


def _optional(array: Any | None) -> Tensor | None:
    return None if array is None else keras.ops.convert_to_tensor(array, "float32")
