"""The exact loss and gradient of a picture whose feature maps do not fit into memory.

What is seen of a picture, by the network and by pixels, comes into the objective by sums over places (`objective.PartialSums`).
So one window is looked at after the other, twice: first to add up those sums, which give the slope of the loss by each of
them; then to carry these slopes back to the pixels, where what a window answers for is linear in the sums. Each window sees
around what it answers for as much of the picture as the network's deepest layer does, and its corner lies on that layer's
grid, so that its features are those of the whole picture.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidstyle.neural.device.backend import Tensor, keras, sequential_loop, value_and_gradient
from vidstyle.neural.objective.gram import Moments
from vidstyle.neural.objective.losses import Comparison
from vidstyle.neural.objective.objective import Objective, PartialSums, Targets, TileMask
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.options.layers import reach_px, stride_of
from vidstyle.options.objective import TVNorm

Evaluation = tuple[Tensor, Tensor, Tensor]
"""Loss [], its weighted terms [K], and its gradient [H, W, 3]."""
TWICE = 4 / 3
"""What looking twice costs over looking once: going forward is about a third of going forward and backward."""


class Tiles(NamedTuple):
    """Windows onto a picture, all of one size, which together answer for each pixel once."""

    corners: NDArray[np.int32]
    """Row and column of each one's first pixel, [N, 2]."""
    rows: NDArray[np.float32]
    """1 for the rows of pixels that a window answers for and 0 for the others, [N, h]."""
    columns: NDArray[np.float32]
    """Likewise, [N, w]."""


def lay_tiles(height: int, width: int, side_px: int, layers: tuple[str, ...]) -> Tiles | None:
    """Lay windows of about `side_px` on each side over a picture; None where one is enough.

    Parameters
    ----------
    height, width
        Of the picture, in pixels.
    side_px
        Largest side of a window; what the network sees around each pixel needs more than twice `reach_px`.
    layers
        Layers that the network is asked for.

    """
    down, across = (_along(length, side_px, layers) for length in (height, width))
    if len(down) * len(across) == 1:
        return None
    return Tiles(
        corners=np.array([(row, column) for row, _ in down for column, _ in across], np.int32),
        rows=np.array([counts for _, counts in down for _ in across], np.float32),
        columns=np.array([counts for _ in down for _, counts in across], np.float32),
    )


def seen_px(tiles: Tiles) -> float:
    """Pixels that the network sees for an evaluation, as many as of a whole picture that takes as long."""
    return float(TWICE * len(tiles.corners) * tiles.rows.shape[1] * tiles.columns.shape[1])


