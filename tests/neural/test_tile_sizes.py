import numpy as np
import pytest

from vidstyle.neural.inputs import FrameTargets
from vidstyle.neural.tile_sizes import TileSizes


class Functions:
    """Functions for tiles of one size, of which the next smaller are half as large."""

    def __init__(self, side_px=None, smallest_px=64):
        self.side_px, self.smallest_px, self.made = side_px, smallest_px, []

    def with_tile_size(self, side_px):
        self.made.append(side_px)
        return Functions(side_px, self.smallest_px)

    def smaller_tile_size(self, height, width):
        side_px = (self.side_px or min(height, width)) // 2
        return side_px if side_px >= self.smallest_px else None

    def tile_size_for_coarser(self, height, width, full_size):
        return 32 if max(height, width) > 0.5 * max(full_size) else None


def targets(side_px, full_size=None):
    return FrameTargets(np.zeros((side_px, side_px, 3), np.float32), (), full_size=full_size)


def test_options_decide_until_a_size_is_chosen():
    functions = Functions()
    sizes = TileSizes(functions)
    assert sizes.current is functions
    sizes.use(128)
    assert sizes.current.side_px == 128
    sizes.use(None)
    assert sizes.current is functions


def test_functions_of_a_size_are_made_once():
    functions = Functions()
    sizes = TileSizes(functions)
    sizes.use(128)
    first = sizes.current
    sizes.use(None)
    sizes.use(128)
    assert sizes.current is first
    assert functions.made == [128]


def test_tiles_are_halved_until_they_are_the_smallest():
    sizes = TileSizes(Functions())
    assert [sizes.use_smaller(256, 512) for _ in range(3)] == [128, 64, None]
    assert sizes.current.side_px == 64


@pytest.mark.parametrize(
    ("side_px", "full_size", "tile_px"), [(100, None, None), (100, (150, 150), 32), (100, (400, 400), None)]
)
def test_smaller_scale_uses_tiles_where_it_would_need_more_memory(side_px, full_size, tile_px):
    sizes = TileSizes(Functions())
    assert sizes.functions_for(targets(side_px, full_size)).side_px == tile_px
    assert sizes.current.side_px is None
