import numpy as np
import pytest

from vidstyle.neural.device.backend import keras
from vidstyle.neural.vgg.pooling import average_pool, find_pool, max_pool, max_pool_elementwise, pad_edges
from vidstyle.options.objective import Pooling


def maps(height, width):
    values = np.random.default_rng(height * width).standard_normal((2, height, width, 3))
    return values.astype(np.float32)


def computed(operation, values):
    return np.asarray(operation(keras.ops.convert_to_tensor(values)))


def squares(values):
    """Squares of two pixels: [N, H // 2, W // 2, C, 4]."""
    height, width = (side // 2 * 2 for side in values.shape[1:3])
    values = values[:, :height, :width]
    return np.stack([values[:, y::2, x::2] for y in (0, 1) for x in (0, 1)], axis=-1)


SIZES = pytest.mark.parametrize("size", [(6, 8), (7, 8), (6, 5), (7, 9), (2, 3)])


@SIZES
@pytest.mark.parametrize("pool", [max_pool, max_pool_elementwise])
def test_maximum_is_that_of_squares_of_two(size, pool):
    values = maps(*size)
    np.testing.assert_array_equal(computed(pool, values), squares(values).max(axis=-1))


@SIZES
def test_average_is_that_of_squares_of_two(size):
    values = maps(*size)
    np.testing.assert_allclose(computed(average_pool, values), squares(values).mean(axis=-1), atol=1e-6)


@pytest.mark.parametrize("pool", [max_pool, average_pool])
def test_layout_is_not_that_of_another_program(pool):
    values = maps(6, 8)
    before = computed(pool, values)
    keras.config.set_image_data_format("channels_first")
    try:
        after = computed(pool, values)
    finally:
        keras.config.set_image_data_format("channels_last")
    np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("size", [(4, 5), (1, 1), (1, 3)])
def test_padding_repeats_the_border_once(size):
    values = maps(*size)
    padded = computed(pad_edges, values)
    assert padded.shape == (2, size[0] + 2, size[1] + 2, 3)
    np.testing.assert_array_equal(padded, np.pad(values, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge"))


def test_elementwise_maximum_replaces_the_pooling_under_xla_alone():
    assert find_pool(Pooling.MAX, xla=True) is max_pool_elementwise
    assert find_pool(Pooling.MAX, xla=False) is max_pool
    assert find_pool(Pooling.AVG, xla=True) is average_pool
    assert find_pool(Pooling.AVG, xla=False) is average_pool
