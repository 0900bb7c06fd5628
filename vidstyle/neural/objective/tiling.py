"""Exact loss and gradient of an image whose feature maps do not fit into memory, tile by tile.

An image comes into the loss by sums over its places (`objective.PartialSums`). So the tiles are evaluated
twice: first to add up those sums, which give the gradient of the loss by each of them; then to carry these
gradients back to the pixels, where what a tile covers is linear in the sums.
"""

from vidstyle.neural.device.backend import Tensor, keras, sequential_loop, value_and_gradient
from vidstyle.neural.objective.objective import Objective, PartialSums
from vidstyle.neural.objective.terms import Targets
from vidstyle.neural.objective.tiles import Crop, TileMask, Tiles, sum_over_tiles, tile_at
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.options.layers import stride_of

Evaluation = tuple[Tensor, Tensor, Tensor]
"""Loss [], the sum of each group of its terms [K], and its gradient [H, W, 3]."""


def evaluate(
    objective: Objective, encoder: Encoder, image: Tensor, targets: Targets, tiles: Tiles | None
) -> Evaluation:
    """Compute the loss, its groups of terms and its gradient at an image [H, W, 3]; in graph."""
    if tiles is None:
        return value_and_gradient(lambda whole: objective(encoder, whole, targets), image)
    sums = accumulate(objective, encoder, image, targets, tiles)
    loss, groups, (gradient, by_sums) = value_and_gradient(
        lambda both: objective.loss(both[0], targets, both[1]), (image, sums)
    )

    def carry_back(index: Tensor, gradient: Tensor) -> Tensor:
        crop, mask = tile_at(tiles, index)
        cropped = objective.crop(targets, crop)

        def linear(pixels: Tensor) -> tuple[Tensor, Tensor]:
            found = objective.accumulate(encoder, pixels, cropped, mask)
            pairs = zip(keras.tree.flatten(by_sums), keras.tree.flatten(found), strict=True)
            return sum(keras.ops.sum(slope * value) for slope, value in pairs), pixels

        _, _, of_tile = value_and_gradient(linear, crop(image))
        return crop.add(gradient, of_tile)

    return loss, groups, sequential_loop(len(tiles.corners), carry_back, gradient)


def values(
    objective: Objective, encoder: Encoder, image: Tensor, targets: Targets, tiles: Tiles | None
) -> Tensor:
    """Compute the weighted values [K] of the active terms, in the order of `Objective.names`; in graph."""
    sums = accumulate(objective, encoder, image, targets, tiles)
    return keras.ops.stack(objective.values(image, targets, sums))


def accumulate(
    objective: Objective, encoder: Encoder, image: Tensor, targets: Targets, tiles: Tiles | None
) -> PartialSums:
    """Sum over the places of an image [H, W, 3], tile by tile; in graph."""
    if tiles is None:
        return objective.accumulate(encoder, image, targets)

    def of_tile(crop: Crop, mask: TileMask) -> PartialSums:
        return objective.accumulate(encoder, crop(image), objective.crop(targets, crop), mask)

    zeros = objective.zeros(targets, encoder.channels)
    return sum_over_tiles(tiles, zeros, of_tile)  # type: ignore[no-any-return]


def feature_maps(
    encoder: Encoder, image: Tensor, layers: tuple[str, ...], tiles: Tiles | None
) -> dict[str, Tensor]:
    """Compute feature maps [H', W', C] of an image [H, W, 3], tile by tile; in graph."""
    if tiles is None:
        return encoder(image)
    height, width, _ = image.shape

    def add(index: Tensor, maps: dict[str, Tensor]) -> dict[str, Tensor]:
        crop, mask = tile_at(tiles, index)
        features = encoder(crop(image))

        def with_tile(name: str) -> Tensor:
            covered = keras.ops.cast(mask.of_layer(name)[..., None], features[name].dtype)
            return crop.add(maps[name], covered * features[name], stride_of(name))

        return {name: with_tile(name) for name in layers}

    zeros = {
        name: keras.ops.zeros(
            (height // stride_of(name), width // stride_of(name), encoder.channels[name]),
            encoder.precision.value,
        )
        for name in layers
    }
    return sequential_loop(len(tiles.corners), add, zeros)  # type: ignore[no-any-return]
