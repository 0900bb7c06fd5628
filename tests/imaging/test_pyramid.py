import numpy as np
import pytest

from vidstyle.imaging.pyramid import HALVINGS, match_pyramid, mix_statistics, pyramid_statistics
from vidstyle.imaging.resize import resize

draw = np.random.default_rng(11)


def noise_image(height, width, mixing, mean=0.5):
    """Noise of several scales, of the given colours."""
    noise = sum(
        resize(draw.random((height // n, width // n, 3), np.float32), width, height) - 0.5 for n in (1, 3, 9)
    )
    return np.clip(mean + noise @ np.asarray(mixing, np.float32), 0, 1)


RED = [[0.12, 0.02, 0], [0.02, 0.03, 0], [0, 0, 0.02]]
BLUE = [[0.02, 0, 0], [0, 0.05, 0.02], [0, 0.02, 0.1]]


def test_matched_image_has_the_target_statistics_at_each_scale():
    source, style = noise_image(96, 120, RED, 0.4), noise_image(80, 144, BLUE, 0.6)
    wanted, made = (
        pyramid_statistics(style),
        pyramid_statistics(match_pyramid(source, pyramid_statistics(style))),
    )
    assert len(wanted.covariances) == HALVINGS
    np.testing.assert_allclose(made.mean, wanted.mean, atol=5e-3)
    for scale, covariance in zip(made.covariances, wanted.covariances, strict=False):
        before = np.abs(pyramid_statistics(source).covariances[0] - wanted.covariances[0]).max()
        assert np.abs(scale - covariance).max() < 0.25 * max(np.abs(covariance).max(), before)


def test_image_matched_to_itself_is_unchanged():
    source = noise_image(64, 64, RED)
    np.testing.assert_allclose(match_pyramid(source, pyramid_statistics(source)), source, atol=2e-3)


def test_edges_stay_where_they_are():
    source = np.zeros((64, 64, 3), np.float32) + 0.2
    source[:, 32:] = 0.7
    made = match_pyramid(source, pyramid_statistics(noise_image(64, 64, BLUE, 0.6)))
    edges = np.abs(np.diff(made.mean(axis=2), axis=1)).mean(axis=0)
    assert edges.argmax() == 31
    assert np.isfinite(made).all()


@pytest.mark.parametrize("size", [(1, 1), (7, 40), (16, 16), (33, 20)])
def test_images_of_any_size_are_matched(size):
    style = noise_image(90, 90, BLUE, 0.6)
    made = match_pyramid(draw.random((*size, 3), np.float32), pyramid_statistics(style))
    assert made.shape == (*size, 3)
    np.testing.assert_allclose(made.mean(axis=(0, 1)), style.mean(axis=(0, 1)), atol=0.05)


def test_grey_stays_grey():
    grey = np.repeat(draw.random((64, 64, 1), np.float32), 3, axis=2)
    style = np.repeat(noise_image(64, 64, BLUE)[..., :1], 3, axis=2)
    made = match_pyramid(grey, pyramid_statistics(style))
    np.testing.assert_allclose(made, made.mean(axis=2, keepdims=True).repeat(3, axis=2), atol=1e-3)


def test_mixed_statistics_are_those_of_images_next_to_each_other():
    left, right = noise_image(64, 64, RED, 0.5), noise_image(64, 64, BLUE, 0.5)
    whole = pyramid_statistics(np.concatenate([left, right], axis=1))
    both = mix_statistics([pyramid_statistics(left), pyramid_statistics(right)], [0.5, 0.5])
    np.testing.assert_allclose(both.mean, whole.mean, atol=1e-6)
    # But for the seam between them.
    for one, other in zip(both.covariances, whole.covariances, strict=True):
        np.testing.assert_allclose(one, other, atol=0.2 * np.abs(other).max())


def test_mixed_statistics_include_the_variance_between_images():
    dark, light = (pyramid_statistics(np.full((32, 32, 3), level, np.float32)) for level in (0.2, 0.6))
    both = mix_statistics([dark, light], [0.25, 0.75])
    np.testing.assert_allclose(both.mean, 0.5, atol=1e-6)
    np.testing.assert_allclose(both.covariances[-1], 0.25 * 0.75 * 0.4**2, atol=1e-6)
