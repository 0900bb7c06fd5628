from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from support.losses import finite_differences, style_regions, targets_of, tensor

from vidstyle.neural.device import backend
from vidstyle.neural.device.backend import keras, value_and_gradient
from vidstyle.neural.objective.laplacian import LAPLACIAN_UNIT
from vidstyle.neural.objective.objective import TERMS, Objective
from vidstyle.neural.objective.protect import PROTECT_WEIGHT
from vidstyle.neural.objective.total_variation import WARM_TV_SCALE
from vidstyle.options.groups import PaintOptions
from vidstyle.options.layers import Layers
from vidstyle.options.objective import LossScales, ObjectiveOptions

TOLERANCE = 1e-7 if backend.NAME == "tensorflow" else 1e-3

draw = np.random.default_rng(5)
MIXING = draw.normal(size=(3, 4))
IMAGE, CONTENT, WARPED = (draw.random((8, 6, 3)) for _ in range(3))
TRUST, SKY = draw.random((2, 8, 6))
MASKS = (SKY, 1 - SKY)
STYLES = [draw.random((5, 7, 3)), draw.random((4, 4, 3))]

OPTIONS = ObjectiveOptions(
    content_layers=Layers((("block2_conv1", 3.0), ("block1_conv1", 1.0))),
    style_layers=Layers((("block1_conv1", 1.0), ("block2_conv1", 0.5), ("block3_conv1", 2.0))),
    base_weights=LossScales(content=0.7, style=30.0, tv=2.0, temporal=5.0),
)
PAINT = PaintOptions(content_weight=2.0, style_weight=0.5, tv_weight=3.0, temporal_weight=4.0)


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
        weight * np.mean((features[name] - target[name]) ** 2) for name, weight in OPTIONS.content_layers
    ) / sum(weight for _, weight in OPTIONS.content_layers)
    style = regional(features, layers, masks) if masks else style_term(features, layers)
    tv = np.mean(np.diff(image, axis=0) ** 2) + np.mean(np.diff(image, axis=1) ** 2)
    temporal = np.mean(TRUST[..., None] * (image - WARPED) ** 2)
    return np.array([1.4 * content, 15 * style, 6 * tv, 20 * temporal])


def build(layers, masks):
    objective = Objective(replace(OPTIONS, style_layers=layers), PAINT)
    regions = style_regions(objective.options, encoder, STYLES, masks)
    targets = targets_of(objective, encoder, CONTENT, regions, warped=WARPED, trust=TRUST)
    # As without a predecessor.
    weights = {name: tensor(objective.weights[name]) for name in targets.weights}
    return objective, targets._replace(weights=weights)


def groups(case, image):
    objective, targets = build(case.layers, case.masks)
    return objective(encoder, image, targets)


LAYERS = OPTIONS.style_layers
CASES = {
    "whole": SimpleNamespace(layers=LAYERS, masks=None),
    "two regions": SimpleNamespace(layers=LAYERS, masks=MASKS),
    "deepest layer first": SimpleNamespace(layers=Layers(LAYERS.weights[::-1]), masks=MASKS),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_groups_are_those_of_the_definition_and_their_sum_is_the_loss(case):
    loss, found = groups(case, tensor(IMAGE))
    expected = reference(IMAGE, case.layers, case.masks)
    np.testing.assert_allclose(np.asarray(found), expected, rtol=TOLERANCE)
    np.testing.assert_allclose(float(loss), expected.sum(), rtol=TOLERANCE)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_gradient_is_that_of_finite_differences(case):
    _, _, gradient = value_and_gradient(lambda image: groups(case, image), tensor(IMAGE))
    expected = finite_differences(lambda image: reference(image, case.layers, case.masks).sum(), IMAGE)
    np.testing.assert_allclose(np.asarray(gradient), expected, atol=TOLERANCE * np.abs(expected).max())


def test_image_equal_to_its_targets_has_no_loss():
    objective = Objective(OPTIONS, replace(PAINT, tv_weight=0.0))
    style = style_regions(objective.options, encoder, [CONTENT])
    targets = targets_of(objective, encoder, CONTENT, style, warped=CONTENT, trust=TRUST)
    loss, _ = objective(encoder, tensor(CONTENT), targets)
    assert float(loss) == pytest.approx(0, abs=1e-12)


def lines(image):
    gray = pooled(image).sum(axis=-1)
    return 4 * gray[1:-1, 1:-1] - gray[2:, 1:-1] - gray[:-2, 1:-1] - gray[1:-1, 2:] - gray[1:-1, :-2]


@pytest.fixture(scope="module")
def all_terms():
    """Objective and targets with every term active."""
    objective = Objective(replace(OPTIONS, laplacian_weight=0.5, laplacian_pool=2), PAINT)
    style = style_regions(objective.options, encoder, STYLES)
    return objective, targets_of(
        objective, encoder, CONTENT, style, warped=WARPED, trust=TRUST, protect=SKY, scale=0.25
    )


def test_each_active_term_has_its_weighted_value(all_terms):
    objective, targets = all_terms
    sums = objective.accumulate(encoder, tensor(IMAGE), targets)
    found = objective.values(tensor(IMAGE), targets, sums)
    content, style, tv, temporal = reference(IMAGE, LAYERS)
    expected = {
        "content": content,
        "style": style,
        "tv": WARM_TV_SCALE * tv,
        "temporal": 0.25 * temporal,
        "laplacian": 0.5 * LAPLACIAN_UNIT * np.mean((lines(IMAGE) - lines(CONTENT)) ** 2),
        "protect": PROTECT_WEIGHT * np.mean(SKY[..., None] * (IMAGE - CONTENT) ** 2),
    }
    assert objective.names(targets) == tuple(expected)
    np.testing.assert_allclose([float(value) for value in found], list(expected.values()), rtol=TOLERANCE)


def test_laplacian_and_protect_count_as_content(all_terms):
    objective, targets = all_terms
    sums = objective.accumulate(encoder, tensor(IMAGE), targets)
    values = [float(value) for value in objective.values(tensor(IMAGE), targets, sums)]
    by_name = dict(zip(objective.names(targets), values, strict=True))
    loss, found = objective.loss(tensor(IMAGE), targets, sums)
    content = by_name["content"] + by_name["laplacian"] + by_name["protect"]
    expected = [content, by_name["style"], by_name["tv"], by_name["temporal"]]
    np.testing.assert_allclose(np.asarray(found), expected, rtol=TOLERANCE)
    assert float(loss) == pytest.approx(sum(values), rel=TOLERANCE)


def test_terms_without_weight_or_mask_are_not_active():
    objective, targets = build(LAYERS, None)
    assert objective.names(targets) == ("content", "style", "tv", "temporal")


def test_first_groups_are_those_with_target_losses():
    terms = [make(OPTIONS, PAINT) for make in TERMS]
    assert list(dict.fromkeys(term.group for term in terms))[:2] == ["content", "style"]


def test_layers_are_those_that_the_terms_read():
    objective = Objective(OPTIONS, PAINT)
    assert objective.layers == ("block2_conv1", "block1_conv1", "block3_conv1")
    assert objective.content_layers == ("block2_conv1", "block1_conv1")
