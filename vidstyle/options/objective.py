"""Options of the loss function: the network, its layers, the distances, and the scales of the weights."""

from dataclasses import dataclass, field
from enum import StrEnum

from vidstyle.errors import UsageError
from vidstyle.options.layers import Layers, Network, block_of, layers_of
from vidstyle.options.values import at_least


class Pooling(StrEnum):
    """Pooling of the network."""

    MAX = "max"
    AVG = "avg"


class Padding(StrEnum):
    """Values beyond the border of the network's feature maps."""

    ZERO = "zero"
    EDGE = "edge"


class StyleStatistic(StrEnum):
    """Statistic of a layer's features that represents the style."""

    GRAM = "gram"
    COVARIANCE = "covariance"


class Distance(StrEnum):
    """Distance between two feature maps, or between two styles."""

    SQUARED = "squared"
    COSINE = "cosine"


class Norm(StrEnum):
    """Normalisation of squared differences."""

    MEAN = "mean"
    SUM = "sum"


class StyleNorm(StrEnum):
    """Normalisation of the squared difference of two Gram matrices."""

    CHANNELS = "channels"
    MEAN = "mean"
    SUM = "sum"


class TVNorm(StrEnum):
    """Norm of the differences of neighbouring pixels in the total variation."""

    SQUARED = "squared"
    ABSOLUTE = "absolute"
    POWER = "power"


@dataclass(frozen=True)
class LossScales:
    """Scales of the losses at a weight of 1, for images in [0, 1] and a network that is fed with 0 to 255."""

    content: float
    style: float
    tv: float
    temporal: float

    def __post_init__(self) -> None:
        for scale in vars(self).values():
            at_least("--base-weights", scale, 0)
        if self.content == self.style == 0:
            raise UsageError(
                f"--base-weights {self} have neither content nor style, so there is nothing to paint; "
                "give one of the first two a positive value."
            )

    @classmethod
    def parse(cls, text: str) -> "LossScales":
        """Read four numbers, separated by commas."""
        try:
            return cls(*(float(part) for part in text.split(",")))
        except (ValueError, TypeError):
            raise UsageError(
                f"invalid --base-weights {text!r}: give four numbers, for content, style, total variation "
                "and temporal loss, such as 0.3,50,5e5,8e7."
            ) from None

    def __str__(self) -> str:
        scales = [(scale, f"{scale:.10g}") for scale in vars(self).values()]
        return ",".join(text if float(text) == scale else repr(scale) for scale, text in scales)


@dataclass(frozen=True)
class ObjectiveOptions:
    """Options of the loss function; the defaults are those of the preset `default`."""

    network: Network = Network.VGG19
    """Network whose features define content and style: `vgg19`, or `vgg16`, which needs `--weights`."""
    content_layers: Layers = field(default_factory=lambda: Layers.parse("conv4_2"))
    """Layers of the content loss, each with a weight: `conv4_2,relu3_1:0.5,block5_conv1`. A layer is written
    `conv3_1`, `relu3_1` or `block3_conv1`."""
    style_layers: Layers = field(
        default_factory=lambda: Layers.parse("conv1_1,conv2_1,conv3_1,conv4_1,conv5_1")
    )
    """Layers of the style loss, each with a weight, written as `--content-layers`."""
    pooling: Pooling = Pooling.MAX
    """Pooling of the network: `max`, or `avg`, which gives smoother paintings."""
    padding: Padding = Padding.EDGE
    """Values beyond the border of the network's first feature maps: those of the `edge`, or `zero`, as in the
    papers, which leaves a line along the sides of a painting."""
    gram: StyleStatistic = StyleStatistic.GRAM
    """Statistic of a layer's features that represents the style: their `gram` matrix, or their `covariance`,
    which ignores their mean and so the overall brightness."""
    gram_shift: float = 0.0
    """Number added to each feature before its Gram matrix is computed (Novak and Nikulin 2016,
    arXiv:1605.04603); about -1 makes the deeper layers more distinctive."""
    content_distance: Distance = Distance.SQUARED
    """Distance of features in the content loss: `squared` differences, or 1 minus the `cosine` of the angle
    between them."""
    style_distance: Distance = Distance.SQUARED
    """Distance of Gram matrices in the style loss, as `--content-distance`."""
    content_norm: Norm = Norm.MEAN
    """Normalisation of the content loss: `mean` or `sum` of the squared differences."""
    style_norm: StyleNorm = StyleNorm.CHANNELS
    """Normalisation of the style loss: `channels` is the mean of the squared differences over the square of
    the number of channels; `mean` that mean itself; `sum` their sum for Gram matrices that are not averaged
    over the image, divided by the square of its number of pixels."""
    tv: TVNorm = TVNorm.SQUARED
    """Total variation: `squared` or `absolute` differences of neighbours, or the sum of both squares to the
    `power` of 1.25."""
    tv_norm: Norm = Norm.MEAN
    """Normalisation of the total variation: `mean` over all neighbours, or `sum` over all pixels that have
    both."""
    laplacian_weight: float = 0.0
    """Weight of the Laplacian loss, which keeps the lines of the source (Li et al. 2017,
    arXiv:1707.01253)."""
    laplacian_pool: int = 4
    """Side of the squares, in pixels, that are averaged before the Laplacian: a larger one keeps coarser
    lines."""
    base_weights: LossScales = LossScales(content=0.3, style=50.0, tv=5e5, temporal=8e7)
    """Scales of the losses at a weight of 1: content, style, total variation and temporal loss."""

    def __post_init__(self) -> None:
        at_least("--laplacian-weight", self.laplacian_weight, 0)
        at_least("--laplacian-pool", self.laplacian_pool, 1)
        if not abs(self.gram_shift) <= 1000:
            raise UsageError(
                f"--gram-shift {self.gram_shift:g} is out of range; give -1000 to 1000, such as -1."
            )
        known = layers_of(self.network)
        for name in self.layers:
            if name not in known:
                raise UsageError(
                    f"unknown layer {name} of {self.network.upper()}: give one of {', '.join(known)}."
                )

    @property
    def smallest_side_px(self) -> int:
        """Smallest side of an image that the loss function can process, in pixels."""
        deepest = max(block_of(name) for name in self.layers)
        # The Laplacian needs a pixel and its neighbours.
        return max(1 << (deepest - 1), 3 * self.laplacian_pool if self.laplacian_weight else 0)

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers of the content and the style loss."""
        return self.content_layers.names + self.style_layers.names
