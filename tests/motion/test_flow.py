import cv2
import numpy as np
import pytest
from PIL import Image
from support.clips import STARRY

from vidstyle.motion.flow import (
    FlowPair,
    compose,
    compose_pairs,
    estimate_trust,
    find_dense_flows,
    find_flows,
    find_motion,
    make_consistent,
    optical_flow,
)
from vidstyle.motion.warp import warp
from vidstyle.options.values import FlowMethod

H, W = 96, 128


@pytest.fixture(scope="module")
def scene():
    """A textured photo, larger than the frames cut from it."""
    return np.asarray(Image.open(STARRY).convert("RGB"), np.float32)[80:480, 100:600] / 255


def frame(scene, x, y):
    """View of a camera whose upper left corner is at (x, y) of a scene twice as fine, in frame pixels."""
    left, top = round(2 * x), round(2 * y)
    return cv2.resize(scene[top : top + 2 * H, left : left + 2 * W], (W, H), interpolation=cv2.INTER_AREA)


def constant(dx, dy, height=H, width=W):
    return np.broadcast_to(np.float32([dx, dy]), (height, width, 2)).copy()


def inner(array, margin=12):
    return array[margin:-margin, margin:-margin]


def with_square(scene, x, colour=0.9):
    """A frame with a plain square of 32 pixels in front, its left edge at x."""
    image = frame(scene, 20, 20)
    image[32:64, x : x + 32] = colour
    return image


@pytest.mark.parametrize("method", [FlowMethod.DIS, FlowMethod.FARNEBACK])
@pytest.mark.parametrize(("dx", "dy"), [(2, 0), (-3, 1), (0.5, -1.5), (-4.5, 2.5)])
def test_camera_motion_is_found_within_a_tenth_of_a_pixel(scene, method, dx, dy):
    # The camera goes from (20 + dx, 20 + dy) to (20, 20): a point at x now was at x - dx.
    previous, current = frame(scene, 20 + dx, 20 + dy), frame(scene, 20, 20)
    flow = find_motion(previous, current, method).backward_flow
    assert flow.shape == (H, W, 2)
    assert flow.dtype == np.float32
    error = np.linalg.norm(inner(flow) - (-dx, -dy), axis=-1)
    assert np.median(error) < 0.1
    # The sign is the one that carries the previous frame here.
    carried = inner(np.abs(warp(previous, flow) - current).mean(axis=-1))
    stayed = inner(np.abs(previous - current).mean(axis=-1))
    assert carried.mean() < 0.3 * stayed.mean()


def test_dense_flow_leads_from_the_first_image_to_the_second(scene):
    images = [
        np.rint(cv2.cvtColor(frame(scene, x, 20), cv2.COLOR_RGB2GRAY) * 255).astype(np.uint8)
        for x in (20, 23)
    ]
    for method in (FlowMethod.DIS, FlowMethod.FARNEBACK):
        flow = optical_flow(*images, method)
        # The camera went right by 3, so that things went left.
        assert np.median(np.linalg.norm(inner(flow) - (-3, 0), axis=-1)) < 0.2


def test_object_moving_in_a_still_scene_is_followed(scene):
    previous, current = with_square(scene, 40), with_square(scene, 44)
    flow = find_motion(previous, current).backward_flow
    edge = flow[36:60, 45:47]  # Its left edge, seen against the scene.
    assert np.median(edge[..., 0]) == pytest.approx(-4, abs=1)
    assert np.abs(flow[:16]).max() < 0.1


def test_area_revealed_by_a_moving_object_is_not_trusted(scene):
    previous, current = with_square(scene, 40), with_square(scene, 52)
    motion = find_motion(previous, current)
    uncovered = np.s_[38:58, 43:49]
    assert motion.trust[uncovered].mean() < 0.2
    assert motion.visible[uncovered].mean() < 0.4
    assert motion.trust[:20].mean() > 0.98  # Far from it.


