"""Colours of pictures, apart from their forms: lightness and chroma, and the spread of colours.

Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017, section 5; the space is Ottosson's Oklab
(https://bottosson.github.io/posts/oklab/), in which a change of lightness does not change a hue as it is seen.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

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
_HALVINGS = 8
"""Steps in which the most chroma is found that a lightness can have; each doubles the precision."""


class Palette(NamedTuple):
    """How the colours of pictures spread."""

    mean: tuple[float, ...]
    """RGB, [3]."""
    covariance: tuple[tuple[float, ...], ...]
    """[3, 3]"""
    lightness: tuple[float, float]
    """Mean and standard deviation in Oklab."""


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


def colored(painted: Image, source: Image) -> Image:
    """Lightness of one picture with the chroma of another, both sRGB [H, W, 3] in [0, 1].

    Where a screen cannot show such a colour it gets less chroma; its hue and lightness stay.
    """
    lab = np.concatenate([to_oklab(painted)[..., :1], to_oklab(source)[..., 1:]], axis=-1)
    share, step = np.ones((*lab.shape[:2], 1), np.float32), np.float32(0.5)
    scaled = from_oklab(lab)
    fits = _shown(scaled)
    if not fits.all():
        share = fits.astype(np.float32)
        for _ in range(_HALVINGS):
            trial = np.where(fits, share, share + step)
            inside = _shown(from_oklab(_with_chroma(lab, trial)))
            share, step = np.where(inside, trial, share), step / 2
        scaled = from_oklab(_with_chroma(lab, share))
    return np.clip(scaled, 0, 1)


def _with_chroma(lab: Image, share: Image) -> Image:
    return np.concatenate([lab[..., :1], share * lab[..., 1:]], axis=-1)


def _shown(image: Image) -> NDArray[np.bool_]:
    slack = 1e-3  # A fraction of a level of 8 bits.
    return np.asarray(((image >= -slack) & (image <= 1 + slack)).all(axis=-1, keepdims=True))


def grey(image: Image) -> Image:
    """Grey of the same lightness, [H, W, 3]."""
    return _of_lightness(to_oklab(image)[..., 0])


def _of_lightness(lightness: Image) -> Image:
    lab = np.zeros((*lightness.shape, 3), np.float32)
    lab[..., 0] = lightness
    return np.clip(from_oklab(lab), 0, 1)


def palette_of(images: Iterable[Image]) -> Palette:
    """Palette of all pixels of some pictures [H, W, 3], RGB in [0, 1], each picture counting alike."""
    means, products, lights = [], [], []
    for image in images:
        flat = image.reshape(-1, 3).astype(np.float64)
        means.append(flat.mean(axis=0))
        products.append(flat.T @ flat / len(flat))
        light = to_oklab(image)[..., 0].astype(np.float64)
        lights.append((light.mean(), np.mean(light**2)))
    mean = np.mean(means, axis=0)
    covariance = np.mean(products, axis=0) - np.outer(mean, mean)
    first, second = np.mean(lights, axis=0)
    return Palette(
        tuple(mean.tolist()),
        tuple(tuple(row) for row in covariance.tolist()),
        (float(first), float(np.sqrt(max(second - first**2, 0)))),
    )


def matched(image: Image, palette: Palette) -> Image:
    """Give a picture the mean and the covariance of a palette's colours (Gatys et al. 2017, section 5.1, equation 3)."""
    own = palette_of([image])
    change = root(palette.covariance) @ root(own.covariance, inverse=True)
    shifted = (image - np.asarray(own.mean)) @ change.T + np.asarray(palette.mean)
    return np.asarray(np.clip(shifted, 0, 1), np.float32)


def matched_grey(image: Image, palette: Palette) -> Image:
    """Grey of a picture, with the mean and the deviation of a palette's lightness (Gatys et al. 2017, section 5.2)."""
    light = to_oklab(image)[..., 0]
    mean, deviation = palette.lightness
    scaled = (light - light.mean()) * (deviation / max(float(light.std()), 1e-6)) + mean
    return _of_lightness(np.clip(scaled, 0, 1).astype(np.float32))


def root(
    covariance: object, *, inverse: bool = False, least: float = (0.5 / 255) ** 2
) -> NDArray[np.float64]:
    """Symmetric square root of a covariance [3, 3], or its inverse.

    A colour that does not vary in some direction counts as varying by `least`: it is not to be stretched beyond what 8 bits
    can tell.
    """
    values, vectors = np.linalg.eigh(np.asarray(covariance, np.float64))
    roots = np.sqrt(np.maximum(values, least))
    return np.asarray((vectors * (1 / roots if inverse else roots)) @ vectors.T)
