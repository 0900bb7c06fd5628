import cv2
import numpy as np
import pytest

from vidstyle.motion.camera import camera_flow, fit_camera_motion

H, W = 96, 128


def texture(seed=0, height=H + 40, width=W + 40):
    """Soft blobs of several sizes, [H, W] uint8."""
    draw = np.random.default_rng(seed)
    layers = [
        cv2.GaussianBlur(draw.normal(size=(height, width)), (0, 0), sigma) * sigma for sigma in (1.5, 3, 8)
    ]
    image = sum(layers)
    return np.clip(128 + 40 * image / image.std(), 0, 255).astype(np.uint8)


def seen_through(scene, homography):
    """Target image: a point at p in the middle of a scene is at homography(p) here."""
    shift = np.array([[1, 0, 20], [0, 1, 20], [0, 0, 1]], np.float64)
    to_scene = shift @ np.linalg.inv(homography)
    return cv2.warpPerspective(scene, to_scene, (W, H), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)


def true_flow(homography):
    y, x = np.mgrid[:H, :W].astype(np.float64)
    points = np.stack([x, y, np.ones_like(x)], axis=-1) @ np.asarray(homography).T
    return points[..., :2] / points[..., 2:] - np.stack([x, y], axis=-1)


MOVES = {
    "pan": [[1, 0, 2.3], [0, 1, -1.4], [0, 0, 1]],
    "zoom": [[1.02, 0, -1.2], [0, 1.02, -1], [0, 0, 1]],
    "turn": [[0.9998, -0.02, 1.0], [0.02, 0.9998, -1.2], [0, 0, 1]],
    "tilt": [[1, 0, 0.5], [0, 1, 0.5], [1e-4, 5e-5, 1]],
}


@pytest.mark.parametrize("move", MOVES)
def test_camera_motion_is_found_within_a_tenth_of_a_pixel(move):
    scene, homography = texture(), np.array(MOVES[move], np.float64)
    origin, target = seen_through(scene, np.eye(3)), seen_through(scene, homography)
    flow = camera_flow(origin, target)
    error = np.linalg.norm(flow - true_flow(homography), axis=-1)
    assert np.median(error) < 0.1
    assert flow.dtype == np.float32


def test_still_camera_has_a_flow_of_exactly_zero():
    draw = np.random.default_rng(1)
    still = seen_through(texture(), np.eye(3)).astype(np.float64)
    grainy = [np.clip(still + draw.normal(0, 2, still.shape), 0, 255).astype(np.uint8) for _ in range(2)]
    assert not camera_flow(*grainy).any()


def test_image_without_texture_has_no_camera_motion():
    plain = np.full((H, W), 90, np.uint8)
    flow = camera_flow(plain, plain)
    assert flow is None or not flow.any()


def test_camera_motion_replaces_a_fluctuating_flow():
    scene, homography = texture(), np.array(MOVES["pan"], np.float64)
    origin, target = seen_through(scene, np.eye(3)), seen_through(scene, homography)
    truth = true_flow(homography)
    dense = (truth + np.random.default_rng(2).normal(0, 0.1, truth.shape)).astype(np.float32)
    flow, replaced = fit_camera_motion(origin, target, dense)
    assert replaced[12:-12, 12:-12].mean() > 0.9
    assert np.abs(flow - truth)[replaced].mean() < 0.5 * np.abs(dense - truth)[replaced].mean()
    np.testing.assert_array_equal(flow[~replaced], dense[~replaced])


def test_moving_object_keeps_its_own_flow():
    scene = texture()
    origin = seen_through(scene, np.eye(3))
    target = origin.copy()
    origin[30:62, 40:72] = texture(7)[:32, :32]
    target[30:62, 44:76] = texture(7)[:32, :32]
    dense = np.zeros((H, W, 2), np.float32)
    dense[30:62, 40:72] = (4, 0)
    flow, replaced = fit_camera_motion(origin, target, dense)
    np.testing.assert_array_equal(flow[30:62, 40:72], dense[30:62, 40:72])
    assert not replaced[30:62, 40:72].any()
    assert replaced[:20].all()
    assert not flow[:20].any()