def test_area_revealed_at_the_border_is_not_trusted_and_the_rest_is(scene):
    previous, current = frame(scene, 20, 20), frame(scene, 26, 20)  # The camera goes right.
    motion = find_motion(previous, current)
    for mask in (motion.trust, motion.visible):
        assert mask[:, -4:].max() < 0.1
        assert mask[:, -6:].mean() < 0.3
    middle = motion.trust[20:-20, 20:-20]
    assert np.median(middle) == pytest.approx(1, abs=1e-5)
    assert middle.mean() > 0.95


def test_pan_is_warped_to_where_the_scene_is(scene):
    image = carried = frame(scene, 40, 40)
    y, x = np.mgrid[:H, :W].astype(np.float32)
    rounded = image
    for _ in range(30):
        carried = warp(carried, constant(0.2, 0.1))
        rounded = cv2.remap(rounded, x + 0.2, y + 0.1, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    truth = frame(scene, 46, 43)
    assert np.square(inner(carried - truth)).mean() < 0.8 * np.square(inner(rounded - truth)).mean()


def test_slow_pan_reveals_a_fraction_of_each_border_pixel(scene):
    flow = constant(0.3, 0)
    before = frame(scene, 20, 20)
    motion = estimate_trust(FlowPair(flow, -flow), before, warp(before, flow))
    np.testing.assert_allclose(motion.visible[20:-20, -1], 0.7, atol=0.02)
    np.testing.assert_allclose(motion.visible[20:-20, -2], 1, atol=0.02)


def test_still_scene_is_trusted_to_its_border(scene):
    image = frame(scene, 20, 20)
    motion = find_motion(image, image)
    assert not motion.backward_flow.any()
    np.testing.assert_allclose(motion.trust, 1, atol=1e-6)
    np.testing.assert_allclose(motion.visible, 1, atol=1e-6)


def test_grain_on_a_still_scene_is_not_motion(scene):
    noise = np.random.default_rng(0).normal(0, 0.01, (2, H, W, 3))
    first, second = (np.clip(frame(scene, 20, 20) + n, 0, 1).astype(np.float32) for n in noise)
    motion = find_motion(first, second)
    assert np.abs(motion.backward_flow).max() < 0.1
    assert motion.trust.mean() > 0.99
    assert motion.visible.mean() > 0.99


def test_another_scene_is_not_visible(scene):
    motion = find_motion(frame(scene, 20, 20), 1 - frame(scene, 100, 90))
    assert motion.visible.mean() < 0.3


def test_area_where_a_light_goes_on_is_not_visible(scene):
    before = frame(scene, 20, 20)
    now = before.copy()
    now[30:60, 40:80] = np.clip(now[30:60, 40:80] + 0.4, 0, 1)
    motion = find_motion(before, now)
    assert motion.visible[38:52, 48:72].mean() < 0.3
    assert motion.visible[:20].mean() > 0.98


def test_inconsistent_flows_are_not_trusted(scene):
    image = frame(scene, 20, 20)
    backward, forward = constant(2, 0), constant(-2, 0)
    assert inner(estimate_trust(FlowPair(backward, forward), image, image).trust).min() == pytest.approx(1)
    forward[40:60, 50:80] = (3, 0)  # There and back leads 5 pixels away.
    trust = estimate_trust(FlowPair(backward, forward), image, image).trust
    assert trust[44:56, 54:74].max() == pytest.approx(0, abs=1e-5)
    assert trust[10:30, 20:100].min() == pytest.approx(1)


def test_motion_boundary_is_not_trusted_but_visible(scene):
    image = frame(scene, 20, 20)
    # A step of half a pixel, too small to contradict itself.
    backward = constant(0, 0)
    backward[:, 64:] = (0.5, 0)
    motion = estimate_trust(FlowPair(backward, -backward), image, warp(image, backward))
    assert motion.trust[20:-20, 63:65].max() < 0.5
    assert motion.visible[20:-20, 63:65].min() > 0.9
    background = np.ones((H, W), bool)  # One motion for all has no edges.
    smooth = estimate_trust(FlowPair(backward, -backward, background), image, warp(image, backward))
    assert smooth.trust[20:-20, 63:65].min() == pytest.approx(1)


@pytest.mark.parametrize("size", [(8, 200), (15, 15), (16, 16), (17, 31), (1, 1)])
def test_frames_of_any_size_have_a_motion(size):
    draw = np.random.default_rng(0)
    motion = find_motion(draw.random((*size, 3), np.float32), draw.random((*size, 3), np.float32))
    assert motion.backward_flow.shape == (*size, 2)
    assert motion.trust.shape == motion.visible.shape == size
    for mask in (motion.trust, motion.visible):
        assert mask.min() >= 0
        assert mask.max() <= 1 + 1e-6
    assert np.isfinite(motion.backward_flow).all()


def test_plain_frame_has_no_motion():
    plain = np.full((48, 64, 3), 0.5, np.float32)
    motion = find_motion(plain, plain + np.float32(0.01))
    assert np.abs(motion.backward_flow).max() < 0.1
    assert motion.trust.min() == pytest.approx(1)


def test_two_flows_are_composed_into_one():
    first, second = constant(2, -1), constant(-5, 3)
    np.testing.assert_allclose(inner(compose(first, second)), inner(constant(-3, 2)), atol=1e-6)
    # The second is read where the first leads.
    second[..., 0] = np.arange(W)
    both = compose(constant(4, 0), second)
    np.testing.assert_allclose(both[10, 10:100, 0], 4 + np.arange(14, 104), atol=1e-4)


def test_composed_flow_that_leaves_the_image_stays_outside():
    both = compose(constant(-10, 0), constant(10, 0))
    assert (np.arange(W)[:9] + both[5, :9, 0] < -0.5).all()
    np.testing.assert_allclose(both[5, 12:], 0, atol=1e-6)


def test_pairs_are_composed_in_both_directions():
    first, second = FlowPair(constant(-2, 0), constant(2, 0)), FlowPair(constant(-3, 1), constant(3, -1))
    both = compose_pairs(first, second)
    np.testing.assert_allclose(inner(both.backward), inner(constant(-5, 1)), atol=1e-5)
    np.testing.assert_allclose(inner(both.forward), inner(constant(5, -1)), atol=1e-5)


def test_forward_flow_that_disagrees_by_a_fraction_becomes_the_inverse_of_the_backward_one():
    pair = make_consistent(FlowPair(constant(-2, 0.5), constant(2.3, -0.4)))
    np.testing.assert_array_equal(pair.backward, constant(-2, 0.5))
    np.testing.assert_allclose(inner(pair.forward), inner(constant(2, -0.5)), atol=1e-3)


def test_forward_flow_that_contradicts_the_backward_one_stays():
    forward = constant(9, 0)
    np.testing.assert_allclose(
        make_consistent(FlowPair(constant(-2, 0), forward)).forward, forward, atol=1e-3
    )


def test_inverse_of_a_real_flow_returns_to_each_pixel(scene):
    flows = find_flows(frame(scene, 20, 20), frame(scene, 23, 21.5))

    def returning(pair):
        return np.abs(inner(compose(pair.forward, pair.backward), 16)).mean()

    assert returning(make_consistent(flows)) < 0.1 * returning(flows) + 1e-4


def test_dense_flow_is_near_that_with_the_cameras(scene):
    images = frame(scene, 20, 20), frame(scene, 22, 21)
    for one, other in zip(find_dense_flows(*images)[:2], find_flows(*images)[:2], strict=True):
        assert np.abs(inner(one - other)).mean() < 0.2


def test_dense_flow_of_a_still_scene_is_zero(scene):
    still = frame(scene, 20, 20)
    assert not any(flow.any() for flow in find_dense_flows(still, still.copy())[:2])
