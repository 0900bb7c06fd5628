"""One suite over the terms of the loss, and a seventh term that nothing else knows of."""

import numpy as np
import pytest
from support.losses import style_regions, targets_of

from vidstyle.neural.compiled import CompiledFunctions
from vidstyle.neural.device.backend import compiled, keras
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.objective import objective as module
from vidstyle.neural.objective import tiling
from vidstyle.neural.objective.objective import TERMS, Objective
from vidstyle.neural.objective.style_targets import style_targets
from vidstyle.neural.objective.terms import Term
from vidstyle.neural.objective.tiles import lay_tiles, sum_over_tiles
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import Optimizer, PaintOptions
from vidstyle.options.layers import Layers
from vidstyle.options.objective import ObjectiveOptions
from vidstyle.options.values import Tile

SIZE = (97, 130)
OPTIONS = ObjectiveOptions(
    content_layers=Layers.parse("conv2_1"),
    style_layers=Layers.parse("conv1_1,conv2_1"),
    laplacian_weight=1.0,
)
draw = np.random.default_rng(6)
CONTENT, STYLE, IMAGE, WARPED = draw.random((4, *SIZE, 3)).astype(np.float32)
MASK, TRUST, PROTECT = draw.random((3, *SIZE)).astype(np.float32)
NAMES = [make(OPTIONS, PaintOptions()).name for make in TERMS]


class BrightnessTerm(Term):
    """Square of the mean difference in brightness from the content."""

    name = group = "brightness"
    weight = 7.0

    def __init__(self, _options, _paint):
        pass

    def warm_scale(self, _temporal_scale, /):
        return 0.5

    def targets(self, frame, /):
        return (frame.content,)

    def crop(self, targets, crop, /):
        return (crop(targets[0]),)

    def zeros(self, _targets, _channels, /):
        return keras.ops.zeros((), "float32")

    def accumulate(self, _features, image, targets, mask, /):
        brighter = keras.ops.sum(image - targets[0], axis=-1)
        return keras.ops.sum(brighter if mask is None else mask.pixels * brighter)

    def value(self, sums, image, _targets, /):
        height, width, _ = image.shape
        return keras.ops.square(sums / (height * width))


@pytest.fixture
def seventh_term(monkeypatch):
    """Register a seventh term."""
    monkeypatch.setattr(module, "TERMS", (*TERMS, BrightnessTerm))


@pytest.fixture(scope="module")
def encoder():
    return Encoder(load_weights(), OPTIONS.layers)


def problem(encoder):
    """Objective, image and targets with every term active."""
    objective = Objective(OPTIONS, PaintOptions())
    style = style_regions(OPTIONS, encoder, (STYLE, STYLE[::-1]), (MASK, 1 - MASK), "float32")
    targets = targets_of(
        objective, encoder, CONTENT, style, warped=WARPED, trust=TRUST, protect=PROTECT, dtype="float32"
    )
    return objective, keras.ops.convert_to_tensor(IMAGE), targets


def sums_of(encoder, name):
    """Sums of a term over the whole image, and over its tiles."""
    objective, image, targets = problem(encoder)
    term = next(term for term in objective.terms if term.name == name)
    own = targets.by_term[name]
    tiles = lay_tiles(*SIZE, 61, OPTIONS.layers)

    def of_tile(crop, mask):
        pixels = crop(image)
        return term.accumulate(encoder(pixels), pixels, term.crop(own, crop), mask)

    zeros = term.zeros(own, encoder.channels)
    return term.accumulate(encoder(image), image, own, None), sum_over_tiles(tiles, zeros, of_tile)


def assert_close(found, expected):
    for one, other in zip(found, expected, strict=True):
        difference = np.linalg.norm(np.asarray(one) - np.asarray(other))
        assert difference <= 1e-4 * np.linalg.norm(np.asarray(other))


@pytest.mark.parametrize("name", NAMES)
def test_sums_of_a_term_add_up_over_tiles(encoder, name):
    whole, tiled = (keras.tree.flatten(sums) for sums in sums_of(encoder, name))
    assert_close(tiled, whole)


@pytest.mark.parametrize("name", NAMES)
def test_value_of_a_term_is_one_number_that_is_not_negative(encoder, name):
    objective, image, targets = problem(encoder)
    sums = objective.accumulate(encoder, image, targets)
    value = np.asarray(objective.values(image, targets, sums)[NAMES.index(name)])
    assert value.shape == ()
    assert value > 0


def test_terms_have_names_of_their_own():
    assert len(set(NAMES)) == len(NAMES) == 6


@pytest.mark.usefixtures("seventh_term")
def test_seventh_term_is_in_the_loss(encoder):
    objective, image, targets = problem(encoder)
    loss, groups = objective(encoder, image, targets)
    values = objective.values(image, targets, objective.accumulate(encoder, image, targets))
    by_name = dict(zip(objective.names(targets), map(float, values), strict=True))
    assert list(by_name) == [*NAMES, "brightness"]
    # With a warm start at half its weight.
    expected = 3.5 * np.mean(np.sum(IMAGE - CONTENT, axis=-1)) ** 2
    assert by_name["brightness"] == pytest.approx(expected, rel=1e-3)
    assert np.asarray(groups)[-1] == pytest.approx(by_name["brightness"])
    assert float(loss) == pytest.approx(sum(by_name.values()), rel=1e-5)


@pytest.mark.usefixtures("seventh_term")
def test_seventh_term_is_evaluated_in_tiles(encoder):
    objective, image, targets = problem(encoder)
    tiles = lay_tiles(*SIZE, 61, OPTIONS.layers)
    whole, tiled = (
        compiled(lambda x, t: tiling.evaluate(objective, encoder, x, t, given), xla=False)(image, targets)  # noqa: B023
        for given in (None, tiles)
    )
    assert_close(tiled, whole)


@pytest.mark.usefixtures("seventh_term")
def test_seventh_term_is_in_the_compiled_functions(encoder):
    objective = Objective(OPTIONS, PaintOptions())
    functions = CompiledFunctions(objective, encoder, encoder, Optimizer.LBFGS, Tile(auto=False), xla=False)
    style = style_targets(functions.style, [STYLE])
    targets = functions.targets(FrameTargets(CONTENT, style), WarmStart(CONTENT))
    names = objective.names(targets)
    assert names == ("content", "style", "tv", "temporal", "laplacian", "brightness")
    values = np.asarray(functions.terms(keras.ops.convert_to_tensor(IMAGE), targets))
    expected = 7 * np.mean(np.sum(IMAGE - CONTENT, axis=-1)) ** 2
    assert values[names.index("brightness")] == pytest.approx(expected, rel=1e-3)
