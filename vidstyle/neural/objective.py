"""What is minimised: a recipe's terms, put together.

Gatys et al. 2016, equation 7, with the total variation that later work added and the temporal term of Ruder et al. 2016,
equation 9.
"""

from typing import NamedTuple

from vidstyle.neural import losses
from vidstyle.neural.backend import Tensor, keras
from vidstyle.neural.encoder import Encoder, block_of
from vidstyle.neural.styles import Region, StyleTargets
from vidstyle.options import PaintOptions
from vidstyle.presets import Recipe


class Targets(NamedTuple):
    """What an image is compared with."""

    content: tuple[Tensor, ...]
    """Feature maps [H', W', C], one a content layer."""
    style: StyleTargets
    """Gram matrices, region by region."""
    warped: Tensor
    """Predecessor carried here, [H, W, 3]."""
    trust: Tensor
    """How far it is trusted, [H, W] in [0, 1]; zero where there is none."""
    weights: Tensor
    """Weights of content, style, total variation and temporal loss, [4]."""
    young: Tensor | None = None
    """How new each pixel is, [H, W] in [0, 1]; None where nothing is, which is a graph of its own."""


class Objective:
    """The terms of a recipe, as functions of an image and its targets."""

    def __init__(self, recipe: Recipe, options: PaintOptions) -> None:
        self.recipe = recipe
        self.weights = (
            options.content_weight * recipe.content_weight,
            options.style_weight * recipe.style_weight,
            options.tv_weight * recipe.tv_weight,
            options.temporal_weight * recipe.temporal_weight,
        )
        """Of content, style, total variation and temporal loss."""

    def __call__(self, encoder: Encoder, image: Tensor, targets: Targets) -> tuple[Tensor, Tensor]:
        """Loss, and its weighted terms [4]: content, style, total variation, temporal."""
        features = encoder(image)
        content = [
            weight * losses.content_loss(features[name], target)
            for (name, weight), target in zip(self.recipe.content_layers, targets.content, strict=True)
        ]
        style = self._style_term(features, targets.style)
        if targets.young is not None:
            style = style + self._style_term(features, targets.style, targets.young)
        terms = targets.weights * keras.ops.stack(
            [
                sum(content) / sum(weight for _, weight in self.recipe.content_layers),
                style,
                losses.total_variation(image),
                losses.temporal_loss(image, targets.warped, targets.trust),
            ]
        )
        return keras.ops.sum(terms), terms

    def _style_term(
        self, features: dict[str, Tensor], style: StyleTargets, within: Tensor | None = None
    ) -> Tensor:
        """Style loss of each region, or of what of it lies within a mask [H, W], weighted by its area."""
        term = 0.0
        for region in style:
            masks = [mask for mask in (region.mask, within) if mask is not None]
            mask = masks[0] * masks[1] if len(masks) == 2 else next(iter(masks), None)
            loss = self._region_term(features, region, mask)
            term = term + (loss if mask is None else keras.ops.mean(mask) * loss)
        return term

    def _region_term(self, features: dict[str, Tensor], region: Region, mask: Tensor | None) -> Tensor:
        """Mean over the layers of the style loss, of the whole picture or of what a mask [H, W] holds."""
        term, block = 0.0, 1
        layers = zip(self.recipe.style_layers, region.grams, strict=True)
        # From the finest to the coarsest, as the mask is halved from block to block.
        for (name, weight), target in sorted(layers, key=lambda layer: block_of(layer[0][0])):
            while mask is not None and block < block_of(name):
                mask, block = losses.halved(mask), block + 1
            term = term + weight * losses.style_loss(
                losses.gram_matrix(features[name], mask), target, region.shares
            )
        return term / sum(weight for _, weight in self.recipe.style_layers)

    def look(self, encoder: Encoder, image: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Feature maps of the content layers and Gram matrices of the style layers, of an image."""
        features = encoder(image)
        return (
            [features[name] for name, _ in self.recipe.content_layers],
            [losses.gram_matrix(features[name]) for name, _ in self.recipe.style_layers],
        )
