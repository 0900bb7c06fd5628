"""Protect term: protected pixels are kept near the content."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.objective.distances import weighted_squared_error
from vidstyle.neural.objective.terms import FrameTensors, Term
from vidstyle.neural.objective.tiles import Crop, TileMask
from vidstyle.options.groups import PaintOptions
from vidstyle.options.objective import ObjectiveOptions

PROTECT_WEIGHT = 2e7
"""Weight of the mean squared difference: about as stiff as all the rest."""


class Protected(NamedTuple):
    """Pixels that are kept."""

    content: Tensor
    """Image to paint, [H, W, 3]."""
    mask: Tensor
    """How far it is kept, [H, W] in [0, 1]."""


class ProtectTerm(Term):
    """Mean of m (x - p)^2 over all pixels times its own weight, for the content p and a protect mask m."""

    name, group, weight = "protect", "content", 1.0

    def __init__(self, _options: ObjectiveOptions, _paint: PaintOptions) -> None:
        pass

    def targets(self, frame: FrameTensors, /) -> Protected | None:
        """Keep the content where there is a protect mask."""
        return None if frame.protect is None else Protected(frame.content, frame.protect)

    def crop(self, targets: Protected, crop: Crop, /) -> Protected:
        """Cut a tile out of both."""
        return Protected(crop(targets.content), crop(targets.mask))

    def zeros(self, _targets: Protected, _channels: Mapping[str, int], /) -> Tensor:
        """Make a sum over no pixel."""
        return keras.ops.zeros((), "float32")

    def accumulate(
        self, _features: Mapping[str, Tensor], image: Tensor, targets: Protected, mask: TileMask | None, /
    ) -> Tensor:
        """Sum up the squared differences by the mask."""
        return weighted_squared_error(image, targets.content, targets.mask, mask and mask.pixels)

    def value(self, sums: Tensor, image: Tensor, _targets: Protected, /) -> Tensor:
        """Average over all values of the image."""
        return PROTECT_WEIGHT * sums / math.prod(image.shape)