def _along(length: int, side_px: int, layers: tuple[str, ...]) -> list[tuple[int, NDArray[np.float32]]]:
    """First pixel of each window along one side, and which of its pixels it answers for."""
    grid = max(stride_of(layer) for layer in layers)
    halo = reach_px(layers)
    side = max(side_px, 2 * (halo + grid))
    if length <= side:
        return [(0, np.ones(length, np.float32))]

    def needed(side: int) -> int:
        return 1 + -(-(length - side) // ((side - 2 * halo) // grid * grid))

    # The last one ends where the picture does and begins on the grid, and all are of its size: no larger than so many need,
    # as they would only see more in common.
    side -= (side - length) % grid
    count = needed(side)
    side = min(each for each in range(side, 2 * halo + grid - 1, -grid) if needed(each) == count)
    step = -(-(length - side) // ((count - 1) * grid)) * grid
    placed: list[tuple[int, NDArray[np.float32]]] = []
    for index in range(count):
        corner = min(index * step, length - side)
        first = 0 if index == 0 else placed[-1][0] + side - halo
        last = length if index == count - 1 else corner + side - halo
        counts = np.zeros(side, np.float32)
        counts[first - corner : last - corner] = 1
        placed.append((corner, counts))
    return placed


def evaluate(
    objective: Objective, encoder: Encoder, image: Tensor, targets: Targets, tiles: Tiles | None
) -> Evaluation:
    """Loss, terms and gradient of an objective at an image [H, W, 3]; in graph."""
    if tiles is None:
        return value_and_gradient(lambda whole: objective(encoder, whole, targets), image)
    seen = see(objective, encoder, image, targets, tiles)
    loss, terms, (gradient, slopes) = value_and_gradient(
        lambda both: objective.loss(both[0], targets, both[1]), (image, seen)
    )

    def carry_back(index: Tensor, gradient: Tensor) -> Tensor:
        corner, part = _window(tiles, index)
        there = _cut(targets, objective, tiles, corner)

        def linear(pixels: Tensor) -> tuple[Tensor, Tensor]:
            found = objective.see(encoder, pixels, there, part)
            pairs = zip(keras.tree.flatten(slopes), keras.tree.flatten(found), strict=True)
            return sum(keras.ops.sum(slope * value) for slope, value in pairs), pixels

        _, _, slope = value_and_gradient(linear, _slice(image, corner, tiles))
        return _added(gradient, corner, slope)

    return loss, terms, sequential_loop(len(tiles.corners), carry_back, gradient)


def terms(
    objective: Objective, encoder: Encoder, image: Tensor, targets: Targets, tiles: Tiles | None
) -> Tensor:
    """Weighted terms [4] of an objective at an image [H, W, 3]; in graph."""
    return objective.loss(image, targets, see(objective, encoder, image, targets, tiles))[1]


def see(
    objective: Objective, encoder: Encoder, image: Tensor, targets: Targets, tiles: Tiles | None
) -> PartialSums:
    """Sum up what is seen of an image [H, W, 3], window by window; in graph."""
    if tiles is None:
        return objective.see(encoder, image, targets)

    def add(index: Tensor, sums: PartialSums) -> PartialSums:
        corner, part = _window(tiles, index)
        there = _cut(targets, objective, tiles, corner)
        found = objective.see(encoder, _slice(image, corner, tiles), there, part)
        return keras.tree.map_structure(keras.ops.add, sums, found)  # type: ignore[no-any-return]

    return sequential_loop(len(tiles.corners), add, _nothing(objective, encoder, targets))  # type: ignore[no-any-return]


def _nothing(objective: Objective, encoder: Encoder, targets: Targets) -> PartialSums:
    """Make sums over no place."""
    zero, recipe = keras.ops.zeros((), "float32"), objective.recipe
    none = tuple(_no_moments(encoder, name) for name in recipe.style_layers.names)
    return PartialSums(
        content=(Comparison(zero, zero, (zero, zero)),) * len(recipe.content_layers),
        style=(none,) * len(targets.style),
        varied=(zero,) * (1 if recipe.tv is TVNorm.POWER else 2),
        moved=zero,
        unheld=zero,
    )


def _no_moments(encoder: Encoder, layer: str) -> Moments:
    channels = encoder.channels[layer]
    shapes = ((channels, channels), (channels,), ())
    return Moments(*(keras.ops.zeros(shape, "float32") for shape in shapes))


def look(
    objective: Objective, encoder: Encoder, image: Tensor, tiles: Tiles | None
) -> tuple[list[Tensor], list[Tensor]]:
    """Targets that an image [H, W, 3] sets: of the content, and one a style layer; in graph."""
    if tiles is None:
        return objective.look(encoder, image)
    (height, width, _), recipe = image.shape, objective.recipe
    layers = recipe.content_layers.names

    def add(index: Tensor, loop: tuple[list[Tensor], list[Moments]]) -> tuple[list[Tensor], list[Moments]]:
        corner, part = _window(tiles, index)
        content, style = objective.gather(encoder, _slice(image, corner, tiles), part)
        maps = [
            _added(whole, corner // stride_of(name), found)
            for name, whole, found in zip(layers, loop[0], content, strict=True)
        ]
        return maps, keras.tree.map_structure(keras.ops.add, loop[1], style)

    maps = [
        keras.ops.zeros(
            (height // stride_of(name), width // stride_of(name), encoder.channels[name]),
            encoder.precision.value,
        )
        for name in layers
    ]
    none = [_no_moments(encoder, name) for name in recipe.style_layers.names]
    return objective.targets_of(image, *sequential_loop(len(tiles.corners), add, (maps, none)))


def _window(tiles: Tiles, index: Tensor) -> tuple[Tensor, TileMask]:
    """Corner of a window, and what of it counts."""
    corners, rows, columns = (keras.ops.convert_to_tensor(array) for array in tiles)
    return corners[index], TileMask(rows[index], columns[index])


def _cut(targets: Targets, objective: Objective, tiles: Tiles, corner: Tensor) -> Targets:
    """Cut out what a window is compared with."""
    layers = zip(objective.recipe.content_layers.names, targets.content, strict=False)
    regions = (
        region if region.mask is None else region._replace(mask=_slice(region.mask, corner, tiles))
        for region in targets.style
    )
    pixels = {name: getattr(targets, name) for name in ("warped", "trust", "held", "source")}
    return targets._replace(
        content=tuple(_slice(target, corner, tiles, stride_of(name)) for name, target in layers),
        style=tuple(regions),
        **{name: _slice(whole, corner, tiles) for name, whole in pixels.items() if whole is not None},
    )


def _slice(array: Tensor, corner: Tensor, tiles: Tiles, stride: int = 1) -> Tensor:
    """Cut out what a window sees of a picture or a feature map, [h', w', ...]."""
    size = (tiles.rows.shape[1] // stride, tiles.columns.shape[1] // stride)
    return keras.ops.slice(array, _start(array, corner // stride), (*size, *array.shape[2:]))


def _added(array: Tensor, corner: Tensor, part: Tensor) -> Tensor:
    """Array with a part added to what lies at a corner of it."""
    start = _start(array, corner)
    return keras.ops.slice_update(array, start, keras.ops.slice(array, start, part.shape) + part)


def _start(array: Tensor, corner: Tensor) -> Tensor:
    return keras.ops.concatenate([corner, keras.ops.zeros(len(array.shape) - 2, "int32")])
