import numpy as np
import pytest
from support.losses import TOLERANCE, X, assert_gradient, assert_value, draw, tensor

from vidstyle.neural.objective.gram import moments, statistic
from vidstyle.neural.objective.style import encode_style, style_loss
from vidstyle.options.layers import Layers
from vidstyle.options.objective import Distance, ObjectiveOptions, StyleNorm

GRAMS = draw.random((2, 3, 3))
SHARES = (0.3, 0.7)


def gram(features):
    """Entry by entry, as the definition reads."""
    height, width, channels = features.shape
    result = np.zeros((channels, channels))
    for i in range(channels):
        for j in range(channels):
            result[i, j] = sum(
                features[y, x, i] * features[y, x, j] for y in range(height) for x in range(width)
            )
    return result / (height * width)


def gram_of(features):
    return statistic(moments(features), ObjectiveOptions())


def style(x):
    per_style = [np.sum((gram(x) - target) ** 2) / 9 / 3**2 for target in GRAMS]
    return sum(per_style) / len(per_style)


def angle(a, b):
    return 1 - np.sum(a * b) / (np.linalg.norm(a) * np.linalg.norm(b))


LOSSES = {
    "mean": (lambda x: style_loss(gram_of(x), tensor(GRAMS)), style),
    "by shares": (
        lambda x: style_loss(gram_of(x), tensor(GRAMS), tensor(SHARES)),
        lambda x: sum(s * np.sum((gram(x) - t) ** 2) / 81 for s, t in zip(SHARES, GRAMS, strict=True)),
    ),
    "mean alone": (
        lambda x: style_loss(gram_of(x), tensor(GRAMS), norm=StyleNorm.MEAN),
        lambda x: 9 * style(x),
    ),
    "sum": (
        lambda x: style_loss(gram_of(x), tensor(GRAMS), norm=StyleNorm.SUM, scale=5.0),
        lambda x: np.mean([np.sum((5 * gram(x) - 5 * target) ** 2) for target in GRAMS]),
    ),
    "angle": (
        lambda x: style_loss(gram_of(x), tensor(GRAMS), distance=Distance.COSINE),
        lambda x: np.mean([angle(gram(x), target) for target in GRAMS]),
    ),
    "angle by shares": (
        lambda x: style_loss(gram_of(x), tensor(GRAMS), tensor(SHARES), distance=Distance.COSINE),
        lambda x: 0.3 * angle(gram(x), GRAMS[0]) + 0.7 * angle(gram(x), GRAMS[1]),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_style_loss_is_that_of_the_definition(name):
    assert_value(*LOSSES[name])


@pytest.mark.parametrize("name", LOSSES)
def test_style_loss_has_the_gradient_of_finite_differences(name):
    assert_gradient(*LOSSES[name])


def test_gram_matrix_is_that_of_the_definition():
    np.testing.assert_allclose(np.asarray(gram_of(tensor(X))), gram(X), rtol=TOLERANCE)


def test_style_depends_neither_on_positions_nor_on_repetition():
    shuffled = draw.permutation(X.reshape(-1, 3)).reshape(4, 5, 3)
    repeated = np.tile(X, (3, 2, 1))
    for other in (shuffled, repeated):
        np.testing.assert_allclose(np.asarray(gram_of(tensor(other))), gram(X), rtol=10 * TOLERANCE)


def test_style_image_is_encoded_to_one_matrix_per_layer():
    options = ObjectiveOptions(style_layers=Layers.parse("conv2_1,conv1_1"))

    def encoder(image):
        return {"block1_conv1": image, "block2_conv1": image[::2, ::2]}

    found = encode_style(options, encoder, tensor(X), None)
    for matrix, features in zip(found, (X[::2, ::2], X), strict=True):
        np.testing.assert_allclose(np.asarray(matrix), gram(features), rtol=TOLERANCE)
