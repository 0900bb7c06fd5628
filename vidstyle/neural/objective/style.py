"""Style term: distance of the painting's Gram matrices from those of the style images.

Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016, equations 3 to
5; by regions as Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017, section
4. It differs from the papers in being a mean by default, so that a weight keeps its meaning at any size and
layer.
"""

from collections.abc import Mapping

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.objective.distances import cosine_distance
from vidstyle.neural.objective.gram import Moments, downsample_mask, moments, statistic, zero_moments
from vidstyle.neural.objective.style_targets import StyleTargets
from vidstyle.neural.objective.terms import FrameTensors, Term
from vidstyle.neural.objective.tiles import Crop, TileMask, Tiles, sum_over_tiles
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.options.groups import PaintOptions
from vidstyle.options.layers import block_of
from vidstyle.options.objective import Distance, ObjectiveOptions, StyleNorm

StyleSums = tuple[tuple[Moments, ...], ...]
"""Moments of each region, one per style layer."""


def style_loss(
    matrix: Tensor,
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
    matrix, targets
        From `gram.statistic`.
    shares
        Share of each style, [styles], their sum is 1; equal by default.
    distance
        Cosine is 1 - <G, G*> / (|G| |G*|), whatever the norm.
    norm
        Of squared differences: their mean over C^2, that mean, or their sum times `scale` squared.
    scale
        Factor that makes an entry of G one of the definition by sums.

    """
    if distance is Distance.COSINE:
        products = keras.ops.sum(matrix * targets, axis=(1, 2))
        lengths = keras.ops.sum(matrix**2) * keras.ops.sum(targets**2, axis=(1, 2))
        losses = cosine_distance(products, lengths)
        return keras.ops.mean(losses) if shares is None else keras.ops.sum(shares * losses)
    squares = keras.ops.square(matrix - targets)
    channels = keras.ops.shape(matrix)[-1]
    if shares is not None:
        squares = keras.ops.sum(shares * keras.ops.mean(squares, axis=(1, 2)))
    mean = keras.ops.mean(squares)
    if norm is StyleNorm.CHANNELS:
        return mean / channels**2
    return mean if norm is StyleNorm.MEAN else mean * channels**2 * scale**2


def encode_style(
    options: ObjectiveOptions, encoder: Encoder, image: Tensor, tiles: Tiles | None
) -> list[Tensor]:
    """Compute the style matrices [C, C] of a style image [H, W, 3], one per style layer; in graph."""
    layers = options.style_layers.names

    def of_pixels(pixels: Tensor, mask: TileMask | None) -> list[Moments]:
        features = encoder(pixels)
        return [moments(features[name], mask and mask.of_layer(name)) for name in layers]

    def of_tile(crop: Crop, mask: TileMask) -> list[Moments]:
        return of_pixels(crop(image), mask)

    if tiles is None:
        found = of_pixels(image, None)
    else:
        zeros = [zero_moments(encoder.channels[name]) for name in layers]
        found = sum_over_tiles(tiles, zeros, of_tile)
    return [statistic(layer, options) for layer in found]


class StyleTerm(Term):
    """Weighted mean of the style loss over the style layers, and over regions by their area."""

    name = group = "style"

    def __init__(self, options: ObjectiveOptions, paint: PaintOptions) -> None:
        self._options = options
        self.weight = paint.style_weight * options.base_weights.style
        self.layers = options.style_layers.names

    def targets(self, frame: FrameTensors, /) -> StyleTargets:
        """Compare with the regions' styles."""
        return frame.style

    def crop(self, targets: StyleTargets, crop: Crop, /) -> StyleTargets:
        """Cut a tile out of each region's mask."""
        return tuple(
            region if region.mask is None else region._replace(mask=crop(region.mask)) for region in targets
        )

    def zeros(self, targets: StyleTargets, channels: Mapping[str, int], /) -> StyleSums:
        """Make moments over no place."""
        return (tuple(zero_moments(channels[name]) for name in self.layers),) * len(targets)

    def accumulate(
        self,
        features: Mapping[str, Tensor],
        _image: Tensor,
        targets: StyleTargets,
        mask: TileMask | None,
        /,
    ) -> StyleSums:
        """Compute the moments of each layer in each region."""
        sums = []
        for region in targets:
            in_region, block, by_layer = region.mask, 1, {}
            # From the finest to the coarsest, as the region's mask is averaged from block to block.
            for name in sorted(self.layers, key=block_of):
                while in_region is not None and block < block_of(name):
                    in_region, block = downsample_mask(in_region), block + 1
                by_layer[name] = moments(features[name], _product(in_region, mask and mask.of_layer(name)))
            sums.append(tuple(by_layer[name] for name in self.layers))
        return tuple(sums)

    def value(self, sums: StyleSums, image: Tensor, targets: StyleTargets, /) -> Tensor:
        """Average the losses of layers and regions."""
        value = 0.0
        for region, by_layer in zip(targets, sums, strict=True):
            layers = zip(self._options.style_layers, region.grams, by_layer, strict=True)
            loss = sum(
                weight * self._loss(found, image, target, region.shares)
                for (_, weight), target, found in layers
            )
            area = 1.0 if region.mask is None else keras.ops.mean(region.mask)
            value = value + area * loss / self._options.style_layers.total
        return value

    def _loss(self, found: Moments, image: Tensor, target: Tensor, shares: Tensor | None) -> Tensor:
        """Style loss of one layer's moments in an image [H, W, 3]."""
        return style_loss(
            statistic(found, self._options),
            target,
            shares,
            distance=self._options.style_distance,
            norm=self._options.style_norm,
            scale=found.total / (image.shape[0] * image.shape[1]),
        )


def _product(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    """Product of two masks, None for a mask of ones."""
    if one is None or other is None:
        return other if one is None else one
    return one * other
