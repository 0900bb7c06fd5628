"""Sizes that a large picture is painted at, coarse to fine.

The network sees some hundred pixels around each, so in a large picture it can form small strokes only; and an
iteration there costs many of a small one. Both are mended by starting from a painting of half the size (Gatys
et al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017, section 6).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from vidstyle.options.groups import Options

FINER = 1 / 3
"""Share of the iterations that a picture takes at each size above the smallest, where it starts from a
painting."""


class Scale(NamedTuple):
    """A size that a picture is painted at, in pixels, and for how long."""

    width: int
    height: int
    iterations: int

    @property
    def pixels(self) -> int:
        """Number of its pixels."""
        return self.width * self.height


def scales(width: int, height: int, options: Options) -> tuple[Scale, ...]:
    """Sizes that a picture which is carried from no other is painted at, the smallest first, its own last."""
    paint, sizes = options.paint, [(width, height)]
    while 0 < paint.coarse_size < max(sizes[0]):
        half = -(-sizes[0][0] // 2), -(-sizes[0][1] // 2)
        if min(half) < options.objective.smallest_side_px:
            break
        sizes.insert(0, half)
    finer = math.ceil(paint.first_iterations * FINER)
    return tuple(Scale(*size, finer if place else paint.first_iterations) for place, size in enumerate(sizes))


def full_iterations(sizes: Sequence[Scale]) -> int:
    """Count iterations at the last of some sizes that take as long as all at each of them."""
    return math.ceil(work_of(sizes) / sizes[-1].pixels)


def work_of(sizes: Sequence[Scale]) -> int:
    """Pixels times iterations of some sizes together."""
    return sum(size.pixels * size.iterations for size in sizes)
