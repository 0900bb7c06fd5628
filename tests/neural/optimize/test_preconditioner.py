import numpy as np
import pytest

from vidstyle.neural.device.backend import keras
from vidstyle.neural.optimize.preconditioner import (
    MAX_SCALE_RATIO,
    MIN_GRADIENT_SHARE,
    Preconditioner,
    diagonal_scale,
    precondition,
    scale_by_gradient,
    spectral_scaling,
    squared_length,
)


@pytest.mark.parametrize("size", [(8, 8), (9, 6), (1, 7)])
def test_spectral_scaling_has_mean_one_and_favours_low_frequencies_in_all_directions(size):
    scaling = spectral_scaling(*size)
    assert scaling.shape == size
    assert scaling.mean() == pytest.approx(1, rel=1e-5)
    # Frequencies k and -k alike, so that a real image stays real.
    np.testing.assert_array_equal(scaling, np.roll(scaling[::-1, ::-1], (1, 1), axis=(0, 1)))
    half = scaling[0, : size[1] // 2 + 1]
    assert (np.diff(half) <= 0).all()
    if size[0] == size[1]:
        np.testing.assert_array_equal(scaling, scaling.T)


def applied(image, spectrum, diagonal, function=precondition):
    tensors = [
        keras.ops.convert_to_tensor(np.asarray(array, np.float32)) for array in (image, spectrum, diagonal)
    ]
    return np.asarray(function(tensors[0], Preconditioner(*tensors[1:])))


def test_preconditioning_scales_each_frequency_between_two_scalings_of_each_pixel():
    random = np.random.default_rng(0)
    image, diagonal = random.normal(size=(9, 6, 3)), random.uniform(0.2, 1, size=(9, 6))
    spectrum = spectral_scaling(9, 6)
    scaled = diagonal[..., None] * image
    expected = np.fft.ifft2(np.fft.fft2(scaled, axes=(0, 1)) * spectrum[..., None], axes=(0, 1))
    np.testing.assert_allclose(expected.imag, 0, atol=1e-6)
    expected = diagonal[..., None] * expected.real
    np.testing.assert_allclose(applied(image, spectrum, diagonal), expected, atol=1e-5)


def test_squared_length_is_the_product_with_the_preconditioned_image():
    random = np.random.default_rng(0)
    for height, width in ((9, 6), (8, 12), (7, 5)):
        image = random.normal(size=(height, width, 3))
        diagonal = random.uniform(0.2, 1, size=(height, width))
        spectrum = spectral_scaling(height, width)
        expected = np.sum(image * applied(image, spectrum, diagonal))
        assert applied(image, spectrum, diagonal, squared_length) == pytest.approx(expected, rel=1e-5)


def test_spectrum_of_ones_changes_nothing_without_trust():
    image = np.random.default_rng(0).normal(size=(7, 8, 3))
    found = applied(image, np.ones((7, 8)), diagonal_scale(np.zeros((7, 8)), 5e7))
    np.testing.assert_allclose(found, image, atol=1e-5)


def test_steps_are_shorter_where_trust_is_higher():
    scale = diagonal_scale(np.linspace(0, 1, 5)[None], 5e7)
    assert scale[0, 0] == 1
    assert (np.diff(scale[0]) < 0).all()
    assert (scale > 0).all()
    np.testing.assert_array_equal(diagonal_scale(np.ones((2, 2)), 0.0), 1)


def scale_of(gradient, diagonal=None):
    height, width, _ = gradient.shape
    ones = np.ones((height, width))
    tensors = [
        keras.ops.convert_to_tensor(np.asarray(array, np.float32))
        for array in (ones, ones if diagonal is None else diagonal, gradient)
    ]
    return np.asarray(scale_by_gradient(Preconditioner(*tensors[:2]), tensors[2]).diagonal)


def test_steps_are_shorter_where_the_gradient_is_steep():
    gradient = np.ones((40, 60, 3))
    gradient[:, 30:] = 16
    found = scale_of(gradient)
    np.testing.assert_allclose(found[:, :20], 4 * found[0, -1], rtol=1e-4)  # |g|^(-1/2)
    assert (np.diff(found, axis=1) <= 1e-6).all()
    assert found.mean() == pytest.approx(1, rel=1e-5)


def test_one_steep_pixel_counts_in_its_neighbourhood_only():
    gradient = np.ones((40, 60, 3))
    gradient[20, 30] = 100
    found = scale_of(gradient)
    far = np.hypot(*np.mgrid[-20:20, -30:30]) > 9
    assert found[20, 30] < 0.5 * found[far].min()
    np.testing.assert_allclose(found[far], found[0, 0], rtol=1e-5)


def test_pixels_without_gradient_are_scaled_within_limits():
    gradient = np.zeros((40, 60, 3))
    gradient[:, :3] = 1e-20  # However small the whole gradient is.
    for scale in (1, 1e20, 1e30):
        found = scale_of(scale * gradient)
        assert np.isfinite(found).all()
        assert found.max() <= MAX_SCALE_RATIO
        assert found.min() >= 1 / MAX_SCALE_RATIO
    most, least = found.max(), found.min()
    assert most / least <= (1 / MIN_GRADIENT_SHARE * 60 / 3) ** 0.25


def test_diagonal_is_kept_without_a_gradient():
    diagonal = np.random.default_rng(0).uniform(0.2, 1, size=(9, 7))
    np.testing.assert_allclose(scale_of(np.zeros((9, 7, 3)), diagonal), diagonal, rtol=1e-6)
