import numpy as np
import pytest
from support.losses import TOLERANCE, assert_gradient, assert_value, draw, tensor

from vidstyle.neural.objective.laplacian import laplacian, laplacian_loss

LINES = draw.random((3, 2))


def loss(x):
    return laplacian_loss(x, tensor(LINES), 1)


def reference(x):
    gray, total = x.sum(axis=-1), 0.0
    for y in range(1, 4):
        for i in range(1, 3):
            around = gray[y + 1, i] + gray[y - 1, i] + gray[y, i + 1] + gray[y, i - 1]
            total += (4 * gray[y, i] - around - LINES[y - 1, i - 1]) ** 2
    return total / 6


@pytest.mark.parametrize("check", [assert_value, assert_gradient])
def test_laplacian_loss_is_that_of_the_definition(check):
    check(loss, reference)


def test_laplacian_takes_squares_of_pixels_as_one():
    image = draw.random((9, 13, 3))
    pooled = image[:8, :12].reshape(4, 2, 6, 2, 3).mean(axis=(1, 3))
    expected = np.asarray(laplacian(tensor(pooled), 1))
    np.testing.assert_allclose(np.asarray(laplacian(tensor(image), 2)), expected, atol=10 * TOLERANCE)
