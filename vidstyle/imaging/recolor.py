"""Colour statistics and chroma of images, transferred from one image to another.

Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017, section 5, with lightness
and chroma of Oklab.
"""

from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.oklab import from_lightness, from_oklab, to_oklab
from vidstyle.imaging.types import BinaryMask, Image, Mask

DETAIL_SIGMA_PX = 3.0
"""Scale below which an image is detail, which the colours of a painting do not predict."""
RIDGE = 1e-4
"""Variance below which the differences within a channel say nothing about colours."""
_HALVINGS = 8
"""Bisection steps for the largest chroma that a lightness can have; each doubles the precision."""


class ColorStatistics(NamedTuple):
    """Mean and covariance of the colours of images, and the spread of their lightness."""

    mean: tuple[float, ...]
    """RGB, [3]."""
    covariance: tuple[tuple[float, ...], ...]
    """[3, 3]"""
    lightness: tuple[float, float]
    """Mean and standard deviation in Oklab."""


def transfer_chroma(painted: Image, source: Image) -> Image:
    """Combine the lightness of one image with the chroma of another, both sRGB [H, W, 3] in [0, 1].

    A colour outside sRGB's gamut gets less chroma; its hue and lightness stay.
    """
    lab = np.concatenate([to_oklab(painted)[..., :1], to_oklab(source)[..., 1:]], axis=-1)
    share, step = np.ones((*lab.shape[:2], 1), np.float32), np.float32(0.5)
    scaled = from_oklab(lab)
    fits = _in_gamut(scaled)
    if not fits.all():
        share = fits.astype(np.float32)
        for _ in range(_HALVINGS):
            trial = np.where(fits, share, share + step)
            inside = _in_gamut(from_oklab(_scale_chroma(lab, trial)))
            share, step = np.where(inside, trial, share), step / 2
        scaled = from_oklab(_scale_chroma(lab, share))
    return np.clip(scaled, 0, 1)


def _scale_chroma(lab: Image, share: Image) -> Image:
    return np.concatenate([lab[..., :1], share * lab[..., 1:]], axis=-1)


def _in_gamut(image: Image) -> BinaryMask:
    slack = 1e-3  # A fraction of a level of 8 bits.
    return np.asarray(((image >= -slack) & (image <= 1 + slack)).all(axis=-1, keepdims=True))


def color_statistics(images: Iterable[Image]) -> ColorStatistics:
    """Compute the statistics of images [H, W, 3], RGB in [0, 1]; each image has the same weight."""
    means, products, lights = [], [], []
    for image in images:
        flat = image.reshape(-1, 3).astype(np.float64)
        means.append(flat.mean(axis=0))
        products.append(flat.T @ flat / len(flat))
        light = to_oklab(image)[..., 0].astype(np.float64)
        lights.append((light.mean(), np.mean(light**2)))
    mean = np.mean(means, axis=0)
    covariance = np.mean(products, axis=0) - np.outer(mean, mean)
    first_moment, second_moment = np.mean(lights, axis=0)
    return ColorStatistics(
        tuple(mean.tolist()),
        tuple(tuple(row) for row in covariance.tolist()),
        (float(first_moment), float(np.sqrt(max(second_moment - first_moment**2, 0)))),
    )


def match_colors(image: Image, target: ColorStatistics) -> Image:
    """Give an image the mean and covariance of `target` (Gatys et al. 2017, section 5.1, equation 3)."""
    own = color_statistics([image])
    change = symmetric_root(target.covariance) @ symmetric_root(own.covariance, inverse=True)
    shifted = (image - np.asarray(own.mean)) @ change.T + np.asarray(target.mean)
    return np.asarray(np.clip(shifted, 0, 1), np.float32)


def match_lightness(image: Image, target: ColorStatistics) -> Image:
    """Convert to grey with the mean and deviation of `target`'s lightness (Gatys 2017, section 5.2)."""
    light = to_oklab(image)[..., 0]
    mean, deviation = target.lightness
    scaled = (light - light.mean()) * (deviation / max(float(light.std()), 1e-6)) + mean
    return from_lightness(np.clip(scaled, 0, 1).astype(np.float32))


def symmetric_root(
    covariance: object, *, inverse: bool = False, least: float = (0.5 / 255) ** 2
) -> NDArray[np.float64]:
    """Compute the symmetric square root of a covariance [3, 3], or its inverse.

    Variances below `least` count as `least`: a direction in which the colours hardly vary is not stretched
    beyond what 8 bits distinguish.
    """
    values, vectors = np.linalg.eigh(np.asarray(covariance, np.float64))
    roots = np.sqrt(np.maximum(values, least))
    return np.asarray((vectors * (1 / roots if inverse else roots)) @ vectors.T)


def recolor(image: Image, painted: Image, mask: Mask) -> Image:
    """Predict the colours that a painting would give an image [H, W, 3], from where both are known.

    Each colour becomes what it mostly became inside `mask` [H, W], by least squares. That alone would be
    flat, so the image's own detail is added, with the painting's deviation in each channel. An empty mask
    leaves the image unchanged.
    """
    total = float(mask.sum())
    if total < 1:
        return image
    weights = mask[..., None] / total
    centred, wanted = (array - (weights * array).sum(axis=(0, 1)) for array in (image, painted))
    within, across = (np.einsum("hwi,hwj->ij", weights * centred, other) for other in (centred, wanted))
    change = np.linalg.solve(within + RIDGE * np.eye(3), across)
    mapped = centred @ change + (weights * painted).sum(axis=(0, 1))
    deviation, wanted_deviation = (
        np.sqrt((weights * np.square(array)).sum(axis=(0, 1))) for array in (centred, wanted)
    )
    scaled = centred * (wanted_deviation / np.maximum(deviation, 1e-3))
    detail = scaled - cv2.GaussianBlur(scaled, (0, 0), DETAIL_SIGMA_PX)
    return np.asarray(np.clip(mapped + detail, 0, 1), np.float32)
