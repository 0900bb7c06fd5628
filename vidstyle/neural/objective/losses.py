"""The terms of the objective, as pure functions of tensors.

Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016, equations 1 to 7, and
Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016, equation 7. They differ from the papers in
one respect: all are means where the papers have sums, so that a weight keeps its meaning at any size and layer. A recipe
may ask for sums.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.objective.gram import widened
from vidstyle.options.objective import Distance, Norm, StyleNorm, TVNorm

EPSILON = 1e-12
"""Keeps the angle of a tensor that is all zero defined."""


def style_loss(
    statistic: Tensor,
    targets: Tensor,
    shares: Tensor | None = None,
    *,
    distance: Distance = Distance.SQUARED,
    norm: StyleNorm = StyleNorm.CHANNELS,
    scale: Tensor | float = 1.0,
) -> Tensor:
    """Mean over styles of the distance of a matrix G [C, C] from targets G* [styles, C, C].

    Parameters
    ----------
    statistic, targets
        From `neural.statistics.statistic`.
    shares
        Share of each style, [styles], their sum is 1; equal by default.
    distance
        Cosine is 1 - <G, G*> / (|G| |G*|), whatever the norm.
    norm
        Of squared differences: their mean over C^2, that mean, or their sum times `scale` squared.
    scale
        What an entry of G is multiplied by to be that of the sum's definition.

    """
    if distance is Distance.COSINE:
        across = keras.ops.sum(statistic * targets, axis=(1, 2))
        lengths = keras.ops.sum(statistic**2) * keras.ops.sum(targets**2, axis=(1, 2))
        return _mixed(1 - across / keras.ops.sqrt(lengths + EPSILON), shares)
    squares = keras.ops.square(statistic - targets)
    channels = keras.ops.shape(statistic)[-1]
    if shares is not None:
        squares = keras.ops.sum(shares * keras.ops.mean(squares, axis=(1, 2)))
    mean = keras.ops.mean(squares)
    if norm is StyleNorm.CHANNELS:
        return mean / channels**2
    return mean if norm is StyleNorm.MEAN else mean * channels**2 * scale**2


def _mixed(losses: Tensor, shares: Tensor | None) -> Tensor:
    return keras.ops.mean(losses) if shares is None else keras.ops.sum(shares * losses)


class Comparison(NamedTuple):
    """Sums over two feature maps F and F* [H, W, C], of places that a mask weighs; a content loss is a function of them."""

    squares: Tensor
    """Sum of (F - F*)^2."""
    products: Tensor
    """Sum of F F*."""
    lengths: tuple[Tensor, Tensor]
    """Sums of F^2 and F*^2."""


def compared(features: Tensor, target: Tensor, mask: Tensor | None = None) -> Comparison:
    """Compare two feature maps [H, W, C], under a mask [H, W] of their places."""
    features, target = widened(features), widened(target)

    def summed(values: Tensor) -> Tensor:
        return keras.ops.sum(values if mask is None else mask[..., None] * values)

    return Comparison(
        summed(keras.ops.square(features - target)),
        summed(features * target),
        (summed(features**2), summed(target**2)),
    )


def content_loss(
    found: Comparison, count: int, *, distance: Distance = Distance.SQUARED, norm: Norm = Norm.MEAN
) -> Tensor:
    """Mean or sum of the squared differences of two feature maps of `count` values, or 1 less the cosine of their angle."""
    if distance is Distance.COSINE:
        return 1 - found.products / keras.ops.sqrt(found.lengths[0] * found.lengths[1] + EPSILON)
    return found.squares / count if norm is Norm.MEAN else found.squares


def varied(
    image: Tensor,
    kind: TVNorm = TVNorm.SQUARED,
    norm: Norm = Norm.MEAN,
    mask: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """Sum up how neighbours differ in an image [H, W, C], where a mask [H, W] weighs the upper or left one of each pair.

    Parameters
    ----------
    image
        [H, W, C]
    kind
        Squared or absolute differences; or the sum of both squares to the power 1.25 (Mahendran and Vedaldi,
        arXiv:1412.0035, section 3.1, with beta = 2.5).
    norm
        Of what `total_variation` makes of it: a mean takes all pairs, a sum those of pixels that have both neighbours.
    mask
        By default every pair counts as 1.

    Returns
    -------
    tuple
        Sum over vertical neighbours and sum over horizontal ones; of the power one sum.

    """
    vertical, horizontal = _steps(image, 0), _steps(image, 1)
    if norm is Norm.SUM or kind is TVNorm.POWER:
        vertical, horizontal = vertical[:, :-1], horizontal[:-1]

    def summed(values: Tensor) -> Tensor:
        if mask is None:
            return keras.ops.sum(values)
        height, width, _ = values.shape
        return keras.ops.sum(mask[:height, :width, None] * values)

    if kind is TVNorm.POWER:
        return (summed((keras.ops.square(vertical) + keras.ops.square(horizontal)) ** 1.25),)
    apart = keras.ops.square if kind is TVNorm.SQUARED else keras.ops.abs
    return summed(apart(vertical)), summed(apart(horizontal))


def _steps(image: Tensor, axis: int) -> Tensor:
    """Differences of neighbours along an axis of an image [H, W, C], one less than there are along it."""
    (height, width, channels), ops = image.shape, keras.ops
    # Of rows as long as can be, and with a slope of its own: that of what is cut out of [H, W, C] takes five times as long.
    rows, apart = (1, width * channels) if axis == 0 else (height, channels)

    @ops.custom_gradient  # type: ignore[untyped-decorator]
    def steps(flat: Tensor) -> tuple[Tensor, Callable[..., Tensor]]:
        def slope(*upstream: Any) -> Tensor:
            (by_steps,) = keras.tree.flatten(upstream)
            return ops.pad(by_steps, ((0, 0), (apart, 0))) - ops.pad(by_steps, ((0, 0), (0, apart)))

        return flat[:, apart:] - flat[:, :-apart], slope

    found = steps(ops.reshape(image, (rows, height * width * channels // rows)))
    return ops.reshape(found, (height - 1, width, channels) if axis == 0 else (height, width - 1, channels))


def total_variation(
    found: tuple[Tensor, ...], height: int, width: int, norm: Norm = Norm.MEAN, channels: int = 3
) -> Tensor:
    """Mean of what `varied` found in an image [H, W, C] over vertical neighbours and that over horizontal ones, or the sums."""
    if norm is Norm.SUM:
        return sum(found)
    down, across = height - 1, width - 1
    pairs = (down * width, height * across) if len(found) > 1 else (down * across,)
    return sum(summed / (count * channels) for summed, count in zip(found, pairs, strict=True))


def laplacian(image: Tensor, pool: int) -> Tensor:
    """Laplacian of an image [H, W, C] averaged over squares of `pool` pixels, summed over its channels, [H', W'].

    Li, Xu, Nie and Liu, "Laplacian-Steered Neural Style Transfer", ACM Multimedia 2017, section 3.
    """
    small = keras.ops.average_pool(image[None], pool, strides=pool, padding="valid")[0]
    grey = keras.ops.sum(small, axis=-1)
    around = grey[2:, 1:-1] + grey[:-2, 1:-1] + grey[1:-1, 2:] + grey[1:-1, :-2]
    return 4 * grey[1:-1, 1:-1] - around


def laplacian_loss(image: Tensor, target: Tensor, pool: int) -> Tensor:
    """Mean squared difference of the Laplacian of an image [H, W, C] from a target [H', W']."""
    return keras.ops.mean(keras.ops.square(laplacian(image, pool) - target))


def moved(image: Tensor, anchor: Tensor, trust: Tensor, mask: Tensor | None = None) -> Tensor:
    """Sum of m (x - w)^2 for images x and w [H, W, C], the trust m [H, W] in [0, 1], and a mask [H, W] of what counts."""
    trust = trust if mask is None else mask * trust
    return keras.ops.sum(trust[..., None] * keras.ops.square(image - anchor))
