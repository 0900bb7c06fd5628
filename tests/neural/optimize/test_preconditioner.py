import numpy as np
import pytest

from vidstyle.neural.device.backend import keras
from vidstyle.neural.optimize.preconditioner import (
    FAINT,
    UNEVEN,
    Preconditioner,
    evened,
    freedom,
    precondition,
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


def applied(image, spectrum, free, function=precondition):
    tensors = [
        keras.ops.convert_to_tensor(np.asarray(array, np.float32)) for array in (image, spectrum, free)
    ]
    return np.asarray(function(tensors[0], Preconditioner(*tensors[1:])))


def test_preconditioning_scales_each_frequency_between_two_scalings_of_each_pixel():
    random = np.random.default_rng(0)
    image, free = random.normal(size=(9, 6, 3)), random.uniform(0.2, 1, size=(9, 6))
    spectrum = spectral_scaling(9, 6)
    held = free[..., None] * image
    expected = np.fft.ifft2(np.fft.fft2(held, axes=(0, 1)) * spectrum[..., None], axes=(0, 1))
    np.testing.assert_allclose(expected.imag, 0, atol=1e-6)
    np.testing.assert_allclose(applied(image, spectrum, free), free[..., None] * expected.real, atol=1e-5)


def test_the_squared_length_is_the_product_with_what_is_preconditioned():
    random = np.random.default_rng(0)
    for height, width in ((9, 6), (8, 12), (7, 5)):
        image, free = random.normal(size=(height, width, 3)), random.uniform(0.2, 1, size=(height, width))
        spectrum = spectral_scaling(height, width)
        expected = np.sum(image * applied(image, spectrum, free))
        assert applied(image, spectrum, free, squared_length) == pytest.approx(expected, rel=1e-5)


def test_a_spectrum_of_ones_changes_nothing_where_all_is_free():
    image = np.random.default_rng(0).normal(size=(7, 8, 3))
    found = applied(image, np.ones((7, 8)), freedom(np.zeros((7, 8)), 5e7))
    np.testing.assert_allclose(found, image, atol=1e-5)


def test_what_is_trusted_more_is_less_free():
    free = freedom(np.linspace(0, 1, 5)[None], 5e7)
    assert free[0, 0] == 1
    assert (np.diff(free[0]) < 0).all()
    assert (free > 0).all()
    np.testing.assert_array_equal(freedom(np.ones((2, 2)), 0.0), 1)


def evenness(gradient, free=None):
    height, width, _ = gradient.shape
    ones = np.ones((height, width))
    tensors = [
        keras.ops.convert_to_tensor(np.asarray(array, np.float32))
        for array in (ones, ones if free is None else free, gradient)
    ]
    return np.asarray(evened(Preconditioner(*tensors[:2]), tensors[2]).freedom)


def test_where_the_gradient_is_steep_all_around_a_pixel_goes_less_far():
    gradient = np.ones((40, 60, 3))
    gradient[:, 30:] = 16
    found = evenness(gradient)
    np.testing.assert_allclose(found[:, :20], 4 * found[0, -1], rtol=1e-4)  # |g|^(-1/2)
    assert (np.diff(found, axis=1) <= 1e-6).all()
    assert found.mean() == pytest.approx(1, rel=1e-5)


def test_one_steep_pixel_tells_of_its_neighbourhood_only():
    gradient = np.ones((40, 60, 3))
    gradient[20, 30] = 100
    found = evenness(gradient)
    far = np.hypot(*np.mgrid[-20:20, -30:30]) > 9
    assert found[20, 30] < 0.5 * found[far].min()
    np.testing.assert_allclose(found[far], found[0, 0], rtol=1e-5)


def test_a_pixel_without_gradient_goes_not_much_further():
    gradient = np.zeros((40, 60, 3))
    gradient[:, :3] = 1e-20  # However small all is.
    for scale in (1, 1e20, 1e30):
        found = evenness(scale * gradient)
        assert np.isfinite(found).all()
        assert found.max() <= UNEVEN
        assert found.min() >= 1 / UNEVEN
    most, least = found.max(), found.min()
    assert most / least <= (1 / FAINT * 60 / 3) ** 0.25


def test_without_a_gradient_freedom_stays():
    free = np.random.default_rng(0).uniform(0.2, 1, size=(9, 7))
    np.testing.assert_allclose(evenness(np.zeros((9, 7, 3)), free), free, rtol=1e-6)
