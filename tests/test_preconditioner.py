import numpy as np
import pytest

from vidstyle.neural.backend import keras
from vidstyle.neural.preconditioner import Preconditioner, freedom, precondition, spectral_scaling


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


def applied(image, spectrum, free):
    tensors = [
        keras.ops.convert_to_tensor(np.asarray(array, np.float32)) for array in (image, spectrum, free)
    ]
    return np.asarray(precondition(tensors[0], Preconditioner(*tensors[1:])))


def test_preconditioning_scales_each_frequency_between_two_scalings_of_each_pixel():
    random = np.random.default_rng(0)
    image, free = random.normal(size=(9, 6, 3)), random.uniform(0.2, 1, size=(9, 6))
    spectrum = spectral_scaling(9, 6)
    held = free[..., None] * image
    expected = np.fft.ifft2(np.fft.fft2(held, axes=(0, 1)) * spectrum[..., None], axes=(0, 1))
    np.testing.assert_allclose(expected.imag, 0, atol=1e-6)
    np.testing.assert_allclose(applied(image, spectrum, free), free[..., None] * expected.real, atol=1e-5)


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
