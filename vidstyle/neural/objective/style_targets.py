"""Style targets: the Gram matrices of the style pictures, and where in a painting they hold.

Gatys, Ecker and Bethge, CVPR 2016, section 2.2; for regions Gatys et al., "Controlling Perceptual Factors in Neural Style
Transfer", CVPR 2017, section 4.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from vidstyle.imaging.types import Image
from vidstyle.neural.device.backend import Tensor, keras


class Region(NamedTuple):
    """The styles of one part of a painting."""

    grams: tuple[Tensor, ...]
    """Gram matrices [styles, C, C], one a style layer."""
    shares: Tensor | None = None
    """Share of each style in the mixture, [styles], their sum is 1; None where all are equal."""
    mask: Tensor | None = None
    """Where it is, [H, W] in [0, 1]; None is the whole picture."""


StyleTargets = tuple[Region, ...]
"""What a painting is to look like, region by region."""


def style_targets(
    grams_of: Callable[[Tensor], Sequence[Any]],
    images: Sequence[Image],
    weights: Sequence[float] | None = None,
) -> StyleTargets:
    """Targets of a mixture of styles over a whole picture.

    Parameters
    ----------
    grams_of
        Gives the Gram matrices [C, C] of an image, one a style layer.
    images
        Style pictures [H, W, 3], RGB in [0, 1]; sizes may differ.
    weights
        Weight of each, relative to the others; equal by default.

    """
    grams = [grams_of(keras.ops.convert_to_tensor(image, "float32")) for image in images]
    return (Region(tuple(keras.ops.stack(layer) for layer in zip(*grams, strict=True)), shares_of(weights)),)


def placed(region: Region) -> Region:
    """Hand a region's mask to the device."""
    if region.mask is None:
        return region
    return region._replace(mask=keras.ops.convert_to_tensor(region.mask, "float32"))


def shares_of(weights: Sequence[float] | None) -> Tensor | None:
    """Weights as shares whose sum is 1, [styles]; None where all are equal."""
    if weights is None or len(set(weights)) == 1:
        return None
    return keras.ops.convert_to_tensor(np.asarray(weights) / np.sum(weights), "float32")
