from itertools import pairwise

import numpy as np
import pytest
from support.textures import PAN, STILL, smooth_noise

from vidstyle.motion.fill import fill, plan_filling
from vidstyle.motion.flow import Motion, find_dense_flows, find_motion
from vidstyle.motion.keyframes import motions_to_ends

H, W, _ = STILL[0].shape
IMAGE = STILL[0] / 255


def still(visible=1.0):
    """No motion, of pixels that are visible by so much."""
    shares = np.broadcast_to(np.float32(visible), (H, W)).copy()
    return Motion(np.zeros((H, W, 2), np.float32), shares, shares)


def halves():
    """Motion relative to two keyframes of which the first shows the left half, the second the right one."""
    left = np.arange(W) < W // 2
    return still(left), still(~left)


def planned(motions, position=0.25, content=IMAGE, ends=(IMAGE, IMAGE)):
    return plan_filling(content, ends, motions, position)


@pytest.fixture(scope="module")
def paintings():
    return smooth_noise(5) / 255, smooth_noise(6) / 255


@pytest.mark.parametrize("position", [0.1, 0.5, 0.9])
def test_still_film_between_equal_paintings_is_that_painting(paintings, position):
    found = find_motion(IMAGE, IMAGE)
    filling = planned((found, found), position)
    filled = fill(filling, IMAGE, (paintings[0], paintings[0]))
    np.testing.assert_array_equal(filled, paintings[0])
    assert filled.dtype == np.float32
    assert filling.unseen_share == 0
    assert filling.source_error == 0


@pytest.mark.parametrize(
    ("position", "weights"), [(0.25, (0.75, 0.25)), (0.5, (0.5, 0.5)), (0.75, (0.25, 0.75))]
)
def test_painting_turns_from_one_into_the_other_where_both_show_a_place(paintings, position, weights):
    filled = fill(planned((still(), still()), position), IMAGE, paintings)
    expected = weights[0] * paintings[0] + weights[1] * paintings[1]
    np.testing.assert_allclose(filled, expected, atol=1e-6)


def test_place_seen_by_one_keyframe_alone_comes_from_it(paintings):
    filling = planned(halves())
    filled, middle = fill(filling, IMAGE, paintings), W // 2
    np.testing.assert_allclose(filled[:, : middle - 8], paintings[0][:, : middle - 8], atol=1e-6)
    np.testing.assert_allclose(filled[:, middle + 8 :], paintings[1][:, middle + 8 :], atol=1e-6)
    assert filling.unseen_share == 0


def test_small_difference_in_what_they_show_leaves_the_blend(paintings):
    filled = fill(planned((still(1.0), still(0.7))), IMAGE, paintings)
    np.testing.assert_allclose(filled, 0.75 * paintings[0] + 0.25 * paintings[1], atol=1e-6)


def test_place_that_neither_shows_changes_as_the_source_in_the_contrast_of_the_painting():
    visible = np.ones((H, W), np.float32)
    visible[20:40, 30:60] = 0
    content = IMAGE.copy()
    content[20:40, 30:60] += 0.1
    content[:10] += 0.1  # Which the keyframes show: it is painted as it was.
    painting = 0.25 + 0.5 * IMAGE
    filling = planned((still(visible), still(visible)), content=content)
    filled = fill(filling, content, (painting, painting))
    gain = painting.std(axis=(0, 1)) / content.std(axis=(0, 1))
    assert 0.4 < gain.min() < gain.max() < 0.6
    hidden = np.s_[20:40, 30:60]
    expected = np.broadcast_to(gain * np.float32(0.1), (20, 30, 3))
    np.testing.assert_allclose(filled[hidden] - painting[hidden], expected, atol=1e-5)
    seen = visible > 0
    np.testing.assert_array_equal(filled[seen], painting[seen])


def test_unseen_share_is_that_of_neither_keyframe():
    visible = np.zeros((H, W), np.float32)
    visible[:, : W // 4] = 1
    assert planned((still(visible), still(0))).unseen_share == pytest.approx(0.75)
    visible[:, W // 4 : W // 2] = 0.25  # Half of what makes it seen in full.
    assert planned((still(0), still(visible))).unseen_share == pytest.approx(0.625)
    assert planned((still(0), still(0))).unseen_share == 1
    assert planned(halves()).unseen_share == 0


def test_source_error_is_that_of_what_is_seen():
    visible = np.ones((H, W), np.float32)
    visible[:32] = 0
    content = IMAGE.copy()
    content[:32] += 0.3  # Unseen.
    content[32:48] += 0.1  # Half of what is seen.
    filling = planned((still(visible), still(visible)), content=content)
    assert filling.source_error == pytest.approx(0.5 * 0.1**2, rel=1e-4)
    assert planned((still(0), still(0)), content=content).source_error == 0


def test_source_is_blended_as_the_painting_is():
    filling = planned((still(), still()), 0.25, ends=(IMAGE, IMAGE + 0.2))
    assert filling.source_error == pytest.approx((0.25 * 0.2) ** 2, rel=1e-4)
    np.testing.assert_allclose(filling.change, -0.05, atol=1e-6)


@pytest.mark.parametrize("now", [2, 4, 6])
def test_moving_texture_is_filled_as_it_moves(now):
    span = list(PAN[:9] / 255)
    first, last, true = span[0], span[8], span[now]
    flows = [find_dense_flows(before, after) for before, after in pairwise(span)]
    filling = planned(motions_to_ends(span, flows, now), now / 8, true, (first, last))
    difference = np.abs(fill(filling, true, (1 - first, 1 - last)) - (1 - true))
    assert difference.mean() < 0.0015
    # It is revealed at the right, and leaves at the left: either is seen by one of them alone.
    assert difference.max() < 0.06
    assert filling.unseen_share < 0.001
    assert filling.source_error < 2e-5
    faded = (1 - now / 8) * (1 - first) + now / 8 * (1 - last)
    assert np.abs(faded - (1 - true)).mean() > 0.04
