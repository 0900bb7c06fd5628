"""Moments of a feature map, and the Gram matrix or covariance made of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from vidstyle.neural.device.backend import LAYOUT, Tensor, keras
from vidstyle.neural.objective.distances import to_float32
from vidstyle.options.objective import ObjectiveOptions, StyleStatistic


class Moments(NamedTuple):
    """Sums over the places of a feature map F [H, W, C], each weighted by a mask m [H, W].

    A style loss is a function of them alone, and those of an image are the sums of those of its tiles.
    """

    second_moment: Tensor
    """Sum of m F^T F, [C, C]."""
    first_moment: Tensor
    """Sum of m F, [C]."""
    total: Tensor
    """Sum of m."""


def zero_moments(channels: int) -> Moments:
    """Make moments over no place."""
    shapes = ((channels, channels), (channels,), ())
    return Moments(*(keras.ops.zeros(shape, "float32") for shape in shapes))


def moments(features: Tensor, mask: Tensor | None = None) -> Moments:
    """Compute the moments of a feature map F [H, W, C] under a mask [H, W] in [0, 1].

    By default every place counts as 1. They are in float32 whatever the features are in.
    """
    height, width, channels = keras.ops.shape(features)
    flat = keras.ops.reshape(features, (height * width, channels))  # [HW, C]
    if mask is None:
        return Moments(*_sums(flat, None), keras.ops.cast(height * width, to_float32(flat[:0]).dtype))
    weights = keras.ops.reshape(mask, (height * width, 1))
    return Moments(*_sums(flat, weights), keras.ops.sum(weights))


def _sums(flat: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    """Sum up m F^T F [C, C] and m F [C] over a flat feature map F [HW, C] and its weights m [HW, 1]."""
    ops = keras.ops

    def weighted(values: Tensor, weights: Tensor | None) -> Tensor:
        return values if weights is None else ops.cast(weights, values.dtype) * values

    @ops.custom_gradient  # type: ignore[untyped-decorator]
    def sums(flat: Tensor) -> tuple[tuple[Tensor, Tensor], Callable[..., Tensor]]:
        def gradient(*upstream: Any) -> Tensor:
            # JAX passes a pair, TensorFlow two arguments.
            by_second, by_first = keras.tree.flatten(upstream)
            # F is a factor twice, so that one product gives the gradient by both. It goes back through layers
            # that compute as coarsely as they gave F, so it is computed in that precision too.
            both = ops.cast(by_second + ops.transpose(by_second), flat.dtype)
            return weighted(ops.matmul(flat, both) + ops.cast(by_first, flat.dtype), weights)

        # Half of the weight on either side, so that there is one large map in float32 and not two.
        root = None if weights is None else ops.sqrt(weights)
        halves = weighted(to_float32(flat), root)
        second = ops.matmul(ops.transpose(halves), halves)
        first = ops.sum(halves, axis=0) if root is None else ops.matmul(ops.transpose(halves), root)[:, 0]
        return (second, first), gradient

    return sums(flat)  # type: ignore[no-any-return]


def statistic(found: Moments, options: ObjectiveOptions) -> Tensor:
    """Compute the matrix [C, C] that is a layer's style from its moments.

    The Gram matrix is F^T F / (H W); under a mask m it is F^T diag(m) F / sum m, that of a part of the image
    (Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017, section 4). Features
    may be shifted before (Novak and Nikulin, "Improving the Neural Algorithm of Artistic Style",
    arXiv:1605.04603, section 3.2). The covariance is the Gram matrix of features less their mean.
    """
    total = keras.ops.maximum(found.total, 1e-3)  # A mask may be all but empty.
    gram = found.second_moment / total
    if options.gram is StyleStatistic.COVARIANCE:  # No shift changes it.
        mean = found.first_moment / total
        return gram - mean[:, None] * mean[None]
    if options.gram_shift:
        shifted = options.gram_shift * found.first_moment / total
        return gram + shifted[:, None] + shifted[None] + options.gram_shift**2
    return gram


def downsample_mask(mask: Tensor) -> Tensor:
    """Average a feature map's mask [H, W] to that of the map after the next pooling, [H // 2, W // 2]."""
    pooled = keras.ops.average_pool(mask[None, ..., None], 2, strides=2, padding="valid", data_format=LAYOUT)
    return pooled[0, ..., 0]
