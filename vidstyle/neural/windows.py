"""Windows of a large image in which something is new, and which alone are painted again.

A pixel acts on the network's features around it only, and a window's features depend on hardly more than what
is in it. The gradient inside differs from that of the whole image by a hundredth with a margin of 16 pixels,
by a thousandth with 32.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vidstyle.imaging.types import Mask

MAX_SHARE = 0.5
"""Share of the image up to which windows take less time than all of it."""
CELL_PX = 16
"""Side of the cells that windows are made of: the stride of the network's deepest layers."""
MIN_NEW = 0.4
"""Mean over a cell's size from which it is new: no stroke fits into less."""
FREE_PX = 8
"""Distance around what is new in which pixels may change."""
MARGIN_PX = 16
"""Distance beyond that, in which they change less and less, and are seen by the network."""
SIDE_STEP_PX = 64
"""Step of the sides of windows: the descent is compiled once for each size."""


class Window(NamedTuple):
    """Part of an image, in pixels; its corner lies on the grid of cells."""

    row: int
    column: int
    height: int
    width: int

    @property
    def pixels(self) -> int:
        """Number of its pixels."""
        return self.height * self.width

    @property
    def slices(self) -> tuple[slice, slice]:
        """Its rows and columns, to index an image [H, W, ...]."""
        return (
            slice(self.row, self.row + self.height),
            slice(self.column, self.column + self.width),
        )


def find_new(share: Mask) -> NDArray[np.bool_]:
    """Find what is new in an image, cell by cell, from how new each pixel is, [H, W] in [0, 1]."""
    height, width = share.shape
    mean = ndimage.uniform_filter(np.asarray(share, np.float32), CELL_PX, mode="nearest")
    padded = np.pad(mean, ((0, -height % CELL_PX), (0, -width % CELL_PX)), "edge")
    rows, columns = (side // CELL_PX for side in padded.shape)
    cells = padded.reshape(rows, CELL_PX, columns, CELL_PX).max(axis=(1, 3)) > MIN_NEW
    return np.repeat(np.repeat(cells, CELL_PX, axis=0), CELL_PX, axis=1)[:height, :width]


def lay_windows(new: NDArray[np.bool_]) -> tuple[Window, ...]:
    """Lay windows over what is new in an image [H, W]; they may overlap.

    The largest comes first. There are none where too much is new, or nothing.
    """
    height, width = new.shape
    labels, count = ndimage.label(new, np.ones((3, 3)))
    boxes = [_around(place, new.shape) for place in ndimage.find_objects(labels, count)]
    windows = _merged(boxes, new.shape)
    if sum(window.pixels for window in windows) > MAX_SHARE * height * width:
        return ()
    return tuple(sorted(windows, key=lambda window: (-window.pixels, window)))


def freedom(window: Window, new: NDArray[np.bool_]) -> Mask:
    """Compute how far each pixel of a window may change, [h, w] in [0, 1]: 0 where the rest begins."""
    distance = ndimage.distance_transform_edt(~new[window.slices])
    share = np.clip((FREE_PX + MARGIN_PX / 2 - distance) / (MARGIN_PX / 2), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _around(place: tuple[slice, ...], size: tuple[int, int]) -> Window:
    """Lay a window around a place that is new, with its margin."""
    margin = FREE_PX + MARGIN_PX
    rows, columns = ((each.start - margin, each.stop + margin) for each in place)
    return _fitted(rows, columns, size)


def _fitted(rows: tuple[int, int], columns: tuple[int, int], size: tuple[int, int]) -> Window:
    """Round a window up to one of few sizes, inside an image and on the grid."""
    (row, height), (column, width) = (
        _along(first, last, side) for (first, last), side in zip((rows, columns), size, strict=True)
    )
    return Window(row, column, height, width)


def _along(first: int, last: int, side: int) -> tuple[int, int]:
    """Round up a window along one side of an image: its first pixel and its length."""
    first, last = max(0, first) // CELL_PX * CELL_PX, min(side, last)
    length = -(-(last - first) // SIDE_STEP_PX) * SIDE_STEP_PX
    start = max(0, min(first, side - length)) // CELL_PX * CELL_PX
    # What touches the end of the image has all of it, whatever its size.
    return start, side - start if start + length + CELL_PX > side else length


def _merged(windows: list[Window], size: tuple[int, int]) -> list[Window]:
    """Merge windows as long as one around two of them is no larger than both."""
    left, found = sorted(windows), list[Window]()
    while left:
        window = left.pop()
        for other in found:
            union = _union(window, other, size)
            if union.pixels <= window.pixels + other.pixels:
                found.remove(other)
                left.append(union)
                break
        else:
            found.append(window)
    return found


def _union(one: Window, other: Window, size: tuple[int, int]) -> Window:
    rows, columns = (
        (min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(one.slices, other.slices, strict=True)
    )
    return _fitted(rows, columns, size)
