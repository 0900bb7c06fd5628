"""What is minimised: a recipe's terms, put together.

Gatys et al. 2016, equation 7, with the total variation that later work added and the temporal term of Ruder et al. 2016,
equation 9. What is seen of a picture comes into it by sums over its places only, which can be gathered part by part
(`neural.tiling`).
"""

import math
from typing import NamedTuple

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.objective import losses
from vidstyle.neural.objective.gram import Moments, halved, moments, statistic
from vidstyle.neural.objective.style_targets import StyleTargets
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.options.groups import PaintOptions
from vidstyle.options.layers import block_of, stride_of
from vidstyle.options.objective import ObjectiveOptions

LAPLACIAN_UNIT = 1e6
"""What a Laplacian weight of 1 stands for: it then weighs about as much as the content loss of the default recipe."""


CARRIED_TV = 0.25
"""Share of the total variation's weight for what was painted and smoothed before: a descent that goes on over hundreds of
frames would come to a smoother picture than that of a first frame, which is ended long before it has converged."""
HELD = 2e7
"""Weight of the loss that holds protected pixels: about as stiff as all the rest."""


class Targets(NamedTuple):
    """What an image is compared with."""

    content: tuple[Tensor, ...]
    """Feature maps [H', W', C], one a content layer, as the network that one descends by gives them; behind them the Laplacian [H', W'], where that is held."""
    style: StyleTargets
    """Matrices of the style layers, region by region."""
    warped: Tensor
    """Predecessor carried here, [H, W, 3]."""
    trust: Tensor
    """How far it is trusted, [H, W] in [0, 1]; zero where there is none."""
    weights: Tensor
    """Weights of content, style, total variation and temporal loss, [4]."""
    held: Tensor | None = None
    """How far the content is held as it is, [H, W] in [0, 1]; None for not at all."""
    source: Tensor | None = None
    """The content itself, [H, W, 3], where it is held."""


class PartialSums(NamedTuple):
    """What is seen of a picture, by the network and by pixels: sums over its places, of which each part has its own."""

    content: tuple[losses.Comparison, ...]
    """One a content layer."""
    style: tuple[tuple[Moments, ...], ...]
    """Of each region, one a style layer."""
    varied: tuple[Tensor, ...]
    """How neighbouring pixels differ."""
    moved: Tensor
    """How far pixels are from the predecessor, by the trust in it."""
    unheld: Tensor
    """How far pixels are from the content that is held."""


