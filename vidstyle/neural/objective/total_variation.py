"""Total variation term: differences of neighbouring pixels.

Mahendran and Vedaldi, "Understanding Deep Image Representations by Inverting Them", arXiv:1412.0035, section
3.1.
"""

from collections.abc import Callable, Mapping
from typing import Any

from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.objective.terms import FrameTensors, Term
from vidstyle.neural.objective.tiles import TileMask
from vidstyle.options.groups import PaintOptions
from vidstyle.options.objective import Norm, ObjectiveOptions, TVNorm

WARM_TV_SCALE = 0.25
"""Share of the weight with a warm start, which has been smoothed before. A descent that goes on over hundreds
of frames would come to a smoother image than that of a first frame, which ends long before it has
converged."""


def total_variation_sums(
    image: Tensor,
    kind: TVNorm = TVNorm.SQUARED,
    norm: Norm = Norm.MEAN,
    mask: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """Sum up the differences of neighbours in an image [H, W, C].

    Parameters
    ----------
    image
        [H, W, C]
    kind
        Squared or absolute differences; or the sum of both squares to the power 1.25 (beta = 2.5).
    norm
        Of what `total_variation` makes of it: a mean takes all pairs, a sum those of pixels that have both
        neighbours.
    mask
        Weight of each pair by its upper or left pixel, [H, W]; by default every pair counts as 1.

    Returns
    -------
    tuple
        Sum over vertical neighbours and sum over horizontal ones; of the power one sum.

    """
    vertical, horizontal = _differences(image, 0), _differences(image, 1)
    if norm is Norm.SUM or kind is TVNorm.POWER:
        vertical, horizontal = vertical[:, :-1], horizontal[:-1]

    def total(values: Tensor) -> Tensor:
        if mask is None:
            return keras.ops.sum(values)
        height, width, _ = values.shape
        return keras.ops.sum(mask[:height, :width, None] * values)

    if kind is TVNorm.POWER:
        return (total((keras.ops.square(vertical) + keras.ops.square(horizontal)) ** 1.25),)
    distance = keras.ops.square if kind is TVNorm.SQUARED else keras.ops.abs
    return total(distance(vertical)), total(distance(horizontal))


def _differences(image: Tensor, axis: int) -> Tensor:
    """Differences of neighbours along an axis of an image [H, W, C], one fewer than its pixels along it."""
    (height, width, channels), ops = image.shape, keras.ops
    # In rows as long as possible, and with a gradient of its own: that of slices of [H, W, C] takes five
    # times as long.
    rows, offset = (1, width * channels) if axis == 0 else (height, channels)

    @ops.custom_gradient  # type: ignore[untyped-decorator]
    def differences(flat: Tensor) -> tuple[Tensor, Callable[..., Tensor]]:
        def gradient(*upstream: Any) -> Tensor:
            (by_difference,) = keras.tree.flatten(upstream)
            after = ops.pad(by_difference, ((0, 0), (offset, 0)))
            return after - ops.pad(by_difference, ((0, 0), (0, offset)))

        return flat[:, offset:] - flat[:, :-offset], gradient

    found = differences(ops.reshape(image, (rows, height * width * channels // rows)))
    return ops.reshape(found, (height - 1, width, channels) if axis == 0 else (height, width - 1, channels))


def total_variation(
    sums: tuple[Tensor, ...], height: int, width: int, norm: Norm = Norm.MEAN, channels: int = 3
) -> Tensor:
    """Add up the means over vertical and over horizontal neighbours in an image [H, W, C], or the sums."""
    if norm is Norm.SUM:
        return sum(sums)
    rows, columns = height - 1, width - 1
    pairs = (rows * width, height * columns) if len(sums) > 1 else (rows * columns,)
    return sum(total / (count * channels) for total, count in zip(sums, pairs, strict=True))


class TotalVariationTerm(Term):
    """Total variation of the whole image; it has no targets."""

    name = group = "tv"

    def __init__(self, options: ObjectiveOptions, paint: PaintOptions) -> None:
        self._kind, self._norm = options.tv, options.tv_norm
        self.weight = paint.tv_weight * options.base_weights.tv

    def warm_scale(self, _temporal_scale: float, /) -> float:
        """Smooth less what has been smoothed before."""
        return WARM_TV_SCALE

    def targets(self, _frame: FrameTensors, /) -> tuple[()]:
        """Compare with nothing, always."""
        return ()

    def zeros(self, _targets: tuple[()], _channels: Mapping[str, int], /) -> tuple[Tensor, ...]:
        """Make sums over no pair."""
        return (keras.ops.zeros((), "float32"),) * (1 if self._kind is TVNorm.POWER else 2)

    def accumulate(
        self, _features: Mapping[str, Tensor], image: Tensor, _targets: tuple[()], mask: TileMask | None, /
    ) -> tuple[Tensor, ...]:
        """Sum up the differences of neighbours."""
        return total_variation_sums(image, self._kind, self._norm, mask and mask.pixels)

    def value(self, sums: tuple[Tensor, ...], image: Tensor, _targets: tuple[()], /) -> Tensor:
        """Total variation from its sums."""
        height, width, channels = image.shape
        return total_variation(sums, height, width, self._norm, channels)
