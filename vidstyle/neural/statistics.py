"""What of a feature map is style: sums over its pixels, and the matrices made of them."""

from typing import NamedTuple

from vidstyle.neural.backend import Tensor, keras
from vidstyle.recipe import Recipe, Statistic


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
    """Moments of a feature map F [H, W, C] under a mask [H, W] in [0, 1]; without one every pixel counts as 1."""
    height, width, channels = keras.ops.shape(features)
    flat = keras.ops.reshape(features, (height * width, channels))  # [HW, C]
    if mask is None:
        total = keras.ops.cast(height * width, features.dtype)
        return Moments(keras.ops.matmul(keras.ops.transpose(flat), flat), keras.ops.sum(flat, axis=0), total)
    weights = keras.ops.reshape(mask, (height * width, 1))
    weighted = weights * flat
    products = keras.ops.matmul(keras.ops.transpose(flat), weighted)
    return Moments(products, keras.ops.sum(weighted, axis=0), keras.ops.sum(weights))


def statistic(found: Moments, recipe: Recipe) -> Tensor:
    """Matrix [C, C] of moments that is a layer's style by a recipe.

    The Gram matrix is F^T F / (H W); under a mask m it is F^T diag(m) F / sum m, that of a part of the picture (Gatys et
    al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017, section 4). It may be that of features with
    something added to each (Novak and Nikulin, "Improving the Neural Algorithm of Artistic Style", arXiv:1605.04603,
    section 3.2). The covariance is the Gram matrix of features less their mean.
    """
    total = keras.ops.maximum(found.total, 1e-3)  # A mask may be all but empty.
    gram = found.products / total
    if recipe.gram is Statistic.COVARIANCE:  # Which no shift changes.
        mean = found.sums / total
        return gram - mean[:, None] * mean[None]
    if recipe.gram_shift:
        shifted = recipe.gram_shift * found.sums / total
        return gram + shifted[:, None] + shifted[None] + recipe.gram_shift**2
    return gram


def halved(mask: Tensor) -> Tensor:
    """Mask [H, W] of a feature map after the network's next pooling, [H // 2, W // 2]."""
    return keras.ops.average_pool(mask[None, ..., None], 2, strides=2, padding="valid")[0, ..., 0]
