"""Recipes: which layers speak, and how loudly."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Layers and weights of the objective. Weights multiply the means that `neural.losses` computes.

    Images are in [0, 1], features in the network's own units (it is fed 0 to 255).
    """

    content_layers: tuple[tuple[str, float], ...]
    """(layer, weight); weights are relative to each other."""
    style_layers: tuple[tuple[str, float], ...]
    content_weight: float
    style_weight: float
    tv_weight: float
    temporal_weight: float

    @property
    def smallest_side_px(self) -> int:
        """Size below which the deepest layer has nothing to look at: each block but the first halves the picture."""
        return int(2 ** (max(int(name[len("block")]) for name in self.layers) - 1))

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that the recipe looks at."""
        return tuple(name for name, _ in self.content_layers + self.style_layers)


STYLE_LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")

DEFAULT = Recipe(
    # Layers of Gatys et al. 2016, section 3.
    content_layers=(("block4_conv2", 1.0),),
    style_layers=tuple((name, 1.0) for name in STYLE_LAYERS),
    content_weight=0.3,
    style_weight=50.0,
    tv_weight=5e5,
    temporal_weight=2e8,
)
