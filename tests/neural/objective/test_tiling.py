from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from vidstyle.neural.device.backend import compiled, keras
from vidstyle.neural.objective import tiling
from vidstyle.neural.objective.objective import Objective, Targets
from vidstyle.neural.objective.style_targets import Region
from vidstyle.neural.objective.tiling import lay_tiles
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import PaintOptions
from vidstyle.options.layers import Layers, reach_px
from vidstyle.options.objective import Distance, ObjectiveOptions, Pooling, StyleStatistic, TVNorm

LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1")
DEFAULT = ObjectiveOptions()
RECIPE = ObjectiveOptions(
    content_layers=Layers.parse("conv2_1,conv3_1:0.5"),
    style_layers=Layers.parse("conv3_1:3,conv1_1,conv2_1:2"),
)
ALL_ELSE = replace(
    RECIPE,
    pooling=Pooling.AVG,
    gram=StyleStatistic.COVARIANCE,
    content_distance=Distance.COSINE,
    style_distance=Distance.COSINE,
    laplacian_weight=1.0,
    tv=TVNorm.POWER,
)
draw = np.random.default_rng(3)


def tensor(array):
    return keras.ops.convert_to_tensor(np.asarray(array, np.float32))


@pytest.mark.parametrize("layers", [LAYERS, DEFAULT.layers])
@pytest.mark.parametrize("size", [(64, 900), (333, 401), (512, 511), (700, 230)])
@pytest.mark.parametrize("side_px", [1, 210, 256, 301])
def test_windows_answer_for_each_pixel_once_and_see_all_around_it(size, side_px, layers):
    tiles = lay_tiles(*size, side_px, layers)
    if tiles is None:
        assert max(size) <= max(side_px, 250)
        return
    answered, reach = np.zeros(size), reach_px(layers)
    for (top, left), rows, columns in zip(*tiles, strict=True):
        height, width = len(rows), len(columns)
        answered[top : top + height, left : left + width] += np.outer(rows, columns)
        assert top % 4 == left % 4 == 0  # On the grid of the third block.
        for start, counts, length in ((top, rows, size[0]), (left, columns, size[1])):
            seen = np.flatnonzero(counts)
            assert start + len(counts) <= length
            assert seen[0] >= reach or start == 0
            assert len(counts) - seen[-1] > reach or start + len(counts) == length
    assert (answered == 1).all()


def test_windows_are_no_larger_than_so_many_need_be():
    tiles = lay_tiles(1600, 2000, 1024, DEFAULT.layers)
    assert len(tiles.corners) == 2 * 3
    (_, height), (_, width) = tiles.rows.shape, tiles.columns.shape
    reach = reach_px(DEFAULT.layers)
    # Two sides of what is seen around are beyond the picture; what is left over is less than the grid of 16.
    assert 0 <= 2 * height - 1600 - 2 * reach < 3 * 16
    assert 0 <= 3 * width - 2000 - 4 * reach < 5 * 16


def test_a_picture_that_one_window_holds_is_not_cut():
    assert lay_tiles(200, 256, 256, DEFAULT.layers) is None


def problem(recipe, size, *, regions=False, held=False):
    objective = Objective(recipe, PaintOptions())
    encoder = Encoder(load_weights(), recipe.layers, pooling=recipe.pooling)
    content, style, image, warped = (draw.random((*size, 3)) for _ in range(4))
    grams = objective.look(encoder, tensor(style))[1]
    whole = Region(tuple(keras.ops.stack([gram, 0.5 * gram]) for gram in grams))
    mask = draw.random(size)
    targets = Targets(
        content=tuple(objective.look(encoder, tensor(content))[0]),
        style=(whole._replace(mask=tensor(mask)), whole._replace(mask=tensor(1 - mask)))
        if regions
        else (whole,),
        warped=tensor(warped),
        trust=tensor(draw.random(size)),
        weights=tensor(objective.weights),
        held=tensor(draw.random(size)) if held else None,
        source=tensor(content) if held else None,
    )
    return objective, encoder, tensor(image), targets


def both(recipe, size, side_px, **kinds):
    """Evaluations untiled and tiled."""
    objective, encoder, image, targets = problem(recipe, size, **kinds)
    tiles = lay_tiles(*size, side_px, recipe.layers)
    assert len(tiles.corners) > 3
    results = []
    for cut in (None, tiles):
        run = compiled(lambda x, t: tiling.evaluate(objective, encoder, x, t, cut), xla=False)  # noqa: B023
        results.append([np.asarray(part) for part in run(image, targets)])
    return results


def apart(one, other):
    return np.linalg.norm(one - other) / np.linalg.norm(other)


@pytest.mark.parametrize(
    ("recipe", "size", "kinds"),
    [
        (RECIPE, (97, 130), {}),
        (RECIPE, (131, 75), {"regions": True, "held": True}),
        (ALL_ELSE, (75, 98), {"regions": True}),
    ],
    ids=["whole", "regions", "other statistics and pooling"],
)
def test_loss_terms_and_gradient_are_those_of_the_whole_picture(recipe, size, kinds):
    whole, tiled = both(recipe, size, 61, **kinds)
    for of_whole, of_tiles in zip(whole, tiled, strict=True):
        assert apart(of_tiles, of_whole) < 1e-5


def test_the_gradient_of_the_default_recipe_is_that_of_the_whole_picture():
    whole, tiled = both(DEFAULT, (243, 231), 1)
    assert apart(tiled[2], whole[2]) < 1e-4
    assert np.abs(tiled[2] - whole[2]).max() < 1e-4 * np.abs(whole[2]).max()


def test_the_comparison_would_show_a_window_that_sees_too_little(monkeypatch):
    monkeypatch.setattr(tiling, "reach_px", lambda _: 4)
    whole, tiled = both(RECIPE, (97, 130), 37)
    assert apart(tiled[2], whole[2]) > 1e-3


def test_a_look_at_a_picture_is_that_of_the_whole():
    objective, encoder, image, _ = problem(RECIPE, (97, 130))
    tiles = lay_tiles(97, 130, 61, RECIPE.layers)
    tiled = compiled(lambda x: tiling.look(objective, encoder, x, tiles), xla=False)(image)
    for of_tiles, of_whole in zip(
        (*tiled[0], *tiled[1]), chain(*objective.look(encoder, image)), strict=True
    ):
        assert apart(np.asarray(of_tiles), np.asarray(of_whole)) < 1e-5


def test_terms_are_those_of_the_whole_picture():
    objective, encoder, image, targets = problem(RECIPE, (97, 130))
    tiles = lay_tiles(97, 130, 61, RECIPE.layers)
    tiled = compiled(lambda x, t: tiling.terms(objective, encoder, x, t, tiles), xla=False)(image, targets)
    assert apart(np.asarray(tiled), np.asarray(objective(encoder, image, targets)[1])) < 1e-5
