import numpy as np
import pytest
from support.losses import TOLERANCE, X, assert_gradient, assert_value, tensor

from vidstyle.neural.objective.total_variation import total_variation, total_variation_sums
from vidstyle.options.objective import Norm, TVNorm


def variation(x, kind=TVNorm.SQUARED, norm=Norm.MEAN):
    height, width, channels = x.shape
    return total_variation(total_variation_sums(x, kind, norm), height, width, norm, channels)


def squared(x):
    height, width, channels = x.shape
    vertical = sum(np.sum((x[y + 1] - x[y]) ** 2) for y in range(height - 1))
    horizontal = sum(np.sum((x[:, i + 1] - x[:, i]) ** 2) for i in range(width - 1))
    return vertical / ((height - 1) * width * channels) + horizontal / (height * (width - 1) * channels)


LOSSES = {
    "squared": (variation, squared),
    "absolute": (
        lambda x: variation(x, TVNorm.ABSOLUTE),
        lambda x: np.mean(np.abs(np.diff(x, axis=0))) + np.mean(np.abs(np.diff(x, axis=1))),
    ),
    "power": (
        lambda x: variation(x, TVNorm.POWER, Norm.SUM),
        lambda x: np.sum((np.diff(x, axis=0)[:, :-1] ** 2 + np.diff(x, axis=1)[:-1] ** 2) ** 1.25),
    ),
    "sum": (
        lambda x: variation(x, norm=Norm.SUM),
        lambda x: np.sum(np.diff(x, axis=0)[:, :-1] ** 2 + np.diff(x, axis=1)[:-1] ** 2),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_total_variation_is_that_of_the_definition(name):
    assert_value(*LOSSES[name])


@pytest.mark.parametrize("name", LOSSES)
def test_total_variation_has_the_gradient_of_finite_differences(name):
    assert_gradient(*LOSSES[name])


@pytest.mark.parametrize("kind", TVNorm)
@pytest.mark.parametrize("norm", Norm)
def test_each_pair_of_neighbours_belongs_to_one_part(kind, norm):
    parts = np.zeros((2, *X.shape[:2]))
    parts[0, :2, 1:] = 1
    parts[1] = 1 - parts[0]
    found = [total_variation_sums(tensor(X), kind, norm, tensor(part)) for part in parts]
    whole = total_variation_sums(tensor(X), kind, norm)
    np.testing.assert_allclose(np.sum(found, axis=0), whole, rtol=TOLERANCE)


def test_flat_image_has_no_total_variation():
    assert float(variation(tensor(np.full((4, 5, 3), 0.3)))) == 0
