import numpy as np
import pytest

from vidstyle.imaging.oklab import to_oklab
from vidstyle.imaging.recolor import color_statistics, match_colors, match_lightness, transfer_chroma

draw = np.random.default_rng(4)
PAINTED, SOURCE = draw.random((2, 12, 9, 3), np.float32)


def test_a_painting_gets_the_chroma_of_its_source_and_keeps_its_lightness():
    near = 0.5 + 0.1 * (SOURCE - 0.5), 0.5 + 0.1 * (PAINTED - 0.5)
    made = to_oklab(transfer_chroma(near[1], near[0]))
    np.testing.assert_allclose(made[..., 0], to_oklab(near[1])[..., 0], atol=1e-3)
    np.testing.assert_allclose(made[..., 1:], to_oklab(near[0])[..., 1:], atol=1e-3)


def test_a_colour_that_cannot_be_shown_keeps_lightness_and_hue():
    made, source = to_oklab(transfer_chroma(PAINTED, SOURCE)), to_oklab(SOURCE)
    np.testing.assert_allclose(made[..., 0], to_oklab(PAINTED)[..., 0], atol=6e-3)
    turned = made[..., 1] * source[..., 2] - made[..., 2] * source[..., 1]
    np.testing.assert_allclose(turned, 0, atol=3e-3)
    chroma = [np.hypot(lab[..., 1], lab[..., 2]) for lab in (made, source)]
    assert (chroma[0] <= chroma[1] + 5e-3).all()
    assert (chroma[0] < chroma[1] - 0.05).any()


def test_matched_colours_have_the_mean_and_the_covariance_of_the_palette():
    mixing = np.array([[0.2, 0.05, 0], [0, 0.1, 0.02], [0.03, 0, 0.15]])
    style = (0.5 + 0.3 * (draw.random((40, 50, 3)) - 0.5)).astype(np.float32)
    source = (0.5 + (draw.random((30, 30, 3)) - 0.5) @ mixing.T).astype(np.float32)
    flat = match_colors(style, color_statistics([source])).reshape(-1, 3)
    np.testing.assert_allclose(flat.mean(axis=0), source.reshape(-1, 3).mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(
        np.cov(flat.T, bias=True), np.cov(source.reshape(-1, 3).T, bias=True), atol=1e-5
    )


def test_a_picture_of_one_colour_is_matched_without_a_fault():
    flat = np.full((4, 5, 3), 0.25, np.float32)
    np.testing.assert_allclose(match_colors(flat, color_statistics([flat + 0.5])), 0.75, atol=1e-5)
    assert np.isfinite(match_colors(SOURCE, color_statistics([flat]))).all()
    assert np.isfinite(match_lightness(flat, color_statistics([SOURCE]))).all()


def test_matched_grey_has_the_mean_and_the_deviation_of_the_palettes_lightness():
    calm = (0.5 + 0.3 * (SOURCE - 0.5)).astype(np.float32)
    light = to_oklab(match_lightness(PAINTED, color_statistics([calm])))[..., 0]
    expected = to_oklab(calm)[..., 0]
    assert light.mean() == pytest.approx(expected.mean(), abs=2e-3)
    assert light.std() == pytest.approx(expected.std(), abs=2e-3)


def test_a_palette_of_several_pictures_is_that_of_all_their_pixels():
    several = color_statistics([PAINTED, SOURCE])
    flat = np.concatenate([PAINTED.reshape(-1, 3), SOURCE.reshape(-1, 3)])
    np.testing.assert_allclose(several.mean, flat.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(several.covariance, np.cov(flat.T, bias=True), atol=1e-6)
