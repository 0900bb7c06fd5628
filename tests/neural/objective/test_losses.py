import numpy as np
import pytest

from vidstyle.neural.device import backend
from vidstyle.neural.device.backend import keras, value_and_gradient
from vidstyle.neural.objective import losses
from vidstyle.neural.objective.gram import moments, statistic
from vidstyle.options.objective import Distance, Norm, ObjectiveOptions, StyleNorm, TVNorm

# JAX computes in double precision only when told so from the start.
DTYPE, TOLERANCE = ("float64", 1e-7) if backend.NAME == "tensorflow" else ("float32", 2e-4)

draw = np.random.default_rng(3)
X = draw.random((5, 4, 3))
OTHER = draw.random((5, 4, 3))
TRUST = draw.random((5, 4))
GRAMS = draw.random((2, 3, 3))
LINES = draw.random((3, 2))


def tensor(array):
    return keras.ops.convert_to_tensor(np.asarray(array, DTYPE))


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


def style(x):
    per_style = [np.sum((gram(x) - target) ** 2) / 9 / 3**2 for target in GRAMS]
    return sum(per_style) / len(per_style)


def tv(x):
    height, width, channels = x.shape
    vertical = sum(np.sum((x[y + 1] - x[y]) ** 2) for y in range(height - 1))
    horizontal = sum(np.sum((x[:, i + 1] - x[:, i]) ** 2) for i in range(width - 1))
    return vertical / ((height - 1) * width * channels) + horizontal / (height * (width - 1) * channels)


def absolute_tv(x):
    return np.mean(np.abs(np.diff(x, axis=0))) + np.mean(np.abs(np.diff(x, axis=1)))


def apart(a, b):
    return 1 - np.sum(a * b) / (np.linalg.norm(a) * np.linalg.norm(b))


def laplacian(x):
    grey, total = x.sum(axis=-1), 0.0
    for y in range(1, 4):
        for i in range(1, 3):
            around = grey[y + 1, i] + grey[y - 1, i] + grey[y, i + 1] + grey[y, i - 1]
            total += (4 * grey[y, i] - around - LINES[y - 1, i - 1]) ** 2
    return total / 6


def temporal(x):
    return sum(TRUST[y, i] * np.sum((x[y, i] - OTHER[y, i]) ** 2) for y in range(5) for i in range(4)) / 60


def content(x, target, **how):
    return losses.content_loss(losses.compared(x, target), 60, **how)


def variation(x, kind=TVNorm.SQUARED, norm=Norm.MEAN):
    height, width, channels = x.shape
    return losses.total_variation(losses.varied(x, kind, norm), height, width, norm, channels)


LOSSES = {
    "content": (lambda x: content(x, tensor(OTHER)), lambda x: np.sum((x - OTHER) ** 2) / 60),
    "style": (lambda x: losses.style_loss(gram_of(x), tensor(GRAMS)), style),
    "style by shares": (
        lambda x: losses.style_loss(gram_of(x), tensor(GRAMS), tensor([0.3, 0.7])),
        lambda x: sum(s * np.sum((gram(x) - t) ** 2) / 81 for s, t in zip((0.3, 0.7), GRAMS, strict=True)),
    ),
    "style as a mean": (
        lambda x: losses.style_loss(gram_of(x), tensor(GRAMS), norm=StyleNorm.MEAN),
        lambda x: 9 * style(x),
    ),
    "style as a sum": (
        lambda x: losses.style_loss(gram_of(x), tensor(GRAMS), norm=StyleNorm.SUM, scale=5.0),
        lambda x: np.mean([np.sum((5 * gram(x) - 5 * target) ** 2) for target in GRAMS]),
    ),
    "angle of styles": (
        lambda x: losses.style_loss(gram_of(x), tensor(GRAMS), distance=Distance.COSINE),
        lambda x: np.mean([apart(gram(x), target) for target in GRAMS]),
    ),
    "angle of styles by shares": (
        lambda x: losses.style_loss(gram_of(x), tensor(GRAMS), tensor([0.3, 0.7]), distance=Distance.COSINE),
        lambda x: 0.3 * apart(gram(x), GRAMS[0]) + 0.7 * apart(gram(x), GRAMS[1]),
    ),
    "content as a sum": (
        lambda x: content(x, tensor(OTHER), norm=Norm.SUM),
        lambda x: np.sum((x - OTHER) ** 2),
    ),
    "angle of contents": (
        lambda x: content(x, tensor(OTHER), distance=Distance.COSINE),
        lambda x: apart(x, OTHER),
    ),
    "tv": (variation, tv),
    "absolute tv": (lambda x: variation(x, TVNorm.ABSOLUTE), absolute_tv),
    "tv to the power": (
        lambda x: variation(x, TVNorm.POWER, Norm.SUM),
        lambda x: np.sum((np.diff(x, axis=0)[:, :-1] ** 2 + np.diff(x, axis=1)[:-1] ** 2) ** 1.25),
    ),
    "tv as a sum": (
        lambda x: variation(x, norm=Norm.SUM),
        lambda x: np.sum(np.diff(x, axis=0)[:, :-1] ** 2 + np.diff(x, axis=1)[:-1] ** 2),
    ),
    "laplacian": (lambda x: losses.laplacian_loss(x, tensor(LINES), 1), laplacian),
    "temporal": (lambda x: losses.moved(x, tensor(OTHER), tensor(TRUST)) / X.size, temporal),
}


