import numpy as np
import pytest

from vidstyle.neural.compiled import CompiledFunctions
from vidstyle.neural.device.backend import keras
from vidstyle.neural.device.memory import HISTORY, TILE_PX, MemoryPlan, memory_needed
from vidstyle.neural.objective.objective import Objective, Targets
from vidstyle.neural.objective.style_targets import Region
from vidstyle.neural.optimize.driver import stepper
from vidstyle.neural.optimize.loop import begin
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import Optimizer, PaintOptions, Precision
from vidstyle.options.layers import Layers
from vidstyle.options.objective import ObjectiveOptions
from vidstyle.options.values import Tile

RECIPE = ObjectiveOptions(
    content_layers=Layers.parse("conv2_1"), style_layers=Layers.parse("conv1_1,conv2_1")
)
SIZE = (300, 290)
draw = np.random.default_rng(8)
IMAGE, CONTENT, STYLE = (draw.random((*SIZE, 3)).astype(np.float32) for _ in range(3))


def graphs(tile, optimizer=Optimizer.LBFGS, *, xla=False):
    encoder = Encoder(load_weights(), RECIPE.layers, xla=xla)
    objective = Objective(RECIPE, PaintOptions())
    return CompiledFunctions(objective, encoder, encoder, optimizer, tile, xla=xla), objective


@pytest.fixture(scope="module")
def results():
    """What the functions give, of a picture as a whole and in windows."""
    found = []
    for tile in (Tile(auto=False), Tile(256)):
        made, objective = graphs(tile)
        content = made.content(keras.ops.convert_to_tensor(CONTENT))
        grams = made.style(keras.ops.convert_to_tensor(STYLE))
        targets = Targets(
            tuple(content),
            (Region(tuple(keras.ops.stack([gram]) for gram in grams)),),
            keras.ops.convert_to_tensor(IMAGE),
            keras.ops.zeros(SIZE),
            keras.ops.convert_to_tensor(objective.weights, "float32"),
        )
        image = keras.ops.convert_to_tensor(IMAGE)
        loss, gradient = made.evaluate(image, targets)
        found.append([np.asarray(value) for value in (made.terms(image, targets), loss, gradient)])
    return found


def test_windows_are_taken_where_they_are_asked_for():
    made, _ = graphs(Tile(256))
    assert made.layout(*SIZE) == MemoryPlan(256, HISTORY)
    assert graphs(Tile(auto=False))[0].layout(*SIZE) == MemoryPlan(None, HISTORY)


@pytest.mark.parametrize(
    ("tile", "side_px"), [(Tile(), 256), (Tile(auto=False), None), (Tile(256, auto=False), None)]
)
def test_smaller_windows_are_taken_where_none_were_asked_for(tile, side_px):
    assert graphs(tile)[0].smaller(*SIZE) == side_px


def test_there_are_none_below_the_least():
    through = graphs(Tile())[0].through(256)
    assert through.layout(*SIZE) == MemoryPlan(256, HISTORY)
    assert through.smaller(*SIZE) is None


def test_a_smaller_size_takes_no_more_memory_than_the_largest(monkeypatch):
    have = (
        4 * memory_needed(1500, 2000, Precision.FLOAT32, MemoryPlan()).total_bytes
    )  # Enough for that one as a whole.
    monkeypatch.setattr("vidstyle.neural.compiled.memory_limit", lambda: have)
    made = graphs(Tile())[0]
    assert made.layout(1500, 2000).tile_px is None
    assert made.layout(3000, 4000).tile_px == TILE_PX
    assert made.below(1500, 2000, (3000, 4000)) == TILE_PX
    assert made.below(750, 1000, (3000, 4000)) is None
    assert made.below(750, 1000, (1500, 2000)) is None
    for asked in (Tile(auto=False), Tile(512)):
        assert graphs(asked)[0].below(1500, 2000, (3000, 4000)) is None


@pytest.mark.parametrize("name", ["terms", "loss", "gradient"])
def test_a_picture_in_windows_gives_what_it_gives_as_a_whole(results, name):
    whole, tiled = (found[["terms", "loss", "gradient"].index(name)] for found in results)
    assert np.linalg.norm(tiled - whole) < 1e-5 * np.linalg.norm(whole)


def test_the_loss_is_the_sum_of_the_terms(results):
    terms, loss, _ = results[0]
    assert loss == pytest.approx(terms.sum(), rel=1e-5)


@pytest.mark.parametrize("optimizer", [Optimizer.LBFGS, Optimizer.ADAM])
def test_what_xla_compiles_as_for_a_graphics_card_descends_alike_and_the_same_each_time(optimizer):
    content, style, start = (picture[:34, :41] for picture in (CONTENT, STYLE, IMAGE))

    def descended(*, xla):
        made, _ = graphs(Tile(auto=False), optimizer, xla=xla)
        grams = made.style(keras.ops.convert_to_tensor(style))
        regions = (Region(tuple(keras.ops.stack([gram]) for gram in grams)),)
        nowhere = np.zeros(start.shape[:2], np.float32)
        targets = made.targets(content, regions, None, nowhere)
        options = PaintOptions(stop_below=0, optimizer=optimizer)
        step = stepper(made.advance, targets, keras.ops.convert_to_tensor(1 - nowhere), None, options)
        state = step(begin(start, optimizer, terms=2), keras.ops.convert_to_tensor(5, "int32"))
        assert int(state.evaluations) == 5
        return np.asarray(state.image)

    plain, by_xla, again = descended(xla=False), descended(xla=True), descended(xla=True)
    np.testing.assert_array_equal(by_xla, again)
    moved = np.abs(plain - start).mean()
    assert np.abs(by_xla - plain).mean() < 0.01 * moved
