import cv2
import numpy as np
import pytest
from PIL import Image
from support.clips import STARRY

from vidstyle.motion.sampling import warp_lanczos
from vidstyle.motion.warp import warp as warp_exactly
from vidstyle.motion.warp import warp_preserving_detail

H, W = 96, 128


@pytest.fixture(scope="module")
def image():
    with Image.open(STARRY) as painting:
        return np.asarray(painting.convert("RGB").resize((W, H)), np.float32) / 255


def constant(dx, dy, height=H, width=W):
    return np.broadcast_to(np.float32([dx, dy]), (height, width, 2)).copy()


def inner(array, margin=12):
    return array[margin:-margin, margin:-margin]


@pytest.fixture(params=[warp_exactly, warp_lanczos])
def warp(request):
    return request.param


@pytest.mark.parametrize(("dx", "dy"), [(3, -2), (-7, 0), (0, 0)])
def test_warp_by_whole_pixels_moves_them_unchanged(image, warp, dx, dy):
    warped = warp(image, constant(dx, dy))
    for y, x in [(20, 30), (48, 64), (70, 100)]:
        np.testing.assert_allclose(warped[y, x], image[y + dy, x + dx], atol=1e-6)
    np.testing.assert_allclose(inner(warped), inner(np.roll(image, (-dy, -dx), axis=(0, 1))), atol=1e-6)


def test_warp_by_a_fraction_of_a_pixel_samples_between_them(warp):
    def waves(x, y):
        return np.float32(0.5 + 0.2 * np.sin(0.31 * x + 0.11 * y) + 0.2 * np.cos(0.23 * y - 0.17 * x))

    y, x = np.mgrid[:H, :W]
    flow = np.stack([1.3 * np.sin(0.05 * y) + 0.4, 0.9 * np.cos(0.04 * x) - 0.7], axis=-1).astype(np.float32)
    expected = waves(x + flow[..., 0], y + flow[..., 1])
    np.testing.assert_allclose(inner(warp(waves(x, y), flow), 6), inner(expected, 6), atol=5e-3)


def test_warp_repeats_the_border_and_keeps_the_range(image, warp):
    edge = np.zeros((20, 30, 3), np.float32)
    edge[:, 15:] = 1  # Which a window with negative weights overshoots.
    warped = warp(edge, constant(0.5, 0.25, 20, 30))
    assert warped.min() == 0
    assert warped.max() == 1
    np.testing.assert_allclose(warp(image, constant(-W, 0))[:, 5], image[:, 0], atol=1e-6)


def test_mask_is_warped_like_an_image(image, warp):
    flow = constant(1.25, -0.5)
    np.testing.assert_allclose(warp(image[..., 1].copy(), flow), warp(image, flow)[..., 1], atol=0.02)
    assert warp(image[..., 1].copy(), flow).shape == (H, W)


@pytest.mark.parametrize("period_px", [20, 10, 5, 3.5, 2.5])
@pytest.mark.parametrize("shift", [0.5, 0.37, 0.1])
def test_detail_neither_fades_nor_grows_in_two_hundred_frames(period_px, shift):
    # Fine waves on broad ones, so that the range does not clip them; to and fro, so that they stay in view.
    x = np.arange(W)
    fine = np.exp(2j * np.pi * x / period_px)
    now = np.tile(np.float32(0.5 + 0.3 * np.sin(x / 20) + 0.02 * fine.real), (24, 1))

    def height(image):
        return abs((image[12, 32:96] - image[12, 32:96].mean()) @ (np.hanning(64) * fine[32:96].conj()))

    before = height(now)
    for frame in range(200):
        now = warp_exactly(now, constant(-shift if frame % 2 else shift, 0, 24))
    assert 0.7 < height(now) / before < 1.05


def test_pixels_without_motion_are_unchanged(image):
    flow = constant(0, 0)
    flow[40:, :, 0] = 0.3
    warped = warp_exactly(image, flow)
    np.testing.assert_array_equal(warped[:40], image[:40])
    assert np.abs(warped[40:] - image[40:]).max() > 0.05


