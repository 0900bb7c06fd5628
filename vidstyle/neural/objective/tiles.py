"""Tiles of an image whose feature maps do not fit into memory, and loops over them.

Each tile includes, around the pixels that it covers, as much of the image as the network's deepest layer
depends on, and its corner lies on that layer's grid: so its features are those of the whole image.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidstyle.neural.device.backend import Tensor, keras, sequential_loop
from vidstyle.options.layers import reach_px, stride_of

TWO_PASSES = 4 / 3
"""Cost of an evaluation in tiles, relative to the whole image: a forward pass, which is about a third of
forward and backward, is made twice."""


class Tiles(NamedTuple):
    """Tiles of one size, which together cover each pixel of an image once."""

    corners: NDArray[np.int32]
    """Row and column of each one's first pixel, [N, 2]."""
    rows: NDArray[np.float32]
    """1 for the rows of pixels that a tile covers and 0 for its margin, [N, h]."""
    columns: NDArray[np.float32]
    """Likewise, [N, w]."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a tile, in pixels."""
        return self.rows.shape[1], self.columns.shape[1]


class TileMask(NamedTuple):
    """Pixels that one tile covers; the others are its margin."""

    rows: Tensor
    """1 for the rows of pixels that it covers and 0 for the others, [h]."""
    columns: Tensor
    """Likewise, [w]."""

    @property
    def pixels(self) -> Tensor:
        """1 for each pixel that it covers and 0 for the others, [h, w]."""
        return self.rows[:, None] * self.columns

    def of_layer(self, layer: str) -> Tensor:
        """1 for each place of a layer's feature map that it covers and 0 for the others, [h', w']."""
        stride = stride_of(layer)
        rows, columns = (side[: side.shape[0] // stride * stride : stride] for side in self)
        return rows[:, None] * columns


class Crop(NamedTuple):
    """Place of one tile in the image."""

    corner: Tensor
    """Row and column of its first pixel, [2] int32."""
    size: tuple[int, int]
    """Height and width, in pixels."""

    def __call__(self, array: Tensor, stride: int = 1) -> Tensor:
        """Cut the tile out of an image [H, W, ...], or out of a feature map of some stride."""
        height, width = self.size
        start = _start(array, self.corner // stride)
        return keras.ops.slice(array, start, (height // stride, width // stride, *array.shape[2:]))

    def add(self, array: Tensor, part: Tensor, stride: int = 1) -> Tensor:
        """Add a tile to its place in an image or feature map."""
        start = _start(array, self.corner // stride)
        return keras.ops.slice_update(array, start, keras.ops.slice(array, start, part.shape) + part)


def lay_tiles(height: int, width: int, side_px: int, layers: Sequence[str]) -> Tiles | None:
    """Lay tiles of about `side_px` on each side over an image; None if one is enough.

    Parameters
    ----------
    height, width
        Size of the image, in pixels.
    side_px
        Longest side of a tile; it is longer where the margins, twice `reach_px`, need it.
    layers
        Layers of the network whose features are asked for.

    """
    down, across = (_along(length, side_px, layers) for length in (height, width))
    if len(down) * len(across) == 1:
        return None
    return Tiles(
        corners=np.array([(row, column) for row, _ in down for column, _ in across], np.int32),
        rows=np.array([covered for _, covered in down for _ in across], np.float32),
        columns=np.array([covered for _ in down for _, covered in across], np.float32),
    )


def encoded_px(tiles: Tiles) -> float:
    """Size, in pixels, of a whole image that takes as long to evaluate."""
    height, width = tiles.size
    return float(TWO_PASSES * len(tiles.corners) * height * width)


def tile_at(tiles: Tiles, index: Tensor) -> tuple[Crop, TileMask]:
    """Place and mask of one tile; in graph."""
    corners, rows, columns = (keras.ops.convert_to_tensor(array) for array in tiles)
    return Crop(corners[index], tiles.size), TileMask(rows[index], columns[index])


def sum_over_tiles(tiles: Tiles, zeros: Any, sums_of: Callable[[Crop, TileMask], Any]) -> Any:
    """Add up sums of any structure over the tiles, from zeros of that structure; in graph."""

    def add(index: Tensor, total: Any) -> Any:
        return keras.tree.map_structure(keras.ops.add, total, sums_of(*tile_at(tiles, index)))

    return sequential_loop(len(tiles.corners), add, zeros)


def _along(length: int, side_px: int, layers: Sequence[str]) -> list[tuple[int, NDArray[np.float32]]]:
    """First pixel of each tile along one side, and which of its pixels it covers."""
    grid = max(stride_of(layer) for layer in layers)
    margin = reach_px(layers)
    side = max(side_px, 2 * (margin + grid))
    if length <= side:
        return [(0, np.ones(length, np.float32))]

    def needed(side: int) -> int:
        return 1 + -(-(length - side) // ((side - 2 * margin) // grid * grid))

    # The last tile ends with the image and begins on the grid, and all have its size. They are no larger than
    # their number needs: they would only overlap more.
    side -= (side - length) % grid
    count = needed(side)
    side = min(each for each in range(side, 2 * margin + grid - 1, -grid) if needed(each) == count)
    step = -(-(length - side) // ((count - 1) * grid)) * grid
    tiles: list[tuple[int, NDArray[np.float32]]] = []
    for index in range(count):
        corner = min(index * step, length - side)
        first = 0 if index == 0 else tiles[-1][0] + side - margin
        last = length if index == count - 1 else corner + side - margin
        covered = np.zeros(side, np.float32)
        covered[first - corner : last - corner] = 1
        tiles.append((corner, covered))
    return tiles


def _start(array: Tensor, corner: Tensor) -> Tensor:
    return keras.ops.concatenate([corner, keras.ops.zeros(len(array.shape) - 2, "int32")])
