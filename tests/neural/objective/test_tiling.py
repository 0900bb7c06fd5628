from dataclasses import replace

import numpy as np
import pytest
from support.losses import style_regions, targets_of

from vidstyle.neural.device.backend import compiled, keras
from vidstyle.neural.objective import tiles, tiling
from vidstyle.neural.objective.objective import Objective
from vidstyle.neural.objective.style import encode_style
from vidstyle.neural.objective.tiles import lay_tiles
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import PaintOptions
from vidstyle.options.layers import Layers
from vidstyle.options.objective import Distance, ObjectiveOptions, Pooling, StyleStatistic, TVNorm

DEFAULT = ObjectiveOptions()
SHALLOW = ObjectiveOptions(
    content_layers=Layers.parse("conv2_1,conv3_1:0.5"),
    style_layers=Layers.parse("conv3_1:3,conv1_1,conv2_1:2"),
)
OTHER = replace(
    SHALLOW,
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


def problem(options, size, *, regions=False, protected=False):
    objective = Objective(options, PaintOptions())
    encoder = Encoder(load_weights(), options.layers, pooling=options.pooling)
    content, style, image, warped = (draw.random((*size, 3)) for _ in range(4))
    mask, trust = draw.random((2, *size))
    masks = (mask, 1 - mask) if regions else None
    targets = targets_of(
        objective,
        encoder,
        content,
        style_regions(options, encoder, (style, style[::-1]), masks, "float32"),
        warped=warped,
        trust=trust,
        protect=draw.random(size) if protected else None,
        dtype="float32",
    )
    return objective, encoder, tensor(image), targets


def both(options, size, side_px, **kinds):
    """Evaluations of the whole image and in tiles."""
    objective, encoder, image, targets = problem(options, size, **kinds)
    cut = lay_tiles(*size, side_px, options.layers)
    assert len(cut.corners) > 3
    results = []
    for given in (None, cut):
        run = compiled(lambda x, t: tiling.evaluate(objective, encoder, x, t, given), xla=False)  # noqa: B023
        results.append([np.asarray(part) for part in run(image, targets)])
    return results


def difference(one, other):
    return np.linalg.norm(one - other) / np.linalg.norm(other)


@pytest.mark.parametrize(
    ("options", "size", "kinds"),
    [
        (SHALLOW, (97, 130), {}),
        (SHALLOW, (131, 75), {"regions": True, "protected": True}),
        (OTHER, (75, 98), {"regions": True}),
    ],
    ids=["whole", "regions", "other statistics and pooling"],
)
def test_loss_groups_and_gradient_are_those_of_the_whole_image(options, size, kinds):
    whole, tiled = both(options, size, 61, **kinds)
    for of_whole, of_tiles in zip(whole, tiled, strict=True):
        assert difference(of_tiles, of_whole) < 1e-5


def test_gradient_of_the_default_objective_is_that_of_the_whole_image():
    whole, tiled = both(DEFAULT, (243, 231), 1)
    assert difference(tiled[2], whole[2]) < 1e-4
    assert np.abs(tiled[2] - whole[2]).max() < 1e-4 * np.abs(whole[2]).max()


def test_margin_that_is_too_small_shows_in_the_comparison(monkeypatch):
    monkeypatch.setattr(tiles, "reach_px", lambda _: 4)
    whole, tiled = both(SHALLOW, (97, 130), 37)
    assert difference(tiled[2], whole[2]) > 1e-3


def test_feature_maps_and_style_are_those_of_the_whole_image():
    objective, encoder, image, _ = problem(SHALLOW, (97, 130))
    layers = objective.content_layers

    def encode(x, cut):
        maps = tiling.feature_maps(encoder, x, layers, cut)
        return [*(maps[name] for name in layers), *encode_style(SHALLOW, encoder, x, cut)]

    cut = lay_tiles(97, 130, 61, SHALLOW.layers)
    for of_tiles, of_whole in zip(
        compiled(lambda x: encode(x, cut), xla=False)(image), encode(image, None), strict=True
    ):
        assert difference(np.asarray(of_tiles), np.asarray(of_whole)) < 1e-5


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (SHALLOW, ["content", "style", "tv", "temporal"]),
        (replace(SHALLOW, laplacian_weight=1.0), ["content", "style", "tv", "temporal", "laplacian"]),
    ],
)
def test_values_of_the_terms_are_those_of_the_whole_image(options, names):
    objective, encoder, image, targets = problem(options, (97, 130))
    assert list(objective.names(targets)) == names
    cut = lay_tiles(97, 130, 61, options.layers)
    whole, tiled = (
        np.asarray(
            compiled(lambda x, t: tiling.values(objective, encoder, x, t, given), xla=False)(image, targets)  # noqa: B023
        )
        for given in (None, cut)
    )
    assert whole.shape == (len(names),)
    np.testing.assert_allclose(tiled, whole, rtol=1e-4)
