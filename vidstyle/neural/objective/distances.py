"""Distances that several terms share."""

from vidstyle.neural.device.backend import Tensor, keras

EPSILON = 1e-12
"""Keeps the angle of a tensor that is all zero defined."""


def to_float32(features: Tensor) -> Tensor:
    """Widen features to float32 at least, in which sums over many of them are exact enough."""
    return keras.ops.cast(features, keras.backend.result_type(features.dtype, "float32"))


def cosine_distance(product: Tensor, squared_lengths: Tensor) -> Tensor:
    """1 - <a, b> / (|a| |b|), from <a, b> and |a|^2 |b|^2."""
    return 1 - product / keras.ops.sqrt(squared_lengths + EPSILON)


def weighted_squared_error(image: Tensor, target: Tensor, weights: Tensor, mask: Tensor | None) -> Tensor:
    """Sum of m (x - w)^2 over images x and w [H, W, C], weights m [H, W], and a tile's mask [H, W]."""
    weights = weights if mask is None else mask * weights
    return keras.ops.sum(weights[..., None] * keras.ops.square(image - target))
