"""Exposure of a developed photo: linear light encoded as sRGB, at the brightness of another rendering."""

import numpy as np
from numpy.typing import NDArray

_LEVELS = 1 << 16
_SAMPLES = 1 << 16
_GAINS = (1 / 16, 64.0)
"""Least and largest factor on the shadows."""
_STEPS = 24


def expose(light: NDArray[np.uint16], brightness: float | None = None) -> NDArray[np.uint16]:
    """Encode linear light as sRGB, at a mean brightness.

    A camera lifts what its sensor has recorded by a curve of its own, which a RAW file does not have. The
    curve g x / (1 + (g - 1) x) stands for it: it multiplies shadows by g and keeps black and white, so that
    nothing is clipped.

    Parameters
    ----------
    light
        Linear light, [H, W, C].
    brightness
        Mean of the levels to reach, in [0, 1] of sRGB; None for the exposure as it was recorded.

    Returns
    -------
    array [H, W, C]
        Levels of sRGB.
    """
    gain = 1.0
    if brightness is not None:
        step = max(1, int(np.sqrt(light.shape[0] * light.shape[1] / _SAMPLES)))
        sample = light[::step, ::step].astype(np.float64) / (_LEVELS - 1)
        low, high = np.log2(_GAINS)
        for _ in range(_STEPS):  # The mean grows with the gain.
            middle = (low + high) / 2
            gain = float(2**middle)
            low, high = (low, middle) if _encode(sample, gain).mean() > brightness else (middle, high)
    table = np.rint(_encode(np.linspace(0, 1, _LEVELS), gain) * (_LEVELS - 1)).astype(np.uint16)
    return table[light]


def _encode(light: NDArray[np.float64], gain: float) -> NDArray[np.float64]:
    lifted = gain * light / (1 + (gain - 1) * light)
    curve = 1.055 * np.maximum(lifted, 0.0031308) ** (1 / 2.4) - 0.055
    return np.asarray(np.where(lifted <= 0.0031308, 12.92 * lifted, curve))
