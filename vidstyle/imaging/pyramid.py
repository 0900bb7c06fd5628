"""Colour statistics of images at each scale of a Laplacian pyramid, and matching of images to them.

A painting has the colours and contrasts of its style at every scale, whatever it shows. A source that is
given both beforehand starts far nearer to its painting. The scales are those of a Laplacian pyramid (Burt and
Adelson, "The Laplacian Pyramid as a Compact Image Code", 1983). Matching each of them is Heeger and Bergen's
idea ("Pyramid-Based Texture Analysis/Synthesis", SIGGRAPH 1995). The colour map with the least displacement
is that of Pitié and Kokaram ("The Linear Monge-Kantorovitch Linear Colour Mapping", CVMP 2007).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.recolor import symmetric_root
from vidstyle.imaging.resize import resize
from vidstyle.imaging.types import Image

HALVINGS = 4
"""Scales above the coarsest: more than four gave no lower loss at 512 pixels."""
LEAST_SIDE = 8
"""Smallest side, in pixels, that an image is halved to."""


class PyramidStatistics(NamedTuple):
    """Mean colour of an image, and the covariance of its colours at each scale."""

    mean: NDArray[np.float64]
    """RGB, [3]."""
    covariances: tuple[NDArray[np.float64], ...]
    """Of the detail that each halving removes, the finest first, and of the remainder, each [3, 3]."""


def pyramid_statistics(image: Image) -> PyramidStatistics:
    """Compute the statistics of an image [H, W, 3], RGB in [0, 1]."""
    *details, rest = _pyramid(image, HALVINGS)
    mean = rest.mean(axis=(0, 1), dtype=np.float64)
    return PyramidStatistics(mean, (*map(_covariance, details), _covariance(rest - mean)))


def mix_statistics(parts: Sequence[PyramidStatistics], shares: Sequence[float]) -> PyramidStatistics:
    """Compute the statistics of images placed next to each other; the areas' shares have the sum 1."""
    deepest = max(len(part.covariances) for part in parts)
    mean = sum(share * part.mean for share, part in zip(shares, parts, strict=True))
    total = [np.zeros((3, 3)) for _ in range(deepest)]
    for share, part in zip(shares, parts, strict=True):
        for scale, covariance in enumerate(part.covariances):
            total[scale] += share * covariance
        total[-1] += share * np.outer(part.mean - mean, part.mean - mean)
    return PyramidStatistics(np.asarray(mean), tuple(total))


def match_pyramid(image: Image, target: PyramidStatistics) -> Image:
    """Give an image [H, W, 3], RGB in [0, 1], the colours and contrasts of `target` at each scale."""
    *details, rest = _pyramid(image, len(target.covariances) - 1)
    # A small image has fewer scales: its coarsest takes the target's remaining ones together.
    coarsest = np.sum(target.covariances[len(details) :], axis=0)
    matched = _match_covariance(rest - rest.mean(axis=(0, 1)), coarsest) + target.mean.astype(np.float32)
    for detail, covariance in zip(
        reversed(details), target.covariances[len(details) - 1 :: -1], strict=False
    ):
        height, width, _ = detail.shape
        matched = resize(matched, width, height) + _match_covariance(detail, covariance)
    return np.clip(matched, 0, 1)


def _pyramid(image: Image, halvings: int) -> list[Image]:
    """Split an image into the detail that each halving removes, the finest first, and the remainder."""
    levels = []
    for _ in range(halvings):
        height, width, _ = image.shape
        if min(height, width) < 2 * LEAST_SIDE:
            break
        half = resize(image, width // 2, height // 2)
        levels.append(image - resize(half, width, height))
        image = half
    return [*levels, image]


def _covariance(image: Image) -> NDArray[np.float64]:
    """Compute the covariance [3, 3] of colours around zero."""
    flat = image.reshape(-1, 3)
    return (flat.T @ flat).astype(np.float64) / len(flat)


def _match_covariance(image: Image, covariance: NDArray[np.float64]) -> Image:
    """Give colours around zero a covariance, by the symmetric map (Pitié and Kokaram 2007, equation 8)."""
    own = _covariance(image)
    root, inverse_root = symmetric_root(own), symmetric_root(own, inverse=True)
    change = inverse_root @ symmetric_root(root @ covariance @ root, least=0) @ inverse_root
    return image @ change.astype(np.float32)
