from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from vidstyle.neural.device import backend
from vidstyle.neural.device.backend import keras, value_and_gradient
from vidstyle.neural.objective.objective import LAPLACIAN_UNIT, Objective, Targets
from vidstyle.neural.objective.style_targets import Region
from vidstyle.options.groups import PaintOptions
from vidstyle.options.layers import Layers
from vidstyle.options.objective import LossScales, ObjectiveOptions

# JAX computes in double precision only when told so from the start.
DTYPE, TOLERANCE = ("float64", 1e-7) if backend.NAME == "tensorflow" else ("float32", 1e-3)

draw = np.random.default_rng(5)
MIXING = draw.normal(size=(3, 4))
IMAGE, CONTENT, WARPED = (draw.random((8, 6, 3)) for _ in range(3))
TRUST, SKY = draw.random((2, 8, 6))
MASKS = (SKY, 1 - SKY)
STYLES = [draw.random((5, 7, 3)), draw.random((4, 4, 3))]

RECIPE = ObjectiveOptions(
    content_layers=Layers((("block2_conv1", 3.0), ("block1_conv1", 1.0))),
    style_layers=Layers((("block1_conv1", 1.0), ("block2_conv1", 0.5), ("block3_conv1", 2.0))),
    base_weights=LossScales(content=0.7, style=30.0, tv=2.0, temporal=5.0),
)
OPTIONS = PaintOptions(content_weight=2.0, style_weight=0.5, tv_weight=3.0, temporal_weight=4.0)


def tensor(array):
    return keras.ops.convert_to_tensor(np.asarray(array, DTYPE))


def encoder(image):
    """Stands in for the network: three layers, each half the size of the one before."""
    mixing = tensor(MIXING)
    features = {"block1_conv1": keras.ops.sin(image @ mixing)}
    for block in (2, 3):
        before = features[f"block{block - 1}_conv1"]
        pooled = keras.ops.average_pool(before[None], 2, strides=2, padding="valid")[0]
        features[f"block{block}_conv1"] = pooled**2
    return features


def pooled(array):
    height, width = array.shape[0] // 2, array.shape[1] // 2
    return array[: 2 * height, : 2 * width].reshape(height, 2, width, 2, *array.shape[2:]).mean(axis=(1, 3))


def features_of(image):
    first = np.sin(image @ MIXING)
    second = pooled(first) ** 2
    return {"block1_conv1": first, "block2_conv1": second, "block3_conv1": pooled(second) ** 2}


def gram(features, mask=None):
    mask = np.ones(features.shape[:2]) if mask is None else mask
    return np.einsum("yxi,yxj,yx->ij", features, features, mask) / mask.sum()


def style_term(features, layers, mask=None, styles=STYLES):
    term = 0.0
    for name, weight in layers:
        here = mask
        for _ in range(int(name[5]) - 1):
            here = None if here is None else pooled(here)
        targets = [gram(features_of(style)[name]) for style in styles]
        term += weight * np.mean([np.mean((gram(features[name], here) - t) ** 2) / 16 for t in targets])
    return term / sum(weight for _, weight in layers)


def regional(features, layers, masks):
    """Style loss of each region by itself, weighted by its area."""
    return sum(
        mask.mean() * style_term(features, layers, mask, [style])
        for style, mask in zip(STYLES, masks, strict=True)
    )


def reference(image, layers, masks=None):
    """Weighted content, style, total variation and temporal loss in plain NumPy."""
    features, target = features_of(image), features_of(CONTENT)
    content = sum(
        weight * np.mean((features[name] - target[name]) ** 2) for name, weight in RECIPE.content_layers
    ) / sum(weight for _, weight in RECIPE.content_layers)
    style = regional(features, layers, masks) if masks else style_term(features, layers)
    tv = np.mean(np.diff(image, axis=0) ** 2) + np.mean(np.diff(image, axis=1) ** 2)
    temporal = np.mean(TRUST[..., None] * (image - WARPED) ** 2)
    return np.array([1.4 * content, 15 * style, 6 * tv, 20 * temporal])


