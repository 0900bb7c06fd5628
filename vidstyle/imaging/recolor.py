"""Colours of pictures, apart from their forms: lightness and chroma, and the spread of colours.

Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017, section 5; the space is Ottosson's Oklab
(https://bottosson.github.io/posts/oklab/), in which a change of lightness does not change a hue as it is seen.
"""

from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.oklab import _of_lightness, from_oklab, to_oklab
from vidstyle.imaging.types import Image

DETAIL_SIGMA_PX = 3.0
"""What is finer than this is detail, which a painting is not known to keep."""
RIDGE = 1e-4
"""Variance below which a channel's differences say nothing of colours."""
_HALVINGS = 8
"""Steps in which the most chroma is found that a lightness can have; each doubles the precision."""


class ColorStatistics(NamedTuple):
    """How the colours of pictures spread."""

    mean: tuple[float, ...]
    """RGB, [3]."""
    covariance: tuple[tuple[float, ...], ...]
    """[3, 3]"""
    lightness: tuple[float, float]
    """Mean and standard deviation in Oklab."""


def transfer_chroma(painted: Image, source: Image) -> Image:
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


def color_statistics(images: Iterable[Image]) -> ColorStatistics:
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
    return ColorStatistics(
        tuple(mean.tolist()),
        tuple(tuple(row) for row in covariance.tolist()),
        (float(first), float(np.sqrt(max(second - first**2, 0)))),
    )


def match_colors(image: Image, palette: ColorStatistics) -> Image:
    """Give a picture the mean and the covariance of a palette's colours (Gatys et al. 2017, section 5.1, equation 3)."""
    own = color_statistics([image])
    change = root(palette.covariance) @ root(own.covariance, inverse=True)
    shifted = (image - np.asarray(own.mean)) @ change.T + np.asarray(palette.mean)
    return np.asarray(np.clip(shifted, 0, 1), np.float32)


def match_lightness(image: Image, palette: ColorStatistics) -> Image:
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


def recolored(image: Image, like: Image, where: Image) -> Image:
    """Give an image [H, W, 3] the colours that a painting of it has, by where both are known.

    A colour comes out as what it mostly became there, by least squares over a mask [H, W]; that alone would be flat, so the
    image's own detail is added, with the painting's deviation in each channel. Without a place to learn from it is left.
    """
    total = float(where.sum())
    if total < 1:
        return image
    weights = where[..., None] / total
    apart, wanted = (picture - (weights * picture).sum(axis=(0, 1)) for picture in (image, like))
    within, across = (np.einsum("hwi,hwj->ij", weights * apart, other) for other in (apart, wanted))
    mapped = apart @ np.linalg.solve(within + RIDGE * np.eye(3), across) + (weights * like).sum(axis=(0, 1))
    deviation, wanted_deviation = (
        np.sqrt((weights * np.square(picture)).sum(axis=(0, 1))) for picture in (apart, wanted)
    )
    scaled = apart * (wanted_deviation / np.maximum(deviation, 1e-3))
    detail = scaled - cv2.GaussianBlur(scaled, (0, 0), DETAIL_SIGMA_PX)
    return np.asarray(np.clip(mapped + detail, 0, 1), np.float32)
