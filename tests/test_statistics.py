import numpy as np
import pytest

from vidstyle.neural import backend
from vidstyle.neural.backend import keras
from vidstyle.neural.statistics import halved, moments, statistic
from vidstyle.recipe import Recipe, Statistic

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
        (Recipe(), FLAT.T @ FLAT / 20),
        (Recipe(gram_shift=-1), (FLAT - 1).T @ (FLAT - 1) / 20),
        (Recipe(gram=Statistic.COVARIANCE), np.cov(FLAT.T, bias=True)),
        (Recipe(gram=Statistic.COVARIANCE, gram_shift=3), np.cov(FLAT.T, bias=True)),
    ],
)
def test_a_statistic_is_that_of_its_definition(recipe, expected):
    np.testing.assert_allclose(statistic(moments(tensor(X)), recipe), expected, rtol=100 * TOLERANCE)


def test_under_a_mask_each_pixel_counts_by_it():
    weights = MASK.ravel() / MASK.sum()
    found = moments(tensor(X), tensor(MASK))
    np.testing.assert_allclose(
        statistic(found, Recipe()), np.einsum("ni,nj,n->ij", FLAT, FLAT, weights), rtol=TOLERANCE
    )
    covariance = statistic(found, Recipe(gram=Statistic.COVARIANCE))
    np.testing.assert_allclose(covariance, np.cov(FLAT.T, aweights=weights, bias=True), rtol=100 * TOLERANCE)


def test_a_mask_is_halved_by_its_mean():
    np.testing.assert_allclose(
        halved(tensor(MASK)), MASK[:4].reshape(2, 2, 2, 2).mean(axis=(1, 3)), rtol=TOLERANCE
    )
