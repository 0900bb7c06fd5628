"""Oklab colour space: perceived lightness and chroma.

Björn Ottosson, "A perceptual color space for image processing" (https://bottosson.github.io/posts/oklab/).
A change of lightness in it does not change the perceived hue.
"""

import numpy as np

from vidstyle.imaging.types import Image

# Ottosson's matrices: linear sRGB to the responses of three kinds of cones (LMS), and their cube roots to
# lightness and two opponent channels.
_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_LAB_TO_LMS, _LMS_TO_RGB = np.linalg.inv(_LMS_TO_LAB), np.linalg.inv(_RGB_TO_LMS)


def to_oklab(image: Image) -> Image:
    """Convert sRGB [H, W, 3] in [0, 1] to Oklab: lightness in [0, 1] and two opponent channels around 0."""
    linear = np.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _RGB_TO_LMS.T) @ _LMS_TO_LAB.T, np.float32)


def from_oklab(lab: Image) -> Image:
    """Convert Oklab [H, W, 3] to sRGB; the result is outside [0, 1] for colours outside sRGB's gamut."""
    linear = (lab @ _LAB_TO_LMS.T.astype(np.float32)) ** 3 @ _LMS_TO_RGB.T.astype(np.float32)
    low = linear <= 0.0031308
    return np.asarray(
        np.where(low, 12.92 * linear, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055), np.float32
    )


def to_grey(image: Image) -> Image:
    """Convert an image [H, W, 3] to grey of the same lightness, [H, W, 3]."""
    return from_lightness(to_oklab(image)[..., 0])


def from_lightness(lightness: Image) -> Image:
    """Convert Oklab lightness [H, W] to grey sRGB [H, W, 3] in [0, 1]."""
    lab = np.zeros((*lightness.shape, 3), np.float32)
    lab[..., 0] = lightness
    return np.clip(from_oklab(lab), 0, 1)
