"""Temporal term: distance from painted predecessors, warped along the optical flow, where trusted.

Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016, equation 7.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.objective.distances import weighted_squared_error
from vidstyle.neural.objective.terms import FrameTensors, Term
from vidstyle.neural.objective.tiles import Crop, TileMask
from vidstyle.options.groups import PaintOptions
from vidstyle.options.objective import ObjectiveOptions


class Anchor(NamedTuple):
    """Image that the painting is held to."""

    warped: Tensor
    """Painted predecessors warped to this image, [H, W, 3]."""
    trust: Tensor
    """Trust in each pixel of them, [H, W] in [0, 1]."""


class TemporalTerm(Term):
    """Mean of m (x - w)^2 over all pixels, for the warped predecessors w and the trust m."""

    name = group = "temporal"

    def __init__(self, options: ObjectiveOptions, paint: PaintOptions) -> None:
        self.weight = paint.temporal_weight * options.base_weights.temporal

    def warm_scale(self, temporal_scale: float, /) -> float:
        """Take the frame's share of the weight."""
        return temporal_scale

    def targets(self, frame: FrameTensors, /) -> Anchor:
        """Hold the painting to its predecessors."""
        # Without any, to the content with no trust: it is on the device already.
        return Anchor(frame.content if frame.warped is None else frame.warped, frame.trust)

    def crop(self, targets: Anchor, crop: Crop, /) -> Anchor:
        """Cut a tile out of both."""
        return Anchor(crop(targets.warped), crop(targets.trust))

    def zeros(self, _targets: Anchor, _channels: Mapping[str, int], /) -> Tensor:
        """Make a sum over no pixel."""
        return keras.ops.zeros((), "float32")

    def accumulate(
        self, _features: Mapping[str, Tensor], image: Tensor, targets: Anchor, mask: TileMask | None, /
    ) -> Tensor:
        """Sum up the squared differences by the trust."""
        return weighted_squared_error(image, targets.warped, targets.trust, mask and mask.pixels)

    def value(self, sums: Tensor, image: Tensor, _targets: Anchor, /) -> Tensor:
        """Average over all values of the image."""
        return sums / math.prod(image.shape)