def build(layers, masks):
    recipe = replace(RECIPE, style_layers=layers)
    objective = Objective(recipe, OPTIONS)
    content, _ = objective.look(encoder, tensor(CONTENT))
    grams = [objective.look(encoder, tensor(style))[1] for style in STYLES]
    if masks:
        regions = tuple(
            Region(tuple(layer[None] for layer in gram), None, tensor(mask))
            for gram, mask in zip(grams, masks, strict=True)
        )
    else:
        regions = (Region(tuple(keras.ops.stack(layer) for layer in zip(*grams, strict=True))),)
    targets = Targets(
        content=tuple(content),
        style=regions,
        warped=tensor(WARPED),
        trust=tensor(TRUST),
        weights=tensor(objective.weights),
    )
    return lambda image: objective(encoder, image, targets)


LAYERS = RECIPE.style_layers
CASES = {
    "whole": SimpleNamespace(layers=LAYERS, masks=None),
    "two regions": SimpleNamespace(layers=LAYERS, masks=MASKS),
    "deepest layer first": SimpleNamespace(layers=Layers(LAYERS.weights[::-1]), masks=MASKS),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_terms_are_those_of_the_definition_and_their_sum_is_the_loss(case):
    loss, terms = build(case.layers, case.masks)(tensor(IMAGE))
    expected = reference(IMAGE, case.layers, case.masks)
    np.testing.assert_allclose(np.asarray(terms), expected, rtol=TOLERANCE)
    np.testing.assert_allclose(float(loss), expected.sum(), rtol=TOLERANCE)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_gradient_is_that_of_finite_differences(case):
    _, _, gradient = value_and_gradient(build(case.layers, case.masks), tensor(IMAGE))
    step, expected = 1e-5, np.zeros_like(IMAGE)
    for place in np.ndindex(IMAGE.shape):
        offset = np.zeros_like(IMAGE)
        offset[place] = step
        ahead, behind = (reference(IMAGE + sign * offset, case.layers, case.masks).sum() for sign in (1, -1))
        expected[place] = (ahead - behind) / (2 * step)
    np.testing.assert_allclose(np.asarray(gradient), expected, atol=TOLERANCE * np.abs(expected).max())


def test_what_looks_like_its_targets_costs_nothing():
    objective = Objective(RECIPE, OPTIONS)
    content, grams = objective.look(encoder, tensor(CONTENT))
    targets = Targets(
        content=tuple(content),
        style=(Region(tuple(gram[None] for gram in grams)),),
        warped=tensor(CONTENT),
        trust=tensor(TRUST),
        weights=tensor([1, 1, 0, 1]),
    )
    loss, _ = objective(encoder, tensor(CONTENT), targets)
    assert float(loss) == pytest.approx(0, abs=1e-12)


def test_held_lines_add_to_the_content_term():
    recipe = replace(RECIPE, laplacian_weight=0.5, laplacian_pool=2)
    objective = Objective(recipe, OPTIONS)
    content, grams = objective.look(encoder, tensor(CONTENT))
    targets = Targets(
        content=tuple(content),
        style=(Region(tuple(gram[None] for gram in grams)),),
        warped=tensor(WARPED),
        trust=tensor(TRUST),
        weights=tensor([0, 0, 0, 0]),
    )

    def lines(image):
        grey = pooled(image).sum(axis=-1)
        return 4 * grey[1:-1, 1:-1] - grey[2:, 1:-1] - grey[:-2, 1:-1] - grey[1:-1, 2:] - grey[1:-1, :-2]

    _, terms = objective(encoder, tensor(IMAGE), targets)
    expected = 0.5 * LAPLACIAN_UNIT * np.mean((lines(IMAGE) - lines(CONTENT)) ** 2)
    np.testing.assert_allclose(np.asarray(terms), [expected, 0, 0, 0], rtol=TOLERANCE)
