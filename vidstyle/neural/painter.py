"""Optimising painter: one image, by gradient descent on VGG features (Gatys et al. 2016)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import PainterError
from vidstyle.events import Losses
from vidstyle.imaging.types import Image
from vidstyle.neural.benchmark import Rate, benchmark
from vidstyle.neural.compiled import CompiledFunctions
from vidstyle.neural.descent import Descent
from vidstyle.neural.device.backend import choose_device, device_scope, gpus, keras, translate_errors
from vidstyle.neural.device.hardware import resolve_precision
from vidstyle.neural.device.preload import trim_heap
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.objective.objective import Objective
from vidstyle.neural.objective.style_targets import StyleTargets, style_targets
from vidstyle.neural.objective.terms import Targets
from vidstyle.neural.optimize.monitor import Monitor
from vidstyle.neural.result import LazyLosses, Painted
from vidstyle.neural.tile_sizes import TileSizes
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import MachineOptions, Optimizer, PaintOptions, Precision
from vidstyle.options.objective import ObjectiveOptions

EXPLODED = 2.0
"""Loss of a failed painting, as a multiple of the loss of the unpainted image."""
EXPLOSION = "Adam's loss exploded, far beyond that of the unpainted image; give a smaller --learning-rate."
NO_NUMBER = "The loss is not a number even at the start; try --precision float32, or smaller weights."


class OptimizingPainter:
    """Painter that optimises the pixels of an image.

    Parameters
    ----------
    paint
        Iterations, weights and optimiser.
    machine
        Device, precision, weights file and tiles.
    objective
        Layers and loss function.

    Raises
    ------
    WeightsError
        The weights file cannot be used.
    PainterError
        The device does not exist.

    """

    uses_style = True
    uses_predecessors = True

    def __init__(
        self,
        paint: PaintOptions | None = None,
        machine: MachineOptions | None = None,
        objective: ObjectiveOptions | None = None,
    ) -> None:
        self.options = paint or PaintOptions()
        machine = machine or MachineOptions()
        objective = objective or ObjectiveOptions()
        self.objective = Objective(objective, self.options)
        self.device = choose_device(machine.device, gpus())
        self.precision = resolve_precision(machine)
        weights = load_weights(machine.weights, objective.network)
        xla = self.device != "cpu"
        with device_scope(self.device):
            form = objective.pooling, objective.padding
            exact = fast = Encoder(weights, self.objective.layers, Precision.FLOAT32, *form, xla=xla)
            if self.precision is not Precision.FLOAT32:
                fast = Encoder(weights, self.objective.layers, self.precision, *form, xla=xla)
        optimizer = self.options.optimizer
        self._tile_sizes = TileSizes(
            CompiledFunctions(self.objective, exact, fast, optimizer, machine.tile, xla=xla)
        )

    @property
    def _functions(self) -> CompiledFunctions:
        return self._tile_sizes.current

    def set_tile_size(self, side_px: int | None) -> None:
        """Encode images in tiles of that side, in pixels; None leaves it to the options."""
        self._tile_sizes.use(side_px)

    def use_smaller_tiles(self, height: int, width: int) -> int | None:
        """Use smaller tiles for images of that size from now on; gives their side, None if there are none."""
        return self._tile_sizes.use_smaller(height, width)

    def prepare(self, styles: Sequence[Image], weights: Sequence[float] | None = None) -> StyleTargets:
        """Encode a weighted mixture of style images [H, W, 3], RGB in [0, 1]; their sizes may differ."""
        with device_scope(self.device), translate_errors("the style picture"):
            return style_targets(self._functions.style, styles, weights)

    def encode_content(self, content: Image) -> Mapping[str, Any] | None:
        """Encode an image [H, W, 3] while another is painted; None where memory does not suffice for both."""
        height, width, _ = content.shape
        if not self._has_room(self._functions, height, width):
            return None
        with device_scope(self.device), translate_errors(f"{width} x {height} pixels"):
            return self._functions.content(keras.ops.convert_to_tensor(content, "float32"))

    def _has_room(self, functions: CompiledFunctions, height: int, width: int) -> bool:
        """Tell whether memory suffices to encode another image of that size while one is painted."""
        return self.device == "cpu" and not functions.uses_tiles(height, width)

    def paint(
        self,
        targets: FrameTargets,
        start: WarmStart | None = None,
        *,
        iterations: int | None = None,
        monitor: Monitor = Monitor(),  # noqa: B008 - frozen.
    ) -> Painted:
        """Paint an image.

        Parameters
        ----------
        targets
            Content and style.
        start
            What it starts from; by default the targets' initial image.
        iterations
            Their greatest number; by default `first_iterations`, or `iterations` with painted predecessors.
        monitor
            Progress, interruption, snapshots and checkpoints. SciPy's L-BFGS-B takes a snapshot per round,
            and has no checkpoints.

        Raises
        ------
        Interrupted
            The monitor asked to stop.
        PainterError
            The loss is not a number at the start, Adam made it explode, or the device ran out of memory.

        """
        if start is None:
            start = WarmStart(targets.content if targets.initial is None else targets.initial)
        if iterations is None:
            iterations = self.options.iterations if start.is_temporal else self.options.first_iterations
        height, width, _ = targets.content.shape
        trust = np.zeros((height, width), np.float32) if start.trust is None else start.trust
        with device_scope(self.device), translate_errors(f"{width} x {height} pixels"):
            functions = self._tile_sizes.functions_for(targets)
            if functions.uses_tiles(height, width):
                trim_heap()  # What is left of other sizes.
            compared = functions.targets(targets, start)
            if callable(start.image) and self.options.optimizer is not Optimizer.LBFGS:  # It is needed again.
                start = replace(start, image=start.image())
            end = Descent(
                functions,
                self.options,
                compared,
                start,
                trust,
                self.objective.weights["temporal"],
                iterations,
                monitor,
            ).run()
            # The optimiser's own: if only the faster arithmetic failed, the start would be the result.
            if not np.isfinite(end.loss):
                raise PainterError(NO_NUMBER)
            image = np.clip(np.asarray(end.image), 0, 1)
            losses = LazyLosses(partial(self._losses, functions, image, compared))
            if self.options.optimizer is Optimizer.ADAM and self.options.style_weight > 0:
                # L-BFGS rejects every rise.
                self._check_explosion(functions, compared, (targets.content, start.image), losses)
            # A film's frame can wait for them until the next one is painted, where memory suffices for both.
            if not (start.is_temporal and self._has_room(functions, height, width)):
                losses()
        return Painted(
            image, losses, end.iterations, end.rejected, end.hessian_scale, end.seconds, end.reached_losses
        )

    def _check_explosion(
        self, functions: CompiledFunctions, targets: Targets, unpainted: Sequence[Any], losses: LazyLosses
    ) -> None:
        """Refuse a painting that is worse than no painting."""
        images = (np.asarray(image, np.float32) for image in unpainted)
        most = EXPLODED * max(_terms(functions, image, targets).sum() for image in images)
        if losses().total > most:
            raise PainterError(EXPLOSION)

    def _losses(self, functions: CompiledFunctions, image: Image, targets: Targets) -> Losses:
        """Losses of an image [H, W, 3]; in any thread, for which the device has to be named."""
        height, width, _ = image.shape
        if functions.uses_tiles(height, width):
            trim_heap()
        with device_scope(self.device), translate_errors(f"{width} x {height} pixels"):
            terms = _terms(functions, image, targets)
        if not np.isfinite(terms).all():
            raise PainterError(NO_NUMBER)
        active = dict(zip(self.objective.names(targets), terms.tolist(), strict=True))
        return Losses(**dict.fromkeys(self.objective.weights, 0.0) | active)

    def rate(self, targets: FrameTargets) -> Rate:
        """Time the painting of an image by a few evaluations that change nothing.

        What they compile stays. Of a large image only a part is timed.
        """
        height, width, _ = targets.content.shape
        stiffness = self.objective.weights["temporal"]
        with device_scope(self.device), translate_errors(f"{width} x {height} pixels"):
            return benchmark(self._functions, targets, stiffness, self.options)

    def measure(self, image: Image, style: StyleTargets) -> float:
        """Weighted style loss of any image [H, W, 3], RGB in [0, 1], in float32."""
        height, width, _ = image.shape
        with device_scope(self.device), translate_errors(f"{width} x {height} pixels"):
            tensor = keras.ops.convert_to_tensor(image, "float32")
            (loss,) = np.asarray(self._functions.terms(tensor, self._functions.style_targets(style)))
        return float(loss)


def _terms(functions: CompiledFunctions, image: Image, targets: Targets) -> NDArray[np.float64]:
    return np.asarray(functions.terms(keras.ops.convert_to_tensor(image), targets), np.float64)
