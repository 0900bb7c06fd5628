"""Layers of the networks, by the names that papers and programs give them."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from vidstyle.errors import UsageError


class Network(StrEnum):
    """Network that looks at pictures."""

    VGG19 = "vgg19"
    VGG16 = "vgg16"


CONVOLUTIONS = {Network.VGG19: (2, 2, 4, 4, 4), Network.VGG16: (2, 2, 3, 3, 3)}
"""Convolutions of each block. Simonyan and Zisserman, arXiv:1409.1556, table 1, columns E and D."""


def layers_of(network: Network) -> tuple[str, ...]:
    """Every layer that a network's features can be taken from, by Keras' names, from the first to the last."""
    return tuple(
        f"block{block}_conv{i}"
        for block, count in enumerate(CONVOLUTIONS[network], 1)
        for i in range(1, count + 1)
    )


def canonical(name: str) -> str:
    """Keras' name of a layer that may be called as in Torch or Caffe: `relu3_1`, `conv3_1` or `block3_conv1`.

    Raises
    ------
    UsageError
        Neither network has such a layer.

    """
    match = re.fullmatch(r"(?:(?:relu|conv)_?(\d)_(\d)|block(\d)_conv(\d))", name.strip().lower())
    found = match and "block{}_conv{}".format(*filter(None, match.groups()))
    known = layers_of(Network.VGG19)
    if found not in known:
        raise UsageError(
            f"There is no layer {name.strip()!r}; give some of {', '.join(known)}, which may also be written conv1_1 or relu1_1."
        )
    return found


def block_of(layer: str) -> int:
    """Find the number of a layer's block; a pooling that halves the size comes before each but the first."""
    return int(layer.removeprefix("block").partition("_")[0])


def stride_of(layer: str) -> int:
    """Find how many pixels lie between neighbours of a layer's feature map."""
    return int(2 ** (block_of(layer) - 1))


def reach_px(layers: Iterable[str], network: Network = Network.VGG19) -> int:
    """Find how many pixels away features still see, at the deepest of some layers.

    A convolution of 3 x 3 sees one place further on each side, a pooling of 2 x 2 one place of those it halves.
    """
    known = layers_of(network)
    deepest = max(known.index(layer) for layer in layers)
    return sum(stride_of(layer) for layer in known[: deepest + 1]) + stride_of(known[deepest]) - 1


@dataclass(frozen=True)
class Layers:
    """Layers and their weights, relative to each other."""

    weights: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        names = [name for name, _ in self.weights]
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise UsageError(f"The layer {twice} is named twice; give each once, with its weight.")
        for name, weight in self.weights:
            if not (math.isfinite(weight) and weight >= 0):
                raise UsageError(
                    f"The weight {weight:g} of the layer {name} is out of range; give 0 or more."
                )
        if sum(weight for _, weight in self.weights) <= 0:
            raise UsageError("The weights of the layers come to 0; give one of them a positive weight.")

    @classmethod
    def parse(cls, text: str) -> "Layers":
        """Read `relu1_1,conv2_1:0.5,block3_conv1:2`."""
        pairs = []
        for part in text.split(","):
            name, colon, weight = part.partition(":")
            try:
                pairs.append((canonical(name), float(weight) if colon else 1.0))
            except ValueError:
                raise UsageError(
                    f"{weight!r} is no weight of the layer {name!r}; write it as conv3_1:0.5."
                ) from None
        return cls(tuple(pairs))

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return iter(self.weights)

    def __len__(self) -> int:
        return len(self.weights)

    def __str__(self) -> str:
        return ",".join(name if weight == 1 else f"{name}:{weight:g}" for name, weight in self.weights)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers, as they were given."""
        return tuple(name for name, _ in self.weights)

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return sum(weight for _, weight in self.weights)