@pytest.mark.parametrize("pan", [0.01, 0.013, -0.02, 0.1])
def test_slow_motion_is_followed_exactly(warp, pan):
    # Waves 12 pixels long, 30 times: their phase says how far they went.
    waves = np.tile(np.float32(0.5 + 0.3 * np.sin(np.arange(W) * (2 * np.pi / 12))), (48, 1))
    carried = waves
    for _ in range(30):
        carried = warp(carried, constant(pan, 0, 48))

    def phase(image):
        return np.angle(image[24, 16:112] @ np.exp(-2j * np.pi * np.arange(16, 112) / 12))

    gone_px = (phase(carried) - phase(waves)) * 12 / (2 * np.pi)
    assert gone_px == pytest.approx(30 * pan, rel=0.15)


def zoomed(image, warp, steps=40, growth=1.01):
    """Carried along by a camera that comes nearer by so much each time."""
    y, x = np.mgrid[:H, :W].astype(np.float32)
    flow = np.stack([(x - W / 2) * (1 / growth - 1), (y - H / 2) * (1 / growth - 1)], axis=-1)
    for _ in range(steps):
        image = warp(image, flow)
    return image


def energy(image):
    """Mean square of the Laplacian."""
    return float(np.square(cv2.Laplacian(image, cv2.CV_32F)).mean())


def test_zoom_in_is_sharpened_by_as_much_as_was_lost(image):
    trust = np.ones((H, W), np.float32)
    soft, kept, regained = (
        energy(zoomed(image, lambda now, flow, bias=bias: warp_preserving_detail(now, flow, trust, bias)))
        for bias in (-1, 0, 1)
    )
    assert soft == pytest.approx(energy(zoomed(image, warp_exactly)), rel=0.01)
    assert soft < 0.4 * energy(image)
    assert kept == pytest.approx(energy(image), rel=0.15)
    assert regained > 1.5 * energy(image)


def test_zoom_out_is_softened_according_to_bias(image):
    trust = np.zeros((H, W), np.float32)
    trust[2:-2, 2:-2] = 1  # The rest comes into view.
    softened, kept, left = (
        energy(
            zoomed(
                image, lambda now, flow, bias=bias: warp_preserving_detail(now, flow, trust, bias), 20, 0.99
            )
        )
        for bias in (-1, 0, 1)
    )
    assert softened < kept < left
    assert left == pytest.approx(energy(zoomed(image, warp_exactly, 20, 0.99)), rel=0.1)


def test_zoom_in_and_out_nearly_restores_an_image(image):
    trust = np.ones((H, W), np.float32)
    nearer = zoomed(image, lambda now, flow: warp_preserving_detail(now, flow, trust), 10)
    back = zoomed(nearer, lambda now, flow: warp_preserving_detail(now, flow, trust), 10, 1 / 1.01)
    np.testing.assert_allclose(inner(back, 24), inner(image, 24), atol=0.06)


def test_motion_without_loss_is_not_sharpened(image):
    trust = np.zeros((H, W), np.float32)
    trust[6:-6, 6:-6] = 1
    for flow in (constant(0, 0), constant(3, -2)):
        np.testing.assert_allclose(
            warp_preserving_detail(image, flow, trust, 1), warp_exactly(image, flow), atol=1e-5
        )
    flow = constant(0.4, 0.3)
    np.testing.assert_array_equal(
        warp_preserving_detail(image, flow, 0 * trust, 1), warp_exactly(image, flow)
    )


def test_plain_image_stays_plain():
    plain = np.full((H, W, 3), 0.5, np.float32)
    trust = np.ones((H, W), np.float32)
    np.testing.assert_allclose(warp_preserving_detail(plain, constant(0.3, 0.1), trust, 1), plain, atol=1e-5)
