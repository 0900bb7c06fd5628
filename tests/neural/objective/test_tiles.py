import numpy as np
import pytest
from support.losses import DTYPE, tensor

from vidstyle.neural.device.backend import keras
from vidstyle.neural.objective.tiles import (
    TWO_PASSES,
    Crop,
    TileMask,
    encoded_px,
    lay_tiles,
    sum_over_tiles,
    tile_at,
)
from vidstyle.options.layers import reach_px
from vidstyle.options.objective import ObjectiveOptions

LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1")
DEFAULT = ObjectiveOptions()


@pytest.mark.parametrize("layers", [LAYERS, DEFAULT.layers])
@pytest.mark.parametrize("size", [(64, 900), (333, 401), (512, 511), (700, 230)])
@pytest.mark.parametrize("side_px", [1, 210, 256, 301])
def test_tiles_cover_each_pixel_once_with_all_that_its_features_depend_on(size, side_px, layers):
    tiles = lay_tiles(*size, side_px, layers)
    if tiles is None:
        assert max(size) <= max(side_px, 250)
        return
    covered, reach = np.zeros(size), reach_px(layers)
    for (top, left), rows, columns in zip(*tiles, strict=True):
        height, width = len(rows), len(columns)
        covered[top : top + height, left : left + width] += np.outer(rows, columns)
        assert top % 4 == left % 4 == 0  # On the grid of the third block.
        for start, own, length in ((top, rows, size[0]), (left, columns, size[1])):
            places = np.flatnonzero(own)
            assert start + len(own) <= length
            assert places[0] >= reach or start == 0
            assert len(own) - places[-1] > reach or start + len(own) == length
    assert (covered == 1).all()


def test_tiles_are_no_larger_than_their_number_needs():
    tiles = lay_tiles(1600, 2000, 1024, DEFAULT.layers)
    assert len(tiles.corners) == 2 * 3
    (_, height), (_, width) = tiles.rows.shape, tiles.columns.shape
    reach = reach_px(DEFAULT.layers)
    # The outer two margins are outside the image; the rest is less than the grid of 16.
    assert 0 <= 2 * height - 1600 - 2 * reach < 3 * 16
    assert 0 <= 3 * width - 2000 - 4 * reach < 5 * 16


def test_image_that_one_tile_holds_has_no_tiles():
    assert lay_tiles(200, 256, 256, DEFAULT.layers) is None


def test_time_is_that_of_two_passes_over_all_tiles():
    tiles = lay_tiles(1600, 2000, 1024, DEFAULT.layers)
    height, width = tiles.size
    assert encoded_px(tiles) == pytest.approx(TWO_PASSES * 6 * height * width)


def test_mask_of_a_layer_covers_the_places_of_its_pixels():
    mask = TileMask(tensor([0, 0, 1, 1, 1, 1, 0]), tensor([1, 1, 1, 1]))
    np.testing.assert_array_equal(mask.pixels, np.outer([0, 0, 1, 1, 1, 1, 0], [1, 1, 1, 1]))
    np.testing.assert_array_equal(mask.of_layer("block2_conv1"), np.outer([0, 1, 1], [1, 1]))


def test_tile_is_cut_out_of_feature_maps_and_added_back():
    array = np.arange(6 * 8 * 2.0).reshape(6, 8, 2)
    crop = Crop(tensor([2, 4], "int32"), (4, 4))
    np.testing.assert_array_equal(crop(tensor(array)), array[2:6, 4:8])
    np.testing.assert_array_equal(crop(tensor(array), 2), array[1:3, 2:4])
    array[2:6, 4:8] *= 2
    np.testing.assert_array_equal(crop.add(tensor(array), crop(tensor(array)))[2:6, 4:8], 2 * array[2:6, 4:8])


def test_sums_over_tiles_are_those_over_the_image():
    image = np.random.default_rng(0).random((97, 130))
    tiles = lay_tiles(97, 130, 61, LAYERS)
    whole = tensor(image)

    def sums_of(crop, mask):
        return keras.ops.sum(keras.ops.cast(mask.pixels, DTYPE) * crop(whole)), ()

    total, empty = sum_over_tiles(tiles, (tensor(0), ()), sums_of)
    assert float(total) == pytest.approx(image.sum())
    assert empty == ()
    assert tile_at(tiles, 0)[0].size == tiles.size