class TileMask(NamedTuple):
    """What of a part of a picture counts; the rest of it is there to be seen around."""

    rows: Tensor
    """1 for the rows of pixels that count and 0 for the others, [h]."""
    columns: Tensor
    """Likewise, [w]."""

    @property
    def pixels(self) -> Tensor:
        """1 for each pixel that counts and 0 for the others, [h, w]."""
        return self.rows[:, None] * self.columns

    def counting(self, layer: str) -> Tensor:
        """1 for each place of a layer's feature map that counts and 0 for the others, [h', w']."""
        stride = stride_of(layer)
        rows, columns = (side[: side.shape[0] // stride * stride : stride] for side in self)
        return rows[:, None] * columns


class Objective:
    """The terms of a recipe, as functions of an image and its targets."""

    def __init__(self, recipe: ObjectiveOptions, options: PaintOptions) -> None:
        self.recipe = recipe
        base = recipe.base_weights
        self.weights = (
            options.content_weight * base.content,
            options.style_weight * base.style,
            options.tv_weight * base.tv,
            options.temporal_weight * base.temporal,
        )
        """Of content, style, total variation and temporal loss."""

    def carried_weights(self, firmness: float) -> tuple[float, float, float, float]:
        """Give the same for a frame that starts from its predecessor, held to it by a share of the temporal weight."""
        content, style, tv, temporal = self.weights
        return content, style, CARRIED_TV * tv, firmness * temporal

    def __call__(self, encoder: Encoder, image: Tensor, targets: Targets) -> tuple[Tensor, Tensor]:
        """Loss, and its weighted terms [4]: content (held lines and pixels included), style, total variation, temporal."""
        return self.loss(image, targets, self.see(encoder, image, targets))

    def see(
        self, encoder: Encoder, image: Tensor, targets: Targets, part: TileMask | None = None
    ) -> PartialSums:
        """Sum up what is seen of an image [H, W, 3], or of what counts of a part, with that part of the targets."""
        features, mask = encoder(image), part and part.pixels
        # What lies behind the layers' targets is no feature map.
        layers = zip(self.recipe.content_layers.names, targets.content, strict=False)
        return PartialSums(
            content=tuple(
                losses.compared(features[name], target, part and part.counting(name))
                for name, target in layers
            ),
            style=self.moments(features, targets.style, part),
            varied=losses.varied(image, self.recipe.tv, self.recipe.tv_norm, mask),
            moved=losses.moved(image, targets.warped, targets.trust, mask),
            unheld=keras.ops.zeros((), "float32")
            if targets.held is None
            else losses.moved(image, targets.source, targets.held, mask),
        )

    def moments(
        self,
        features: dict[str, Tensor],
        style: StyleTargets,
        part: TileMask | None = None,
    ) -> tuple[tuple[Moments, ...], ...]:
        """Moments of each region's layers."""
        names = self.recipe.style_layers.names
        found = []
        for region in style:
            mask, block, by_layer = region.mask, 1, {}
            # From the finest to the coarsest, as the mask is halved from block to block.
            for name in sorted(names, key=block_of):
                while mask is not None and block < block_of(name):
                    mask, block = halved(mask), block + 1
                by_layer[name] = moments(features[name], _both(mask, part and part.counting(name)))
            found.append(tuple(by_layer[name] for name in names))
        return tuple(found)

    def loss(self, image: Tensor, targets: Targets, seen: PartialSums) -> tuple[Tensor, Tensor]:
        """Loss of an image and its weighted terms [4], by what is seen of it."""
        (height, width, channels), recipe = image.shape, self.recipe
        values = height * width * channels
        terms = targets.weights * keras.ops.stack(
            [
                self._content_term(targets, seen),
                self.style_term(image, targets.style, seen.style),
                losses.total_variation(seen.varied, height, width, recipe.tv_norm, channels),
                seen.moved / values,
            ]
        )
        if recipe.laplacian_weight:
            lines = losses.laplacian_loss(image, targets.content[-1], recipe.laplacian_pool)
            terms = terms + recipe.laplacian_weight * LAPLACIAN_UNIT * lines * keras.ops.cast(
                keras.ops.one_hot(0, 4), terms.dtype
            )
        if targets.held is not None:
            terms = terms + HELD * seen.unheld / values * keras.ops.cast(keras.ops.one_hot(0, 4), terms.dtype)
        return keras.ops.sum(terms), terms

    def _content_term(self, targets: Targets, seen: PartialSums) -> Tensor:
        """Mean over the layers of the content loss."""
        recipe = self.recipe
        content = [
            weight
            * losses.content_loss(
                found, math.prod(target.shape), distance=recipe.content_distance, norm=recipe.content_norm
            )
            for (_, weight), target, found in zip(
                recipe.content_layers, targets.content, seen.content, strict=False
            )
        ]
        return sum(content) / recipe.content_layers.total

    def style_term(self, image: Tensor, style: StyleTargets, seen: tuple[tuple[Moments, ...], ...]) -> Tensor:
        """Style loss of each region, weighted by its area."""
        term = 0.0
        for region, by_layer in zip(style, seen, strict=True):
            layers = zip(self.recipe.style_layers, region.grams, by_layer, strict=True)
            loss = sum(
                weight * self.style_distance(found, image, target, region.shares)
                for (_, weight), target, found in layers
            )
            area = 1.0 if region.mask is None else keras.ops.mean(region.mask)
            term = term + area * loss / self.recipe.style_layers.total
        return term

    def style_distance(self, found: Moments, image: Tensor, target: Tensor, shares: Tensor | None) -> Tensor:
        """Style loss of the moments of one layer's features of an image [H, W, 3]."""
        recipe = self.recipe
        return losses.style_loss(
            statistic(found, recipe),
            target,
            shares,
            distance=recipe.style_distance,
            norm=recipe.style_norm,
            scale=found.total / (image.shape[0] * image.shape[1]),
        )

    def look(self, encoder: Encoder, image: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Targets that an image sets: of the content, as `Targets` has them, and one a style layer."""
        return self.targets_of(image, *self.gather(encoder, image))

    def gather(
        self, encoder: Encoder, image: Tensor, part: TileMask | None = None
    ) -> tuple[list[Tensor], list[Moments]]:
        """Feature maps of the content layers and moments of the style layers, of an image or of what counts of a part."""
        features, recipe = encoder(image), self.recipe
        content = [features[name] for name in recipe.content_layers.names]
        if part is not None:
            masks = (part.counting(name) for name in recipe.content_layers.names)
            content = [
                keras.ops.cast(mask[..., None], found.dtype) * found
                for mask, found in zip(masks, content, strict=True)
            ]
        return content, [
            moments(features[name], part and part.counting(name)) for name in recipe.style_layers.names
        ]

    def targets_of(
        self, image: Tensor, content: list[Tensor], style: list[Moments]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Targets that an image sets, by what was gathered from it."""
        if self.recipe.laplacian_weight:
            content = [*content, losses.laplacian(image, self.recipe.laplacian_pool)]
        return content, [statistic(found, self.recipe) for found in style]


def _both(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    """Product of two masks, where None leaves all as it is."""
    if one is None or other is None:
        return one if other is None else other
    return one * other
