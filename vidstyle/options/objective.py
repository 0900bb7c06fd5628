"""Options of what is minimised: the network, its layers, the distances, and what a weight of 1 stands for."""

from dataclasses import dataclass, field
from enum import StrEnum

from vidstyle.errors import UsageError
from vidstyle.options.layers import Layers, Network, block_of, layers_of
from vidstyle.options.values import at_least


class Pooling(StrEnum):
    """How the network halves its pictures."""

    MAX = "max"
    AVG = "avg"


class StyleStatistic(StrEnum):
    """What of a layer's features is its style."""

    GRAM = "gram"
    COVARIANCE = "covariance"


class Distance(StrEnum):
    """How far two features, or two styles, are apart."""

    SQUARED = "squared"
    COSINE = "cosine"


class Norm(StrEnum):
    """What squared differences are divided by."""

    MEAN = "mean"
    SUM = "sum"


class StyleNorm(StrEnum):
    """What the squared difference of two Gram matrices is divided by."""

    CHANNELS = "channels"
    MEAN = "mean"
    SUM = "sum"


class TVNorm(StrEnum):
    """How neighbouring pixels are compared."""

    SQUARED = "squared"
    ABSOLUTE = "absolute"
    POWER = "power"


@dataclass(frozen=True)
class LossScales:
    """What the weights of 1 stand for; images are in [0, 1], features in the network's own units (it is fed 0 to 255)."""

    content: float
    style: float
    tv: float
    temporal: float

    def __post_init__(self) -> None:
        for weight in vars(self).values():
            at_least("--base-weights", weight, 0)
        if self.content == self.style == 0:
            raise UsageError(
                f"--base-weights {self} leave out content and style, so there is nothing to paint; give one of the first two a "
                "positive value."
            )

    @classmethod
    def parse(cls, text: str) -> "LossScales":
        """Read four numbers, separated by commas."""
        try:
            return cls(*(float(part) for part in text.split(",")))
        except (ValueError, TypeError):
            raise UsageError(
                f"--base-weights {text!r} are no four numbers; write those of content, style, total variation and the "
                "temporal loss, as 0.3,50,5e5,8e7."
            ) from None

    def __str__(self) -> str:
        return ",".join(f"{weight:.10g}" for weight in vars(self).values())


@dataclass(frozen=True)
class ObjectiveOptions:
    """What is minimised. The defaults are the recipe `default`; presets.py has others."""

    network: Network = Network.VGG19
    """Network that looks at the pictures: `vgg19`, or `vgg16`, whose weights come with `--weights`."""
    content_layers: Layers = field(default_factory=lambda: Layers.parse("conv4_2"))
    """Layers that see the source's forms, as `conv4_2,relu3_1:0.5,block5_conv1`, each with a weight."""
    style_layers: Layers = field(
        default_factory=lambda: Layers.parse("conv1_1,conv2_1,conv3_1,conv4_1,conv5_1")
    )
    """Layers that see the style, written as `--content-layers`."""
    pooling: Pooling = Pooling.MAX
    """How the network halves its pictures: `avg` gives smoother paintings."""
    gram: StyleStatistic = StyleStatistic.GRAM
    """Style of a layer: the `gram` matrix of its features, or their `covariance`, which leaves out how bright all is."""
    gram_shift: float = 0.0
    """Add this to every feature before its Gram matrix is taken; -1 or so makes the deeper layers tell more."""
    content_distance: Distance = Distance.SQUARED
    """Distance of features: their `squared` differences, or 1 less the `cosine` of the angle between them."""
    style_distance: Distance = Distance.SQUARED
    """Distance of styles, `squared` or `cosine`."""
    content_norm: Norm = Norm.MEAN
    """Whether squared differences of features are a `mean` or a `sum`."""
    style_norm: StyleNorm = StyleNorm.CHANNELS
    """How differences of styles are scaled: the mean over all entries, divided by the square of the number of `channels`;
    that `mean` itself; or the `sum` for features that are not averaged over the picture, over its pixels squared."""
    tv: TVNorm = TVNorm.SQUARED
    """Total variation: `squared` or `absolute` differences of neighbours, or the sum of both squares to the `power` 1.25."""
    tv_norm: Norm = Norm.MEAN
    """Whether that is a `mean` over all neighbours, or a `sum` over all pixels that have both."""
    laplacian_weight: float = 0.0
    """How strongly to hold the source's lines: weight of a loss on the Laplacian of the picture."""
    laplacian_pool: int = 4
    """Pixels on a side that are averaged before the Laplacian is taken: larger holds coarser lines."""
    base_weights: LossScales = LossScales(content=0.3, style=50.0, tv=5e5, temporal=8e7)
    """What 1 stands for in `--content-weight`, `--style-weight`, `--tv-weight` and `--temporal-weight`, in this order."""

    def __post_init__(self) -> None:
        at_least("--laplacian-weight", self.laplacian_weight, 0)
        at_least("--laplacian-pool", self.laplacian_pool, 1)
        if not abs(self.gram_shift) <= 1000:
            raise UsageError(
                f"--gram-shift {self.gram_shift:g} is out of range; give a number from -1000 to 1000, such as -1."
            )
        known = layers_of(self.network)
        for name in self.layers:
            if name not in known:
                raise UsageError(
                    f"{self.network.upper()} has no layer {name}; give some of {', '.join(known)}."
                )

    @property
    def smallest_side_px(self) -> int:
        """Size below which the recipe has nothing to look at: each block but the first halves the picture."""
        deepest = max(block_of(name) for name in self.layers)
        # A Laplacian takes a pixel and its neighbours.
        return max(1 << (deepest - 1), 3 * self.laplacian_pool if self.laplacian_weight else 0)

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that the recipe looks at."""
        return self.content_layers.names + self.style_layers.names
