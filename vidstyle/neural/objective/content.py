"""Content term: distance of the painting's feature maps from the source's.

Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016, equation 1. It
differs from the paper in being a mean by default, so that a weight keeps its meaning at any size and layer.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.objective.distances import cosine_distance, to_float32
from vidstyle.neural.objective.terms import Term
from vidstyle.neural.objective.tiles import Crop, TileMask
from vidstyle.options.groups import PaintOptions
from vidstyle.options.layers import stride_of
from vidstyle.options.objective import Distance, Norm, ObjectiveOptions

Maps = tuple[Tensor, ...]
"""Feature maps [H', W', C], one per content layer."""


class FeatureSums(NamedTuple):
    """Sums over two feature maps F and F* [H, W, C], of which a content loss is a function."""

    squared_error: Tensor
    """Sum of (F - F*)^2."""
    product: Tensor
    """Sum of F F*."""
    squared_lengths: tuple[Tensor, Tensor]
    """Sums of F^2 and F*^2."""


def compare_features(features: Tensor, target: Tensor, mask: Tensor | None = None) -> FeatureSums:
    """Compare two feature maps [H, W, C], under a mask [H, W]."""
    features, target = to_float32(features), to_float32(target)

    def total(values: Tensor) -> Tensor:
        return keras.ops.sum(values if mask is None else mask[..., None] * values)

    return FeatureSums(
        total(keras.ops.square(features - target)),
        total(features * target),
        (total(features**2), total(target**2)),
    )


def content_loss(
    sums: FeatureSums, count: int, *, distance: Distance = Distance.SQUARED, norm: Norm = Norm.MEAN
) -> Tensor:
    """Mean or sum of squared differences of two feature maps of `count` values, or their cosine distance."""
    if distance is Distance.COSINE:
        return cosine_distance(sums.product, sums.squared_lengths[0] * sums.squared_lengths[1])
    return sums.squared_error / count if norm is Norm.MEAN else sums.squared_error


class ContentTerm(Term):
    """Weighted mean of the content loss over the content layers."""

    name = group = "content"

    def __init__(self, options: ObjectiveOptions, paint: PaintOptions) -> None:
        self._options = options
        self.weight = paint.content_weight * options.base_weights.content
        self.layers = self.content_layers = options.content_layers.names

    def encode(self, features: Mapping[str, Tensor], /) -> Maps:
        """Keep the content layers' feature maps.

        They are to come from the network of the descent: otherwise its rounding would count as a difference.
        """
        return tuple(features[name] for name in self.layers)

    def crop(self, targets: Maps, crop: Crop, /) -> Maps:
        """Cut a tile out of each feature map."""
        pairs = zip(self.layers, targets, strict=True)
        return tuple(crop(target, stride_of(name)) for name, target in pairs)

    def zeros(self, targets: Maps, _channels: Mapping[str, int], /) -> tuple[FeatureSums, ...]:
        """Make sums over no feature."""
        zero = keras.ops.zeros((), "float32")
        return (FeatureSums(zero, zero, (zero, zero)),) * len(targets)

    def accumulate(
        self, features: Mapping[str, Tensor], _image: Tensor, targets: Maps, mask: TileMask | None, /
    ) -> tuple[FeatureSums, ...]:
        """Compare the feature maps layer by layer."""
        return tuple(
            compare_features(features[name], target, mask and mask.of_layer(name))
            for name, target in zip(self.layers, targets, strict=True)
        )

    def value(self, sums: tuple[FeatureSums, ...], _image: Tensor, targets: Maps, /) -> Tensor:
        """Average the layers' losses by their weights."""
        options = self._options
        losses = [
            weight
            * content_loss(
                found, math.prod(target.shape), distance=options.content_distance, norm=options.content_norm
            )
            for (_, weight), target, found in zip(options.content_layers, targets, sums, strict=True)
        ]
        return sum(losses) / options.content_layers.total
