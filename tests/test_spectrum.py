import numpy as np
import pytest

from vidstyle.neural.backend import keras
from vidstyle.neural.spectrum import precondition, spectral_scaling


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


def test_preconditioning_scales_each_frequency():
    image = np.random.default_rng(0).normal(size=(9, 6, 3)).astype(np.float32)
    spectrum = spectral_scaling(9, 6)
    expected = np.fft.ifft2(np.fft.fft2(image, axes=(0, 1)) * spectrum[..., None], axes=(0, 1))
    np.testing.assert_allclose(expected.imag, 0, atol=1e-6)
    found = np.asarray(
        precondition(keras.ops.convert_to_tensor(image), keras.ops.convert_to_tensor(spectrum))
    )
    np.testing.assert_allclose(found, expected.real, atol=1e-5)


def test_a_spectrum_of_ones_changes_nothing():
    image = np.random.default_rng(0).normal(size=(7, 8, 3)).astype(np.float32)
    ones = keras.ops.ones((7, 8), "float32")
    found = np.asarray(precondition(keras.ops.convert_to_tensor(image), ones))
    np.testing.assert_allclose(found, image, atol=1e-5)
