"""Tone mapping of high dynamic range: BT.2100 (PQ or HLG) with BT.2020 primaries to BT.709.

PQ encodes absolute luminance (SMPTE ST 2084). HLG is taken as shown on a display of 1000 cd/m^2, with its
system gamma of 1.2 (ITU-R BT.2100). The maximum of red, green and blue of each pixel goes through the curve
of ITU-R BT.2390 section 5.4, from 1000 down to 203 cd/m^2, the reference white of BT.2408; the others are
scaled with it, so that hues stay. The result is encoded for a display of gamma 2.4 (BT.1886).
"""

import numpy as np

from vidstyle.imaging.types import Image

PEAK, WHITE = 1000.0, 203.0
"""Peak luminance of the source above which it clips, and the luminance it is mapped to, in cd/m^2."""
_M1, _M2 = 2610 / 16384, 2523 / 32
_C1, _C2, _C3 = 3424 / 4096, 2413 / 128, 2392 / 128
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593], np.float32)
# From the primaries' coordinates in BT.2020 and BT.709, both with white D65: ITU-R BT.2087.
_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)


def tone_map(image: Image, transfer: str) -> Image:
    """Map an image of high dynamic range to standard dynamic range.

    Parameters
    ----------
    image
        [H, W, 3], RGB in [0, 1] as stored, primaries of BT.2020.
    transfer
        `PQ` or `HLG`.

    Returns
    -------
    array [H, W, 3]
        RGB in [0, 1], primaries of BT.709.
    """
    light = _pq_light(image) if transfer == "PQ" else _hlg_light(image)  # cd/m^2
    brightest = light.max(axis=-1, keepdims=True)
    light *= _compress(brightest) / np.maximum(brightest, np.float32(1e-4))
    linear = np.clip(light @ _TO_709.T / np.float32(WHITE), 0, 1)
    return np.asarray(linear ** np.float32(1 / 2.4), np.float32)


def _pq_light(signal: Image) -> Image:
    power = np.clip(signal, 0, 1) ** np.float32(1 / _M2)
    ratio = np.maximum(power - np.float32(_C1), 0) / (np.float32(_C2) - np.float32(_C3) * power)
    return np.asarray(10000 * ratio ** np.float32(1 / _M1), np.float32)


def _pq_signal(light: Image) -> Image:
    power = np.clip(light / np.float32(10000), 0, 1) ** np.float32(_M1)
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** np.float32(_M2), np.float32)


def _hlg_light(signal: Image) -> Image:
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - _HLG_C) / _HLG_A) + _HLG_B) / 12)
    scene = scene.astype(np.float32)
    luminance = (scene @ _LUMA_2020)[..., None]
    return np.asarray(PEAK * np.maximum(luminance, np.float32(1e-6)) ** np.float32(0.2) * scene, np.float32)


def _compress(light: Image) -> Image:
    """Compress light in cd/m^2 by the curve of BT.2390: linear up to a knee, a Hermite spline above it."""
    peak, white = (float(_pq_signal(np.array(value, np.float32))) for value in (PEAK, WHITE))
    signal = np.minimum(_pq_signal(light) / np.float32(peak), 1)
    top = white / peak
    knee = 1.5 * top - 0.5
    t = (signal - knee) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * top
    )
    return _pq_light(np.where(signal < knee, signal, spline).astype(np.float32) * np.float32(peak))
