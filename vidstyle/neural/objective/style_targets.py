"""Style targets: style matrices of style images, and the regions of a painting in which they hold.

Gatys, Ecker and Bethge, CVPR 2016, section 2.2; for regions Gatys et al., "Controlling Perceptual Factors in
Neural Style Transfer", CVPR 2017, section 4.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from vidstyle.imaging.types import Image
from vidstyle.neural.device.backend import Tensor, keras


class Region(NamedTuple):
    """Styles of one region of a painting."""

    grams: tuple[Tensor, ...]
    """Gram matrices, or covariances, [styles, C, C], one per style layer."""
    shares: Tensor | None = None
    """Share of each style in the mixture, [styles], their sum is 1; None where all are equal."""
    mask: Tensor | None = None
    """Weight of each pixel in the region, [H, W] in [0, 1]; None for the whole image."""

    def on_device(self) -> "Region":
        """Copy the mask to the device."""
        if self.mask is None:
            return self
        return self._replace(mask=keras.ops.convert_to_tensor(self.mask, "float32"))


StyleTargets = tuple[Region, ...]
"""Styles of a painting, region by region."""


def style_targets(
    encode: Callable[[Tensor], Sequence[Any]],
    images: Sequence[Image],
    weights: Sequence[float] | None = None,
) -> StyleTargets:
    """Mix styles over a whole image.

    Parameters
    ----------
    encode
        Computes the Gram matrices [C, C] of an image, one per style layer.
    images
        Style images [H, W, 3], RGB in [0, 1]; sizes may differ.
    weights
        Weight of each, relative to the others; equal by default.

    """
    grams = [encode(keras.ops.convert_to_tensor(image, "float32")) for image in images]
    return (Region(tuple(keras.ops.stack(layer) for layer in zip(*grams, strict=True)), shares_of(weights)),)


def shares_of(weights: Sequence[float] | None) -> Tensor | None:
    """Scale weights to shares whose sum is 1, [styles]; None if all are equal."""
    if weights is None or len(set(weights)) == 1:
        return None
    return keras.ops.convert_to_tensor(np.asarray(weights) / np.sum(weights), "float32")
