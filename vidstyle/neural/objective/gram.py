"""What of a feature map is style: sums over its pixels, and the matrices made of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.options.objective import ObjectiveOptions, StyleStatistic


class Moments(NamedTuple):
    """Sums over the pixels of a feature map F [H, W, C], each pixel weighted by a mask m [H, W].

    Those of a picture are the sums of those of its parts. A style loss is a function of them alone.
    """

    products: Tensor
    """Sum of m F^T F, [C, C]."""
    sums: Tensor
    """Sum of m F, [C]."""
    total: Tensor
    """Sum of m."""


def moments(features: Tensor, mask: Tensor | None = None) -> Moments:
    """Moments of a feature map F [H, W, C] under a mask [H, W] in [0, 1]; without one every pixel counts as 1.

    They are in float32 whatever the features are in.
    """
    height, width, channels = keras.ops.shape(features)
    flat = keras.ops.reshape(features, (height * width, channels))  # [HW, C]
    if mask is None:
        return Moments(*_sums(flat, None), keras.ops.cast(height * width, widened(flat[:0]).dtype))
    weights = keras.ops.reshape(mask, (height * width, 1))
    return Moments(*_sums(flat, weights), keras.ops.sum(weights))


def widened(features: Tensor) -> Tensor:
    """Features in float32 at least, in which sums over many of them are exact enough."""
    return keras.ops.cast(features, keras.backend.result_type(features.dtype, "float32"))


def _sums(flat: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    """Sum up m F^T F [C, C] and m F [C] over a flat feature map F [HW, C] and its weights m [HW, 1]."""
    ops = keras.ops

    def weighted(values: Tensor, weights: Tensor | None) -> Tensor:
        return values if weights is None else ops.cast(weights, values.dtype) * values

    @ops.custom_gradient  # type: ignore[untyped-decorator]
    def sums(flat: Tensor) -> tuple[tuple[Tensor, Tensor], Callable[..., Tensor]]:
        def slope(*upstream: Any) -> Tensor:
            # JAX hands over a pair, TensorFlow each of it.
            by_products, by_sums = keras.tree.flatten(upstream)
            # F is in the products twice, and one product gives the slope by both. It goes back through layers that
            # compute as coarsely as they handed F out, so it is computed alike.
            both = ops.cast(by_products + ops.transpose(by_products), flat.dtype)
            return weighted(ops.matmul(flat, both) + ops.cast(by_sums, flat.dtype), weights)

        # Half of the weight on either side, so that there is one large map in float32 and not two.
        root = None if weights is None else ops.sqrt(weights)
        halves = weighted(widened(flat), root)
        products = ops.matmul(ops.transpose(halves), halves)
        total = ops.sum(halves, axis=0) if root is None else ops.matmul(ops.transpose(halves), root)[:, 0]
        return (products, total), slope

    return sums(flat)  # type: ignore[no-any-return]


def statistic(found: Moments, recipe: ObjectiveOptions) -> Tensor:
    """Matrix [C, C] of moments that is a layer's style by a recipe.

    The Gram matrix is F^T F / (H W); under a mask m it is F^T diag(m) F / sum m, that of a part of the picture (Gatys et
    al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017, section 4). It may be that of features with
    something added to each (Novak and Nikulin, "Improving the Neural Algorithm of Artistic Style", arXiv:1605.04603,
    section 3.2). The covariance is the Gram matrix of features less their mean.
    """
    total = keras.ops.maximum(found.total, 1e-3)  # A mask may be all but empty.
    gram = found.products / total
    if recipe.gram is StyleStatistic.COVARIANCE:  # Which no shift changes.
        mean = found.sums / total
        return gram - mean[:, None] * mean[None]
    if recipe.gram_shift:
        shifted = recipe.gram_shift * found.sums / total
        return gram + shifted[:, None] + shifted[None] + recipe.gram_shift**2
    return gram


def halved(mask: Tensor) -> Tensor:
    """Mask [H, W] of a feature map after the network's next pooling, [H // 2, W // 2]."""
    return keras.ops.average_pool(mask[None, ..., None], 2, strides=2, padding="valid")[0, ..., 0]