def gram_of(features):
    return statistic(moments(features), ObjectiveOptions())


def test_gram_matrix_is_that_of_the_definition():
    np.testing.assert_allclose(np.asarray(gram_of(tensor(X))), gram(X), rtol=TOLERANCE)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_that_of_the_definition(name):
    ours, reference = LOSSES[name]
    np.testing.assert_allclose(float(ours(tensor(X))), reference(X), rtol=TOLERANCE)


@pytest.mark.parametrize("name", LOSSES)
def test_a_gradient_is_that_of_finite_differences(name):
    ours, reference = LOSSES[name]
    _, _, gradient = value_and_gradient(lambda x: (ours(x), x), tensor(X))
    step = 1e-5
    expected = np.zeros_like(X)
    for place in np.ndindex(X.shape):
        offset = np.zeros_like(X)
        offset[place] = step
        expected[place] = (reference(X + offset) - reference(X - offset)) / (2 * step)
    np.testing.assert_allclose(np.asarray(gradient), expected, atol=TOLERANCE * np.abs(expected).max())


@pytest.mark.parametrize("name", ["content", "temporal"])
def test_the_target_itself_costs_nothing(name):
    assert float(LOSSES[name][0](tensor(OTHER))) == 0


def test_a_laplacian_sees_squares_of_pixels_as_one():
    image = draw.random((9, 13, 3))
    pooled = image[:8, :12].reshape(4, 2, 6, 2, 3).mean(axis=(1, 3))
    expected = np.asarray(losses.laplacian(tensor(pooled), 1))
    np.testing.assert_allclose(np.asarray(losses.laplacian(tensor(image), 2)), expected, atol=10 * TOLERANCE)


def test_what_is_all_zero_has_an_angle_still():
    nothing = tensor(np.zeros((5, 4, 3)))
    assert np.isfinite(float(content(nothing, nothing, distance=Distance.COSINE)))


@pytest.mark.parametrize("kind", TVNorm)
@pytest.mark.parametrize("norm", Norm)
def test_each_pair_of_neighbours_is_of_one_part(kind, norm):
    parts = np.zeros((2, *X.shape[:2]))
    parts[0, :2, 1:] = 1
    parts[1] = 1 - parts[0]
    found = [losses.varied(tensor(X), kind, norm, tensor(part)) for part in parts]
    whole = losses.varied(tensor(X), kind, norm)
    np.testing.assert_allclose(np.sum(found, axis=0), whole, rtol=TOLERANCE)


def test_a_flat_picture_has_no_variation():
    assert float(variation(tensor(np.full((4, 5, 3), 0.3)))) == 0


def test_style_does_not_depend_on_where_things_are_or_how_often_they_repeat():
    shuffled = draw.permutation(X.reshape(-1, 3)).reshape(4, 5, 3)
    tiled = np.tile(X, (3, 2, 1))
    for other in (shuffled, tiled):
        np.testing.assert_allclose(np.asarray(gram_of(tensor(other))), gram(X), rtol=10 * TOLERANCE)


def test_what_is_not_trusted_is_not_held():
    trust = np.zeros((5, 4))
    trust[:, :2] = 1
    _, _, gradient = value_and_gradient(
        lambda x: (losses.moved(x, tensor(OTHER), tensor(trust)), x), tensor(X)
    )
    assert (np.asarray(gradient)[:, :2] != 0).all()
    assert (np.asarray(gradient)[:, 2:] == 0).all()
