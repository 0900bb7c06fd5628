"""What is minimised: a recipe's terms, put together.

Gatys et al. 2016, equation 7, with the total variation that later work added and the temporal term of Ruder et al. 2016,
equation 9.
"""

from typing import NamedTuple

from vidstyle.layers import block_of
from vidstyle.neural import losses
from vidstyle.neural.backend import Tensor, keras
from vidstyle.neural.encoder import Encoder
from vidstyle.neural.statistics import halved, moments, statistic
from vidstyle.neural.styles import Region, StyleTargets
from vidstyle.options import PaintOptions
from vidstyle.recipe import Recipe

LAPLACIAN_UNIT = 1e6
"""What a Laplacian weight of 1 stands for: it then weighs about as much as the content loss of the default recipe."""


HELD = 2e7
"""Weight of the loss that holds protected pixels: about as stiff as all the rest."""


class Targets(NamedTuple):
    """What an image is compared with."""

    content: tuple[Tensor, ...]
    """Feature maps [H', W', C], one a content layer; behind them the Laplacian [H', W'], where that is held."""
    style: StyleTargets
    """Matrices of the style layers, region by region."""
    warped: Tensor
    """Predecessor carried here, [H, W, 3]."""
    trust: Tensor
    """How far it is trusted, [H, W] in [0, 1]; zero where there is none."""
    weights: Tensor
    """Weights of content, style, total variation and temporal loss, [4]."""
    young: Tensor | None = None
    """How new each pixel is, [H, W] in [0, 1]; None where nothing is, which is a graph of its own."""
    held: Tensor | None = None
    """How far the content is held as it is, [H, W] in [0, 1]; None for not at all."""
    source: Tensor | None = None
    """The content itself, [H, W, 3], where it is held."""


class Objective:
    """The terms of a recipe, as functions of an image and its targets."""

    def __init__(self, recipe: Recipe, options: PaintOptions) -> None:
        self.recipe = recipe
        base = recipe.base_weights
        self.weights = (
            options.content_weight * base.content,
            options.style_weight * base.style,
            options.tv_weight * base.tv,
            options.temporal_weight * base.temporal,
        )
        """Of content, style, total variation and temporal loss."""

    def __call__(self, encoder: Encoder, image: Tensor, targets: Targets) -> tuple[Tensor, Tensor]:
        """Loss, and its weighted terms [4]: content (held lines and pixels included), style, total variation, temporal."""
        recipe, features = self.recipe, encoder(image)
        style = self.style_term(features, image, targets.style)
        if targets.young is not None:
            style = style + self.style_term(features, image, targets.style, targets.young)
        terms = targets.weights * keras.ops.stack(
            [
                self._content_term(features, targets),
                style,
                losses.total_variation(image, recipe.tv, recipe.tv_norm),
                losses.temporal_loss(image, targets.warped, targets.trust),
            ]
        )
        if recipe.laplacian_weight:
            lines = losses.laplacian_loss(image, targets.content[-1], recipe.laplacian_pool)
            terms = terms + recipe.laplacian_weight * LAPLACIAN_UNIT * lines * keras.ops.cast(
                keras.ops.one_hot(0, 4), terms.dtype
            )
        if targets.held is not None:
            held = HELD * losses.temporal_loss(image, targets.source, targets.held)
            terms = terms + held * keras.ops.cast(keras.ops.one_hot(0, 4), terms.dtype)
        return keras.ops.sum(terms), terms

    def _content_term(self, features: dict[str, Tensor], targets: Targets) -> Tensor:
        """Mean over the layers of the content loss."""
        recipe = self.recipe
        content = [
            weight
            * losses.content_loss(
                features[name], target, distance=recipe.content_distance, norm=recipe.content_norm
            )
            for (name, weight), target in zip(recipe.content_layers, targets.content, strict=False)
        ]
        return sum(content) / recipe.content_layers.total

    def style_term(
        self, features: dict[str, Tensor], image: Tensor, style: StyleTargets, within: Tensor | None = None
    ) -> Tensor:
        """Style loss of each region, or of what of it lies within a mask [H, W], weighted by its area."""
        term = 0.0
        for region in style:
            masks = [mask for mask in (region.mask, within) if mask is not None]
            mask = masks[0] * masks[1] if len(masks) == 2 else next(iter(masks), None)
            loss = self._region_term(features, image, region, mask)
            term = term + (loss if mask is None else keras.ops.mean(mask) * loss)
        return term

    def _region_term(
        self, features: dict[str, Tensor], image: Tensor, region: Region, mask: Tensor | None
    ) -> Tensor:
        """Mean over the layers of the style loss, of the whole picture or of what a mask [H, W] holds."""
        term, block = 0.0, 1
        layers = zip(self.recipe.style_layers, region.grams, strict=True)
        # From the finest to the coarsest, as the mask is halved from block to block.
        for (name, weight), target in sorted(layers, key=lambda layer: block_of(layer[0][0])):
            while mask is not None and block < block_of(name):
                mask, block = halved(mask), block + 1
            term = term + weight * self.style_distance(features[name], image, target, region.shares, mask)
        return term / self.recipe.style_layers.total

    def style_distance(
        self,
        features: Tensor,
        image: Tensor,
        target: Tensor,
        shares: Tensor | None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Style loss of one layer's features [H', W', C] of an image [H, W, 3], under a mask [H', W']."""
        recipe, found = self.recipe, moments(features, mask)
        pixels = image.shape[0] * image.shape[1]
        return losses.style_loss(
            statistic(found, recipe),
            target,
            shares,
            distance=recipe.style_distance,
            norm=recipe.style_norm,
            scale=found.total / pixels,
        )

    def look(self, encoder: Encoder, image: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Targets that an image sets: of the content, as `Targets` has them, and one a style layer."""
        features = encoder(image)
        content = [features[name] for name in self.recipe.content_layers.names]
        if self.recipe.laplacian_weight:
            content.append(losses.laplacian(image, self.recipe.laplacian_pool))
        style = [statistic(moments(features[name]), self.recipe) for name in self.recipe.style_layers.names]
        return content, style
