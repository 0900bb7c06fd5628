from pathlib import Path

import numpy as np
import pytest
from support.masks import FRAME, half, save

from vidstyle.options.style import Style, StyleOptions
from vidstyle.pipeline.plan.masks import open_masks


@pytest.fixture
def masked(tmp_path):
    """Masks of a photo, by planes: of its styles, of the whole, of the protected region."""

    def make(*planes, **options):
        styles = []
        for number, plane in enumerate(planes):
            mask = None if plane is None else save(tmp_path / f"{number}.png", plane)
            styles.append(Style(Path("style.png"), mask=mask))
        paths = {name: save(tmp_path / f"{name}.png", plane) for name, plane in options.items()}
        return open_masks(styles, StyleOptions(**paths), FRAME, None, 1)

    return make


def test_absent_masks_are_one_region(masked):
    masks = masked(None, None)
    assert (masks.regions(0), masks.cover(0), masks.protected(0)) == ([None], None, None)
    assert not masks.moves


def test_style_without_mask_covers_the_rest(masked):
    first, rest = masked(half(0.75), None).regions(0)
    np.testing.assert_allclose(first, half(0.75), atol=2e-3)
    np.testing.assert_allclose(rest, half(0.25, 1), atol=2e-3)
    np.testing.assert_allclose(masked(half(0.75), None).cover(0), 1, atol=1e-6)


def test_cover_is_the_union_of_masks(masked):
    np.testing.assert_allclose(masked(half()).cover(0), half(), atol=1e-6)


def test_overlapping_regions_share_their_pixels(masked):
    both = masked(half(1, 1), half(1, 0)).regions(0)
    np.testing.assert_allclose(both[0], half(0.5, 1), atol=1e-6)
    np.testing.assert_allclose(both[1], half(0.5, 0), atol=1e-6)


def test_mask_of_whole_bounds_each_region(masked):
    top = np.zeros((32, 48))
    top[:16] = 1
    masks = masked(half(), None, mask=top)
    np.testing.assert_allclose(masks.regions(0)[0], half() * top, atol=1e-6)
    np.testing.assert_allclose(masks.cover(0), top, atol=1e-6)
    np.testing.assert_allclose(masked(None, mask=top).regions(0)[0], top, atol=1e-6)


def test_protected_region_is_read(masked):
    np.testing.assert_allclose(masked(None, protect=half()).protected(0), half(), atol=1e-6)


def test_scaled_mask_is_noted_once(masked):
    assert len(masked(np.ones((64, 96)), None).notes) == 1
