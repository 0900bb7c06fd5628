import numpy as np
import pytest
from support.losses import TOLERANCE, tensor

from vidstyle.neural.device import backend
from vidstyle.neural.device.backend import keras
from vidstyle.neural.objective.gram import downsample_mask, moments, statistic
from vidstyle.options.objective import ObjectiveOptions, StyleStatistic

draw = np.random.default_rng(3)
X, MASK = draw.random((5, 4, 3)), draw.random((5, 4))
FLAT = X.reshape(-1, 3)


def test_moments_of_an_image_are_the_sums_of_those_of_its_parts():
    for mask in (None, MASK):
        parts = [(slice(None), slice(None, 1)), (slice(None), slice(1, None)), (slice(None), slice(None))]
        left, right, whole = (
            moments(tensor(X[part]), None if mask is None else tensor(mask[part])) for part in parts
        )
        for total, *pieces in zip(whole, left, right, strict=True):
            np.testing.assert_allclose(total, sum(np.asarray(piece) for piece in pieces), rtol=TOLERANCE)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (ObjectiveOptions(), FLAT.T @ FLAT / 20),
        (ObjectiveOptions(gram_shift=-1), (FLAT - 1).T @ (FLAT - 1) / 20),
        (ObjectiveOptions(gram=StyleStatistic.COVARIANCE), np.cov(FLAT.T, bias=True)),
        (ObjectiveOptions(gram=StyleStatistic.COVARIANCE, gram_shift=3), np.cov(FLAT.T, bias=True)),
    ],
)
def test_style_matrix_is_that_of_its_definition(options, expected):
    np.testing.assert_allclose(statistic(moments(tensor(X)), options), expected, rtol=100 * TOLERANCE)


def test_pixels_count_by_the_mask():
    weights = MASK.ravel() / MASK.sum()
    found = moments(tensor(X), tensor(MASK))
    np.testing.assert_allclose(
        statistic(found, ObjectiveOptions()), np.einsum("ni,nj,n->ij", FLAT, FLAT, weights), rtol=TOLERANCE
    )
    covariance = statistic(found, ObjectiveOptions(gram=StyleStatistic.COVARIANCE))
    np.testing.assert_allclose(covariance, np.cov(FLAT.T, aweights=weights, bias=True), rtol=100 * TOLERANCE)


@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("symmetric", [True, False])
def test_gradient_of_the_second_moment_is_that_of_its_definition(mask, symmetric):
    by = draw.random((3, 3))  # Gradient of a loss by each entry.
    by = by + by.T if symmetric else by

    def loss(features):
        found = moments(features, None if mask is None else tensor(mask))
        return keras.ops.sum(tensor(by) * found.second_moment), found.total

    weights = np.ones(20) if mask is None else mask.ravel()
    expected = weights[:, None] * (FLAT @ (by + by.T))
    *_, gradient = backend.value_and_gradient(loss, tensor(X))
    np.testing.assert_allclose(np.reshape(gradient, (20, 3)), expected, rtol=100 * TOLERANCE)


@pytest.mark.parametrize("mask", [None, MASK])
def test_moments_of_coarse_features_are_summed_in_float32(mask):
    coarse = keras.ops.cast(keras.ops.convert_to_tensor(draw.random((64, 64, 3)), "float32"), "bfloat16")
    weights = None if mask is None else keras.ops.ones((64, 64), "float32") / 3
    exact = np.asarray(keras.ops.cast(coarse, "float32"), np.float64).reshape(-1, 3)
    found = moments(coarse, weights)
    share = 1 if mask is None else 1 / 3
    assert {keras.backend.standardize_dtype(value.dtype) for value in found} == {"float32"}
    np.testing.assert_allclose(found.second_moment, share * exact.T @ exact, rtol=1e-5)
    np.testing.assert_allclose(found.first_moment, share * exact.sum(axis=0), rtol=1e-5)

    def loss(features):
        found = moments(features, weights)
        return keras.ops.sum(found.second_moment), found.total

    *_, gradient = backend.value_and_gradient(loss, coarse)
    assert keras.backend.standardize_dtype(gradient.dtype) == "bfloat16"
    gradient = np.asarray(keras.ops.cast(gradient, "float32")).reshape(-1, 3)
    np.testing.assert_allclose(gradient, share * 2 * exact.sum(axis=1, keepdims=True) * np.ones(3), rtol=0.02)


def test_mask_is_downsampled_by_its_mean():
    np.testing.assert_allclose(
        downsample_mask(tensor(MASK)), MASK[:4].reshape(2, 2, 2, 2).mean(axis=(1, 3)), rtol=TOLERANCE
    )
