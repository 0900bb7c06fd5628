"""Paint one image: targets, objective and optimizer, put together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import PainterError
from vidstyle.events import Losses
from vidstyle.imaging.types import Image
from vidstyle.neural.benchmark import Rate, benchmark, sample
from vidstyle.neural.compiled import CompiledFunctions
from vidstyle.neural.device.backend import choose_device, device_scope, gpus, keras, translate_errors
from vidstyle.neural.device.hardware import resolve_precision
from vidstyle.neural.device.preload import trim_heap
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.objective.objective import Objective
from vidstyle.neural.objective.style_targets import StyleTargets, style_targets
from vidstyle.neural.objective.terms import Targets
from vidstyle.neural.optimize.driver import drive
from vidstyle.neural.optimize.graph_solver import GraphSolver
from vidstyle.neural.optimize.monitor import Checkpoints, Monitor, Progress, SnapshotCallback
from vidstyle.neural.optimize.preconditioner import diagonal_scale
from vidstyle.neural.optimize.scipy_lbfgsb import ScipySolver
from vidstyle.neural.optimize.solver import Solution
from vidstyle.neural.result import LazyLosses, Painted
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import MachineOptions, Optimizer, PaintOptions, Precision
from vidstyle.options.objective import ObjectiveOptions

CARRIED_STOP = 0.5
"""Share of `stop_below` for what starts from its predecessor: a gain too small for one frame adds up over those that follow."""
EXPLODED = 2.0
"""A painting with so many times the loss of the unpainted picture is none."""
EXPLOSION = "Adam's loss exploded, far beyond that of the unpainted picture; give a smaller --learning-rate."
NO_NUMBER = "The loss is not a number even at the start; try --precision float32, or smaller weights."


class Painter:
    """Paints images.

    Parameters
    ----------
    paint
        How to paint.
    machine
        What to paint on.
    recipe
        Layers and weights.

    Raises
    ------
    WeightsError
        The weights file cannot be used.
    PainterError
        The device asked for is not there.

    """

    def __init__(
        self,
        paint: PaintOptions | None = None,
        machine: MachineOptions | None = None,
        recipe: ObjectiveOptions | None = None,
    ) -> None:
        self.options = paint or PaintOptions()
        machine = machine or MachineOptions()
        recipe = recipe or ObjectiveOptions()
        self.objective = Objective(recipe, self.options)
        self.device = choose_device(machine.device, gpus())
        self.precision = resolve_precision(machine)
        weights = load_weights(machine.weights, recipe.network)
        xla = self.device != "cpu"
        with device_scope(self.device):
            exact = fast = Encoder(weights, self.objective.layers, pooling=recipe.pooling, xla=xla)
            if self.precision is not Precision.FLOAT32:
                fast = Encoder(weights, self.objective.layers, self.precision, recipe.pooling, xla=xla)
        whole = CompiledFunctions(self.objective, exact, fast, self.options.optimizer, machine.tile, xla=xla)
        self._graphs = whole
        self._by_side: dict[int | None, CompiledFunctions] = {None: whole}

    def set_tile_size(self, side_px: int | None) -> None:
        """Look at pictures through windows of that side, in pixels; None leaves it to the options."""
        self._graphs = self._through(side_px)

    def _through(self, side_px: int | None) -> CompiledFunctions:
        if side_px is not None and side_px not in self._by_side:
            self._by_side[side_px] = self._graphs.with_tile_size(side_px)
        return self._by_side[side_px]

    def use_smaller_tiles(self, height: int, width: int) -> int | None:
        """Take smaller windows onto pictures of that size from now on; gives their side in pixels, None if there are none."""
        side_px = self._graphs.smaller_tile_size(height, width)
        if side_px is not None:
            self.set_tile_size(side_px)
        return side_px

    def encode_style(self, styles: Sequence[Image], weights: Sequence[float] | None = None) -> StyleTargets:
        """Targets of a mixture of style pictures [H, W, 3], RGB in [0, 1], whose sizes may differ, by their weights."""
        with device_scope(self.device), translate_errors("the style picture"):
            return style_targets(self._graphs.style, styles, weights)

    def encode_content(self, content: Image) -> Mapping[str, Any] | None:
        """Look at an image [H, W, 3] while another is painted, for `paint`; None where there is no memory for both."""
        height, width, _ = content.shape
        if not self._has_room(self._graphs, height, width):
            return None
        with device_scope(self.device), translate_errors(f"{width} x {height} pixels"):
            return self._graphs.content(keras.ops.convert_to_tensor(content, "float32"))  # type: ignore[no-any-return]

    def _has_room(self, graphs: CompiledFunctions, height: int, width: int) -> bool:
        """Whether there is memory to look at another picture of that size while one is painted."""
        return self.device == "cpu" and not graphs.uses_tiles(height, width)

    def paint(
        self,
        content: Image,
        style: StyleTargets,
        *,
        start: Image | Callable[[], Image] | None = None,
        warped: Image | None = None,
        trust: NDArray[np.float32] | None = None,
        held: NDArray[np.float32] | None = None,
        seen: Mapping[str, Any] | None = None,
        iterations: int | None = None,
        gamma: float = 0.0,
        firmness: float = 1.0,
        standard: tuple[float, float] | None = None,
        below: tuple[int, int] | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
        on_image: tuple[int, Callable[[Any], None]] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> Painted:
        """Paint an image.

        Parameters
        ----------
        content
            What to paint, [H, W, 3], RGB in [0, 1].
        style
            In whose style; from `encode_style`.
        start
            Where to start from, or what hands that out, once, where nobody is to hold it meanwhile; the content by default.
        warped, trust
            Predecessor carried to this image [H, W, 3], and the trust in it [H, W] in [0, 1].
        held
            How far the content is held as it is, softly, [H, W] in [0, 1].
        seen
            What `encode_content` gave for the content.
        iterations
            At most so many; by default `first_iterations`, or `iterations` when there is a predecessor.
        gamma
            What the predecessor's `Painted` says.
        firmness
            Share of the temporal weight that holds it to its predecessor. The softer, the longer it may take to gain little.
        standard
            Weighted content and style loss that are good enough: painting stops as soon as both are reached.
        below
            Height and width of the picture that this is a smaller size of; it takes no more memory than that will.
        on_progress
            Called about once a second.
        should_stop
            Asked about once a second.
        on_image
            Handed the image [H, W, 3] of the start and of each so many iterations after it; by SciPy, of each round.
        checkpoints
            Who keeps how far it is, to go on from there with all else alike. SciPy's descent begins anew.

        Raises
        ------
        Interrupted
            `should_stop` said yes.
        PainterError
            The loss is no number from the start, Adam has made it explode, or the device ran out of memory.

        """
        if iterations is None:
            iterations = self.options.first_iterations if warped is None else self.options.iterations
        patience = 1.0 if warped is None else firmness * CARRIED_STOP
        height, width, _ = content.shape
        trust = np.zeros((height, width), np.float32) if trust is None else trust
        with device_scope(self.device), translate_errors(f"{width} x {height} pixels"):
            side_px = self._graphs.tile_size_for_coarser(height, width, below) if below else None
            graphs = self._graphs if side_px is None else self._through(side_px)
            if graphs.uses_tiles(height, width):
                trim_heap()  # What is left of other sizes.
            start = content if start is None else start
            if callable(start) and self.options.optimizer is not Optimizer.LBFGS:
                start = start()  # It is asked for again.
            begin = WarmStart(start, warped, trust, gamma, firmness, standard)
            targets = graphs.targets(FrameTargets(content, style, held, features=seen), begin)
            shots = SnapshotCallback(*on_image) if on_image else None
            monitor = Monitor(on_progress, should_stop, shots, checkpoints)
            solver: ScipySolver | GraphSolver
            if self.options.optimizer is Optimizer.SCIPY:
                evaluate, image = graphs.loss_function(targets), np.asarray(start, np.float32)
                solver = ScipySolver(evaluate, image, iterations, self.options.scipy_round, should_stop)
                end: Solution = drive(solver, iterations, monitor)
            else:
                stiffness = firmness * self.objective.weights["temporal"]
                solver = GraphSolver(
                    graphs.run_steps,
                    targets,
                    replace(self.options, stop_below=patience * self.options.stop_below),
                    image=start,
                    diagonal=keras.ops.convert_to_tensor(diagonal_scale(trust, stiffness)),
                    plan=graphs.plan(height, width),
                    hessian_scale=gamma,
                    target_losses=standard,
                )
                end = drive(solver, iterations, monitor)
            # The loss of the descent: where only the network's faster arithmetic fails, the start would be handed out.
            if not np.isfinite(end.loss):
                raise PainterError(NO_NUMBER)
            image = np.clip(np.asarray(end.image), 0, 1)
            told = LazyLosses(partial(self._tell, graphs, image, targets))
            # L-BFGS undoes every rise.
            if self.options.optimizer is Optimizer.ADAM and self.options.style_weight > 0:
                both = content, np.asarray(start, np.float32)
                most = EXPLODED * max(_terms(graphs, unpainted, targets).sum() for unpainted in both)
                if told().total > most:
                    raise PainterError(EXPLOSION)
            # Of a film's frames it can wait until the next is painted, where there is memory for both.
            if warped is None or not self._has_room(graphs, height, width):
                told()
        return Painted(
            image, told, end.iterations, end.rejected, end.hessian_scale, end.seconds, end.reached_losses
        )

    def _tell(self, graphs: CompiledFunctions, image: Image, targets: Targets) -> Losses:
        """Losses of an image [H, W, 3]; in whatever thread, whose device has to be named."""
        height, width, _ = image.shape
        if graphs.uses_tiles(height, width):
            trim_heap()
        with device_scope(self.device), translate_errors(f"{width} x {height} pixels"):
            terms = _terms(graphs, image, targets)
        if not np.isfinite(terms).all():
            raise PainterError(NO_NUMBER)
        return Losses(**dict(zip(self.objective.names(targets), terms.tolist(), strict=True)))

    def rate(self, content: Image, style: StyleTargets, *, held: NDArray[np.float32] | None = None) -> Rate:
        """Time what painting an image takes, by a few evaluations that change nothing; its parameters are those of `paint`.

        What they compile stays. Of a large image only a part is timed.
        """
        encoded_px = self._graphs.encoded_px(*content.shape[:2])
        frame = sample(FrameTargets(content, style, held))
        height, width, _ = frame.content.shape
        none = np.zeros((height, width), np.float32)
        with device_scope(self.device), translate_errors(f"{width} x {height} pixels"):
            targets = self._graphs.targets(frame, WarmStart(frame.content))
            diagonal = diagonal_scale(none, self.objective.weights["temporal"])
            found = benchmark(
                self._graphs, frame.content, targets, keras.ops.convert_to_tensor(diagonal), self.options
            )
        return found.scaled(encoded_px / self._graphs.encoded_px(height, width))

    def measure(self, image: Image, style: StyleTargets) -> float:
        """Style loss of any image [H, W, 3], RGB in [0, 1], however it came about: weighted, in float32."""
        height, width, _ = image.shape
        with device_scope(self.device), translate_errors(f"{width} x {height} pixels"):
            tensor = keras.ops.convert_to_tensor(image, "float32")
            (loss,) = np.asarray(self._graphs.terms(tensor, self._graphs.style_targets(style)))
        return float(loss)


def _terms(graphs: CompiledFunctions, image: Image, targets: Targets) -> NDArray[np.float64]:
    return np.asarray(graphs.terms(keras.ops.convert_to_tensor(image), targets), np.float64)
