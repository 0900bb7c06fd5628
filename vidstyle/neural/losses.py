"""The four terms of the objective, as pure functions of tensors.

Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016, equations 1 to 7, and
Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016, equation 7. They differ from the papers in
one respect: all are means where the papers have sums, so that a weight keeps its meaning at any size and layer.
"""

from typing import NamedTuple

from vidstyle.neural.backend import Tensor, keras


class Moments(NamedTuple):
    """Sums over the pixels of a feature map F [H, W, C], each pixel weighted by a mask m [H, W].

    Those of a picture are the sums of those of its parts. A style loss is a function of them alone.
    """

    products: Tensor
    """Sum of m F^T F, [C, C]."""
    total: Tensor
    """Sum of m."""


def moments(features: Tensor, mask: Tensor | None = None) -> Moments:
    """Moments of a feature map F [H, W, C] under a mask [H, W] in [0, 1]; without one every pixel counts as 1."""
    height, width, channels = keras.ops.shape(features)
    flat = keras.ops.reshape(features, (height * width, channels))  # [HW, C]
    if mask is None:
        total = keras.ops.cast(height * width, features.dtype)
        return Moments(keras.ops.matmul(keras.ops.transpose(flat), flat), total)
    weights = keras.ops.reshape(mask, (height * width, 1))
    total = keras.ops.maximum(keras.ops.sum(weights), 1e-3)
    return Moments(keras.ops.matmul(keras.ops.transpose(flat), weights * flat), total)


def gram_matrix(features: Tensor, mask: Tensor | None = None) -> Tensor:
    """Gram matrix F^T F / (H W), [C, C], of a feature map F [H, W, C].

    With a mask m [H, W] in [0, 1] it is F^T diag(m) F / sum m: that of a part of the picture (Gatys et al.,
    "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017, section 4).
    """
    found = moments(features, mask)
    return found.products / found.total


def halved(mask: Tensor) -> Tensor:
    """Mask [H, W] of a feature map after the network's next pooling, [H // 2, W // 2]."""
    return keras.ops.average_pool(mask[None, ..., None], 2, strides=2, padding="valid")[0, ..., 0]


def style_loss(gram: Tensor, targets: Tensor, shares: Tensor | None = None) -> Tensor:
    """Mean over styles of mean((G - G*)^2) / C^2, for G [C, C] and targets G* [styles, C, C].

    With shares [styles], whose sum is 1, each style counts by its own.
    """
    channels = keras.ops.shape(gram)[-1]
    squares = keras.ops.square(gram - targets)
    if shares is None:
        return keras.ops.mean(squares) / channels**2
    return keras.ops.sum(shares * keras.ops.mean(squares, axis=(1, 2))) / channels**2


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference of two feature maps [H, W, C]."""
    return keras.ops.mean(keras.ops.square(features - target))


def total_variation(image: Tensor) -> Tensor:
    """Mean squared difference of vertical neighbours plus that of horizontal ones, of an image [H, W, C]."""
    vertical = image[1:] - image[:-1]
    horizontal = image[:, 1:] - image[:, :-1]
    return keras.ops.mean(keras.ops.square(vertical)) + keras.ops.mean(keras.ops.square(horizontal))


def temporal_loss(image: Tensor, warped: Tensor, trust: Tensor) -> Tensor:
    """Mean of m (x - w)^2 for an image x and its predecessor w carried here, [H, W, 3], and the trust m [H, W] in [0, 1]."""
    return keras.ops.mean(trust[..., None] * keras.ops.square(image - warped))
