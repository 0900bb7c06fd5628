import numpy as np
import pytest

from vidstyle.neural.device import backend
from vidstyle.neural.device.backend import keras
from vidstyle.neural.objective.gram import halved, moments, statistic
from vidstyle.options.objective import ObjectiveOptions, StyleStatistic

# JAX computes in double precision only when told so from the start.
DTYPE, TOLERANCE = ("float64", 1e-7) if backend.NAME == "tensorflow" else ("float32", 2e-4)

draw = np.random.default_rng(3)
X, MASK = draw.random((5, 4, 3)), draw.random((5, 4))
FLAT = X.reshape(-1, 3)


def tensor(array):
    return keras.ops.convert_to_tensor(np.asarray(array, DTYPE))


def test_moments_of_a_picture_are_the_sums_of_those_of_its_parts():
    for mask in (None, MASK):
        parts = [(slice(None), slice(None, 1)), (slice(None), slice(1, None)), (slice(None), slice(None))]
        left, right, whole = (
            moments(tensor(X[part]), None if mask is None else tensor(mask[part])) for part in parts
        )
        for total, *pieces in zip(whole, left, right, strict=True):
            np.testing.assert_allclose(total, sum(np.asarray(piece) for piece in pieces), rtol=TOLERANCE)


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (ObjectiveOptions(), FLAT.T @ FLAT / 20),
        (ObjectiveOptions(gram_shift=-1), (FLAT - 1).T @ (FLAT - 1) / 20),
        (ObjectiveOptions(gram=StyleStatistic.COVARIANCE), np.cov(FLAT.T, bias=True)),
        (ObjectiveOptions(gram=StyleStatistic.COVARIANCE, gram_shift=3), np.cov(FLAT.T, bias=True)),
    ],
)
def test_a_statistic_is_that_of_its_definition(recipe, expected):
    np.testing.assert_allclose(statistic(moments(tensor(X)), recipe), expected, rtol=100 * TOLERANCE)


def test_under_a_mask_each_pixel_counts_by_it():
    weights = MASK.ravel() / MASK.sum()
    found = moments(tensor(X), tensor(MASK))
    np.testing.assert_allclose(
        statistic(found, ObjectiveOptions()), np.einsum("ni,nj,n->ij", FLAT, FLAT, weights), rtol=TOLERANCE
    )
    covariance = statistic(found, ObjectiveOptions(gram=StyleStatistic.COVARIANCE))
    np.testing.assert_allclose(covariance, np.cov(FLAT.T, aweights=weights, bias=True), rtol=100 * TOLERANCE)


@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("symmetric", [True, False])
def test_the_slope_of_the_products_is_that_of_their_definition(mask, symmetric):
    by = draw.random((3, 3))  # Slope of a loss by each product.
    by = by + by.T if symmetric else by

    def loss(features):
        found = moments(features, None if mask is None else tensor(mask))
        return keras.ops.sum(tensor(by) * found.products), found.total

    weights = np.ones(20) if mask is None else mask.ravel()
    expected = weights[:, None] * (FLAT @ (by + by.T))
    *_, slope = backend.value_and_gradient(loss, tensor(X))
    np.testing.assert_allclose(np.reshape(slope, (20, 3)), expected, rtol=100 * TOLERANCE)


@pytest.mark.parametrize("mask", [None, MASK])
def test_moments_of_coarse_features_are_summed_in_float32(mask):
    coarse = keras.ops.cast(keras.ops.convert_to_tensor(draw.random((64, 64, 3)), "float32"), "bfloat16")
    weights = None if mask is None else keras.ops.ones((64, 64), "float32") / 3
    exact = np.asarray(keras.ops.cast(coarse, "float32"), np.float64).reshape(-1, 3)
    found = moments(coarse, weights)
    share = 1 if mask is None else 1 / 3
    assert {keras.backend.standardize_dtype(value.dtype) for value in found} == {"float32"}
    np.testing.assert_allclose(found.products, share * exact.T @ exact, rtol=1e-5)
    np.testing.assert_allclose(found.sums, share * exact.sum(axis=0), rtol=1e-5)

    def loss(features):
        found = moments(features, weights)
        return keras.ops.sum(found.products), found.total

    *_, slope = backend.value_and_gradient(loss, coarse)
    assert keras.backend.standardize_dtype(slope.dtype) == "bfloat16"
    slope = np.asarray(keras.ops.cast(slope, "float32")).reshape(-1, 3)
    np.testing.assert_allclose(slope, share * 2 * exact.sum(axis=1, keepdims=True) * np.ones(3), rtol=0.02)


def test_a_mask_is_halved_by_its_mean():
    np.testing.assert_allclose(
        halved(tensor(MASK)), MASK[:4].reshape(2, 2, 2, 2).mean(axis=(1, 3)), rtol=TOLERANCE
    )
