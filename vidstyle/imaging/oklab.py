"""Oklab: lightness and chroma as they are perceived.

Björn Ottosson's colour space (https://bottosson.github.io/posts/oklab/), in which a change of lightness does not change
a hue as it is seen.
"""

import numpy as np

from vidstyle.imaging.types import Image

# Ottosson's matrices: linear sRGB to the responses of three kinds of cones, and their cube roots to lightness and two opponents.
_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)


_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)


_FROM_LAB, _FROM_CONES = np.linalg.inv(_LAB), np.linalg.inv(_CONES)


def to_oklab(image: Image) -> Image:
    """Oklab of sRGB [H, W, 3] in [0, 1]: lightness in [0, 1], and two opponents around 0."""
    linear = np.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _CONES.T) @ _LAB.T, np.float32)


def from_oklab(lab: Image) -> Image:
    """SRGB of Oklab [H, W, 3]; outside [0, 1] where a screen cannot show it."""
    linear = (lab @ _FROM_LAB.T.astype(np.float32)) ** 3 @ _FROM_CONES.T.astype(np.float32)
    low = linear <= 0.0031308
    return np.asarray(
        np.where(low, 12.92 * linear, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055), np.float32
    )


def grey(image: Image) -> Image:
    """Grey of the same lightness, [H, W, 3]."""
    return _of_lightness(to_oklab(image)[..., 0])


def _of_lightness(lightness: Image) -> Image:
    lab = np.zeros((*lightness.shape, 3), np.float32)
    lab[..., 0] = lightness
    return np.clip(from_oklab(lab), 0, 1)
