import cv2
import numpy as np
import pytest

from vidstyle.motion.flow import Motion
from vidstyle.motion.stability import Stability, detail, sharpness, warping_error


def motion(trust, dx=0.0):
    flow = np.zeros((*trust.shape, 2), np.float32)
    flow[..., 0] = dx
    return Motion(flow, trust.astype(np.float32), np.ones(trust.shape, np.float32))


def test_warping_error_is_the_mean_square_weighted_by_trust():
    before = np.zeros((4, 6, 3), np.float32)
    now = before.copy()
    now[:2, :, 0] = 0.3  # Trusted in full.
    now[2:, :, 1] = 0.9  # A quarter.
    trust = np.repeat([1, 1, 0.25, 0.25], 6).reshape(4, 6)
    assert warping_error(before, now, motion(trust)) == pytest.approx((12 * 0.09 + 3 * 0.81) / (3 * 15))


def test_previous_frame_is_warped_along_the_flow():
    ramp = np.tile(np.linspace(0, 1, 24, dtype=np.float32)[None, :, None], (16, 1, 3))
    before, now = ramp[:, :20], ramp[:, 3:23]
    assert warping_error(before, now, motion(np.ones((16, 20)))) == pytest.approx((3 / 23) ** 2, rel=1e-3)
    trust = np.ones((16, 20))
    trust[:, 12:] = 0  # What comes from outside, or is sampled near it.
    assert warping_error(before, now, motion(trust, dx=3)) < 1e-9


def test_warping_error_without_trust_is_none():
    frame = np.zeros((4, 4, 3), np.float32)
    assert warping_error(frame, frame + 1, motion(np.zeros((4, 4)))) is None


def test_frames_are_compared_at_the_given_distances():
    source = np.zeros((8, 8, 3), np.float32)
    errors_of = [
        stability.add(source, np.full_like(source, level))
        for stability in [Stability((1, 3))]
        for level in (0.0, 0.1, 0.3, 0.6, 1.0)
    ]
    near = [errors[0] and errors[0].result for errors in errors_of]
    far = [errors[1] and errors[1].result for errors in errors_of]
    assert near == [None, *(pytest.approx(step**2, rel=1e-5) for step in (0.1, 0.2, 0.3, 0.4))]
    assert far == [None, None, None, pytest.approx(0.36), pytest.approx(0.81)]
    assert {errors[0].source for errors in errors_of[1:]} == {0}


def test_memory_is_bounded_by_the_longest_distance():
    stability, frame = Stability((1, 3)), np.zeros((8, 8, 3), np.float32)
    for _ in range(6):
        stability.add(frame, frame)
    assert len(stability._before) == 3


def test_sharpness_is_the_variance_of_the_laplacian():
    image = np.random.default_rng(1).random((12, 9, 3)).astype(np.float32)
    luma = np.pad(image @ np.float32([0.299, 0.587, 0.114]), 1, mode="reflect")
    laplacian = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * luma[1:-1, 1:-1]
    assert sharpness(image) == pytest.approx(laplacian.var(), rel=1e-4)
    assert sharpness(np.full_like(image, 0.5)) == pytest.approx(0, abs=1e-9)


def test_detail_falls_with_blur_and_not_with_darkness():
    image = np.random.default_rng(1).random((40, 30, 3)).astype(np.float32)
    assert detail(0.3 * image + 0.1) == pytest.approx(detail(image), rel=1e-3)
    assert detail(cv2.GaussianBlur(image, (0, 0), 1.0)) < 0.5 * detail(image)
    assert detail(np.full_like(image, 0.5)) == 0
