"""Pooling and padding of the encoder's feature maps."""

from collections.abc import Callable

from vidstyle.neural.device.backend import LAYOUT, Tensor, keras
from vidstyle.options.objective import Pooling

Pool = Callable[[Tensor], Tensor]
"""Reduces feature maps [N, H, W, C] to half the size, [N, H // 2, W // 2, C]."""


def find_pool(pooling: Pooling, *, xla: bool) -> Pool:
    """Choose the pooling of an encoder; XLA has no deterministic gradient of max-pooling."""
    if pooling is Pooling.AVG:
        return average_pool
    return max_pool_elementwise if xla else max_pool


def max_pool(maps: Tensor) -> Tensor:
    """Maximum over squares of two (Simonyan and Zisserman 2014)."""
    return keras.ops.max_pool(maps, 2, strides=2, data_format=LAYOUT)


def max_pool_elementwise(maps: Tensor) -> Tensor:
    """Compute `max_pool` by elementwise maxima."""
    rows = keras.ops.maximum(maps[:, :-1:2], maps[:, 1::2])
    return keras.ops.maximum(rows[:, :, :-1:2], rows[:, :, 1::2])


def average_pool(maps: Tensor) -> Tensor:
    """Mean over squares of two (Gatys et al. 2016, section 2)."""
    return keras.ops.average_pool(maps, 2, strides=2, data_format=LAYOUT)


def pad_edges(maps: Tensor) -> Tensor:
    """Repeat the border of feature maps [N, H, W, C] once beyond each side: [N, H + 2, W + 2, C]."""
    return keras.ops.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="symmetric")
