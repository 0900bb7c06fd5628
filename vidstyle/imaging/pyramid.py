"""How colours and contrasts spread over fine and coarse detail, and pictures brought to such a spread.

A painting has the colours and the contrasts of its style at every scale, whatever else it shows. A source that is given both
beforehand is far nearer to its painting. The scales are a Laplacian pyramid's (Burt and Adelson, "The Laplacian Pyramid as a
Compact Image Code", 1983); that each of them is matched is Heeger and Bergen's idea ("Pyramid-Based Texture Analysis/Synthesis",
SIGGRAPH 1995), and the change of colours with the least movement is that of Pitié and Kokaram ("The Linear Monge-Kantorovitch
Linear Colour Mapping", CVMP 2007).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.recolor import root
from vidstyle.imaging.resize import resize
from vidstyle.imaging.types import Image

HALVINGS = 4
"""Scales beside the coarsest: more than four gave no lower loss at 512 pixels."""
LEAST_SIDE = 8
"""What is smaller is not halved again."""


class PyramidStatistics(NamedTuple):
    """How a picture's colours spread at each scale."""

    mean: NDArray[np.float64]
    """RGB, [3]."""
    covariances: tuple[NDArray[np.float64], ...]
    """Of the detail that each halving takes away, the finest first, and of what is left, each [3, 3]."""


def pyramid_statistics(image: Image) -> PyramidStatistics:
    """Texture of a picture [H, W, 3], RGB in [0, 1]."""
    *details, rest = _pyramid(image, HALVINGS)
    mean = rest.mean(axis=(0, 1), dtype=np.float64)
    return PyramidStatistics(mean, (*map(_covariance, details), _covariance(rest - mean)))


def mix_statistics(textures: Sequence[PyramidStatistics], shares: Sequence[float]) -> PyramidStatistics:
    """Texture of pictures side by side, each with its share, whose sum is 1."""
    deepest = max(len(texture.covariances) for texture in textures)
    mean = sum(share * texture.mean for share, texture in zip(shares, textures, strict=True))
    total = [np.zeros((3, 3)) for _ in range(deepest)]
    for share, texture in zip(shares, textures, strict=True):
        for scale, covariance in enumerate(texture.covariances):
            total[scale] += share * covariance
        total[-1] += share * np.outer(texture.mean - mean, texture.mean - mean)
    return PyramidStatistics(np.asarray(mean), tuple(total))


def match_pyramid(image: Image, texture: PyramidStatistics) -> Image:
    """Give a picture [H, W, 3], RGB in [0, 1], the colours and contrasts of a texture at each scale."""
    *details, rest = _pyramid(image, len(texture.covariances) - 1)
    # A small picture has fewer scales: the coarsest takes what is left of the texture.
    coarsest = np.sum(texture.covariances[len(details) :], axis=0)
    painted = _spread(rest - rest.mean(axis=(0, 1)), coarsest) + texture.mean.astype(np.float32)
    for detail, covariance in zip(
        reversed(details), texture.covariances[len(details) - 1 :: -1], strict=False
    ):
        height, width, _ = detail.shape
        painted = resize(painted, width, height) + _spread(detail, covariance)
    return np.clip(painted, 0, 1)


def _pyramid(image: Image, halvings: int) -> list[Image]:
    """Detail that each halving takes away, the finest first, and what is left."""
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
    """Of colours around zero, [3, 3]."""
    flat = image.reshape(-1, 3)
    return (flat.T @ flat).astype(np.float64) / len(flat)


def _spread(image: Image, covariance: NDArray[np.float64]) -> Image:
    """Give colours around zero a covariance, by the symmetric map (Pitié and Kokaram 2007, equation 8)."""
    own = _covariance(image)
    there, back = root(own), root(own, inverse=True)
    change = back @ root(there @ covariance @ there, least=0) @ back
    return image @ change.astype(np.float32)
