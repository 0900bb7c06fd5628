import numpy as np
import pytest

from vidstyle.neural.windows import CELL_PX, MAX_SHARE, Window, find_new, freedom, lay_windows


def new_at(size, *places):
    """Mark places (row, column, height, width) of an image as new."""
    share = np.zeros(size, np.float32)
    for row, column, height, width in places:
        share[row : row + height, column : column + width] = 1
    return find_new(share)


def covered(windows, size):
    found = np.zeros(size, bool)
    for window in windows:
        found[window.slices] = True
    return found


def test_nothing_new_needs_no_window():
    assert lay_windows(new_at((600, 800))) == ()


def test_speck_that_no_stroke_fits_into_is_not_new():
    assert not new_at((600, 800), (300, 400, 4, 4)).any()


def test_window_holds_all_that_is_new_with_a_margin():
    new = new_at((600, 800), (200, 300, 60, 40))
    (window,) = lay_windows(new)
    rows, columns = (np.flatnonzero(new.any(axis=axis)) for axis in (1, 0))
    assert window.row <= rows[0] - 24
    assert window.row + window.height >= rows[-1] + 24
    assert window.column <= columns[0] - 24
    assert window.column + window.width >= columns[-1] + 24


@pytest.mark.parametrize("size", [(600, 800), (577, 771)])
def test_windows_lie_on_the_grid_and_in_the_image(size):
    height, width = size
    new = new_at(size, (0, 0, 40, 40), (height - 30, width - 30, 30, 30), (300, 0, 40, 20))
    windows = lay_windows(new)
    assert covered(windows, size)[new].all()
    for window in windows:
        assert window.row % CELL_PX == window.column % CELL_PX == 0
        assert window.row + window.height <= height
        assert window.column + window.width <= width


def test_windows_of_many_sizes_have_few_shapes():
    shapes = set()
    for side in range(20, 120, 4):
        (window,) = lay_windows(new_at((600, 800), (200, 300, side, 40)))
        shapes.add((window.height, window.width))
    assert len(shapes) <= 4


def test_neighbours_share_a_window_and_distant_places_do_not():
    assert len(lay_windows(new_at((600, 800), (200, 300, 40, 40), (200, 360, 40, 40)))) == 1
    assert len(lay_windows(new_at((600, 800), (60, 60, 40, 40), (460, 660, 40, 40)))) == 2


def test_largest_window_comes_first():
    windows = lay_windows(new_at((600, 800), (60, 60, 20, 20), (300, 400, 120, 150)))
    assert windows[0].pixels > windows[1].pixels


def test_image_of_which_too_much_is_new_has_no_windows():
    assert lay_windows(new_at((600, 800), (0, 0, int(600 * MAX_SHARE), 800))) == ()


def test_pixels_are_free_where_they_are_new_and_held_at_the_window_s_border():
    new = new_at((600, 800), (200, 300, 60, 40))
    (window,) = lay_windows(new)
    free = freedom(window, new)
    assert free.shape == (window.height, window.width)
    assert (free[new[window.slices]] == 1).all()
    assert free[0].max() == free[-1].max() == free[:, 0].max() == free[:, -1].max() == 0
    assert np.abs(np.diff(free, axis=0)).max() < 0.25  # No step that would show.


def test_window_indexes_its_pixels():
    image = np.arange(12 * 10).reshape(12, 10)
    assert np.array_equal(image[Window(4, 2, 3, 5).slices], image[4:7, 2:7])
