import cv2
import numpy as np
import pytest
from PIL import Image
from support.clips import STARRY

from vidstyle.imaging.oklab import to_oklab
from vidstyle.imaging.recolor import (
    color_statistics,
    match_colors,
    match_lightness,
    recolor,
    transfer_chroma,
)

draw = np.random.default_rng(4)
PAINTED, SOURCE = draw.random((2, 12, 9, 3), np.float32)


def test_painting_gets_the_chroma_of_its_source_and_keeps_its_lightness():
    near = 0.5 + 0.1 * (SOURCE - 0.5), 0.5 + 0.1 * (PAINTED - 0.5)
    made = to_oklab(transfer_chroma(near[1], near[0]))
    np.testing.assert_allclose(made[..., 0], to_oklab(near[1])[..., 0], atol=1e-3)
    np.testing.assert_allclose(made[..., 1:], to_oklab(near[0])[..., 1:], atol=1e-3)


def test_colour_out_of_gamut_keeps_lightness_and_hue():
    made, source = to_oklab(transfer_chroma(PAINTED, SOURCE)), to_oklab(SOURCE)
    np.testing.assert_allclose(made[..., 0], to_oklab(PAINTED)[..., 0], atol=6e-3)
    turned = made[..., 1] * source[..., 2] - made[..., 2] * source[..., 1]
    np.testing.assert_allclose(turned, 0, atol=3e-3)
    chroma = [np.hypot(lab[..., 1], lab[..., 2]) for lab in (made, source)]
    assert (chroma[0] <= chroma[1] + 5e-3).all()
    assert (chroma[0] < chroma[1] - 0.05).any()


def test_matched_colours_have_the_target_mean_and_covariance():
    mixing = np.array([[0.2, 0.05, 0], [0, 0.1, 0.02], [0.03, 0, 0.15]])
    style = (0.5 + 0.3 * (draw.random((40, 50, 3)) - 0.5)).astype(np.float32)
    source = (0.5 + (draw.random((30, 30, 3)) - 0.5) @ mixing.T).astype(np.float32)
    flat = match_colors(style, color_statistics([source])).reshape(-1, 3)
    np.testing.assert_allclose(flat.mean(axis=0), source.reshape(-1, 3).mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(
        np.cov(flat.T, bias=True), np.cov(source.reshape(-1, 3).T, bias=True), atol=1e-5
    )


def test_image_of_one_colour_is_matched():
    flat = np.full((4, 5, 3), 0.25, np.float32)
    np.testing.assert_allclose(match_colors(flat, color_statistics([flat + 0.5])), 0.75, atol=1e-5)
    assert np.isfinite(match_colors(SOURCE, color_statistics([flat]))).all()
    assert np.isfinite(match_lightness(flat, color_statistics([SOURCE]))).all()


def test_matched_grey_has_the_target_mean_and_deviation_of_lightness():
    calm = (0.5 + 0.3 * (SOURCE - 0.5)).astype(np.float32)
    light = to_oklab(match_lightness(PAINTED, color_statistics([calm])))[..., 0]
    expected = to_oklab(calm)[..., 0]
    assert light.mean() == pytest.approx(expected.mean(), abs=2e-3)
    assert light.std() == pytest.approx(expected.std(), abs=2e-3)


def test_statistics_of_several_images_are_those_of_all_their_pixels():
    several = color_statistics([PAINTED, SOURCE])
    flat = np.concatenate([PAINTED.reshape(-1, 3), SOURCE.reshape(-1, 3)])
    np.testing.assert_allclose(several.mean, flat.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(several.covariance, np.cov(flat.T, bias=True), atol=1e-6)


H, W = 96, 128


@pytest.fixture(scope="module")
def crop():
    """Crops [H, W, 3] of a painting, by the position of their corner."""
    scene = np.asarray(Image.open(STARRY).convert("RGB"), np.float32)[80:480, 100:600] / 255

    def crop_at(x, y):
        return cv2.resize(scene[y : y + 2 * H, x : x + 2 * W], (W, H), interpolation=cv2.INTER_AREA)

    return crop_at


def coarse(image):
    return cv2.GaussianBlur(image, (0, 0), 8)


def test_recolor_predicts_the_painting_where_it_is_unknown(crop):
    image = crop(40, 40)
    mixing = np.float32([[0.2, 0.1, 0.5], [0.1, 0.3, 0.2], [0.5, 0.2, 0.1]])
    painted = image @ mixing + 0.05
    mask = np.zeros((H, W), np.float32)
    mask[:, :80] = 1
    predicted = recolor(image, painted, mask)
    assert np.abs(coarse(predicted) - coarse(painted)).max() < 0.03
    assert predicted.min() >= 0
    assert predicted.max() <= 1


def test_recolor_keeps_detail_that_the_painting_lost(crop):
    image = crop(40, 40)
    painted = np.ascontiguousarray(image[::-1, ::-1])  # Its colours do not depend on the image's.
    predicted = recolor(image, painted, np.ones((H, W), np.float32))
    fine, wanted = (array - cv2.GaussianBlur(array, (0, 0), 3) for array in (predicted, image))
    assert np.corrcoef(fine.ravel(), wanted.ravel())[0, 1] > 0.9
    assert fine.std() == pytest.approx(wanted.std(), rel=0.3)


def test_recolor_with_an_empty_mask_changes_nothing(crop):
    image = crop(40, 40)
    np.testing.assert_array_equal(recolor(image, crop(120, 120), np.zeros((H, W), np.float32)), image)
