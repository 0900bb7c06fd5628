import numpy as np
import pytest

from vidstyle.neural.compiled import CompiledFunctions
from vidstyle.neural.device.backend import keras
from vidstyle.neural.device.memory import HISTORY, TILE_PX, MemoryPlan, memory_needed
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.objective.objective import Objective
from vidstyle.neural.objective.style_targets import style_targets
from vidstyle.neural.optimize.graph_solver import GraphSolver
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import Optimizer, PaintOptions, Precision
from vidstyle.options.layers import Layers
from vidstyle.options.objective import ObjectiveOptions
from vidstyle.options.values import Tile

OPTIONS = ObjectiveOptions(
    content_layers=Layers.parse("conv2_1"), style_layers=Layers.parse("conv1_1,conv2_1")
)
SIZE = (300, 290)
draw = np.random.default_rng(8)
IMAGE, CONTENT, STYLE = (draw.random((*SIZE, 3)).astype(np.float32) for _ in range(3))


def functions_of(tile, optimizer=Optimizer.LBFGS, *, xla=False):
    encoder = Encoder(load_weights(), OPTIONS.layers, xla=xla)
    return CompiledFunctions(Objective(OPTIONS, PaintOptions()), encoder, encoder, optimizer, tile, xla=xla)


def targets_of(functions, content, style):
    return functions.targets(
        FrameTargets(content, style_targets(functions.style, [style])), WarmStart(content)
    )


@pytest.fixture(scope="module")
def results():
    """Results of the functions, for a whole image and in tiles."""
    found = []
    for tile in (Tile(auto=False), Tile(256)):
        functions = functions_of(tile)
        targets = targets_of(functions, CONTENT, STYLE)
        image = keras.ops.convert_to_tensor(IMAGE)
        loss, gradient = functions.evaluate(image, targets)
        found.append([np.asarray(value) for value in (functions.terms(image, targets), loss, gradient)])
    return found


def test_tiles_are_used_where_the_options_ask_for_them():
    assert functions_of(Tile(256)).plan(*SIZE) == MemoryPlan(256, HISTORY)
    assert functions_of(Tile(auto=False)).plan(*SIZE) == MemoryPlan(None, HISTORY)


@pytest.mark.parametrize(
    ("tile", "side_px"), [(Tile(), 256), (Tile(auto=False), None), (Tile(256, auto=False), None)]
)
def test_smaller_tiles_are_used_unless_the_options_set_their_size(tile, side_px):
    assert functions_of(tile).smaller_tile_size(*SIZE) == side_px


def test_no_tiles_are_smaller_than_the_least():
    functions = functions_of(Tile()).with_tile_size(256)
    assert functions.plan(*SIZE) == MemoryPlan(256, HISTORY)
    assert functions.smaller_tile_size(*SIZE) is None


def test_coarser_scale_takes_no_more_memory_than_the_full_size(monkeypatch):
    # Enough for that one as a whole.
    limit = 4 * memory_needed(1500, 2000, Precision.FLOAT32, MemoryPlan()).total_bytes
    monkeypatch.setattr("vidstyle.neural.compiled.memory_limit", lambda: limit)
    functions = functions_of(Tile())
    assert functions.plan(1500, 2000).tile_px is None
    assert functions.plan(3000, 4000).tile_px == TILE_PX
    assert functions.tile_size_for_coarser(1500, 2000, (3000, 4000)) == TILE_PX
    assert functions.tile_size_for_coarser(750, 1000, (3000, 4000)) is None
    assert functions.tile_size_for_coarser(750, 1000, (1500, 2000)) is None
    for tile in (Tile(auto=False), Tile(512)):
        assert functions_of(tile).tile_size_for_coarser(1500, 2000, (3000, 4000)) is None


@pytest.mark.parametrize("name", ["terms", "loss", "gradient"])
def test_image_in_tiles_gives_the_results_of_the_whole(results, name):
    whole, tiled = (found[["terms", "loss", "gradient"].index(name)] for found in results)
    assert np.linalg.norm(tiled - whole) < 1e-5 * np.linalg.norm(whole)


def test_loss_is_the_sum_of_the_terms(results):
    terms, loss, _ = results[0]
    assert loss == pytest.approx(terms.sum(), rel=1e-5)


def test_style_alone_has_the_value_of_the_style_term(results):
    functions = functions_of(Tile(auto=False))
    alone = functions.style_targets(style_targets(functions.style, [STYLE]))
    (loss,) = np.asarray(functions.terms(keras.ops.convert_to_tensor(IMAGE), alone))
    assert loss == pytest.approx(results[0][0][1], rel=1e-5)


def test_loss_function_computes_on_the_host():
    functions = functions_of(Tile(auto=False))
    targets = targets_of(functions, CONTENT[:40, :40], STYLE)
    loss, gradient = functions.loss_function(targets)(IMAGE[:40, :40])
    assert isinstance(loss, float)
    assert isinstance(gradient, np.ndarray)
    assert gradient.shape == (40, 40, 3)


def test_content_encoded_ahead_gives_the_same_targets():
    functions = functions_of(Tile(auto=False))
    style = style_targets(functions.style, [STYLE])
    ahead = functions.content(keras.ops.convert_to_tensor(CONTENT))
    one, other = (
        functions.targets(FrameTargets(CONTENT, style, features=features), WarmStart(CONTENT))
        for features in (None, ahead)
    )
    for a, b in zip(keras.tree.flatten(one), keras.tree.flatten(other), strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


@pytest.mark.parametrize("optimizer", [Optimizer.LBFGS, Optimizer.ADAM])
def test_descent_compiled_by_xla_as_for_a_graphics_card_is_alike_and_the_same_each_time(optimizer):
    content, style, start = (image[:34, :41] for image in (CONTENT, STYLE, IMAGE))

    def descend(*, xla):
        functions = functions_of(Tile(auto=False), optimizer, xla=xla)
        solver = GraphSolver(
            functions.run_steps,
            targets_of(functions, content, style),
            PaintOptions(stop_below=0, optimizer=optimizer),
            image=start,
            diagonal=keras.ops.ones(start.shape[:2], "float32"),
            plan=MemoryPlan(),
        )
        state = solver.step(solver.init(), 4)
        assert solver.iteration(state) == 4
        return np.asarray(state.image)

    plain, by_xla, again = descend(xla=False), descend(xla=True), descend(xla=True)
    np.testing.assert_array_equal(by_xla, again)
    change = np.abs(plain - start).mean()
    assert np.abs(by_xla - plain).mean() < 0.01 * change


def test_gradient_of_a_large_image_is_the_same_to_the_bit_each_time():
    options = ObjectiveOptions(content_layers=Layers.parse("conv1_1"), style_layers=Layers.parse("conv1_1"))
    encoder, objective = Encoder(load_weights(), options.layers), Objective(options, PaintOptions())
    functions = CompiledFunctions(objective, encoder, encoder, Optimizer.LBFGS, Tile(auto=False), xla=False)
    image = draw.random((576, 768, 3)).astype(np.float32)
    targets = targets_of(functions, image, STYLE)
    first, *others = (np.asarray(functions.evaluate(image, targets)[1]) for _ in range(12))
    assert all(np.array_equal(other, first) for other in others)
