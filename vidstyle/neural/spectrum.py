"""The preconditioner of L-BFGS: an image scaled in the Fourier domain.

A natural image, and so a painting, has most of its energy at low frequencies, where plain descent is slowest.
"""

from typing import Any

import numpy as np

from vidstyle.neural.backend import Tensor, keras

SPECTRAL_EXPONENT = 0.8
"""2a of the preconditioner 1 / f^(2a)."""


def spectral_scaling(height: int, width: int) -> Any:
    """P in the Fourier domain, [H, W] float32: 1 / f^(2a), with mean 1. The lowest frequency stands in for zero."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    scaling = np.maximum(frequency, 1 / max(height, width)) ** -SPECTRAL_EXPONENT
    return (scaling / scaling.mean()).astype(np.float32)


def precondition(image: Tensor, spectrum: Tensor) -> Tensor:
    """P applied to an image-like tensor [H, W, 3]."""
    planes = keras.ops.transpose(image, (2, 0, 1))  # [3, H, W]: the transform runs over the last two axes.
    real, imaginary = keras.ops.fft2((planes, keras.ops.zeros_like(planes)))
    real, _ = keras.ops.ifft2((real * spectrum, imaginary * spectrum))
    return keras.ops.transpose(real, (1, 2, 0))
