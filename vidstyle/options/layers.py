"""Layers of VGG-19 and VGG-16, by the names that papers and programs give them."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from vidstyle.errors import UsageError


class Network(StrEnum):
    """Network whose features define content and style."""

    VGG19 = "vgg19"
    VGG16 = "vgg16"


CONVOLUTIONS = {Network.VGG19: (2, 2, 4, 4, 4), Network.VGG16: (2, 2, 3, 3, 3)}
"""Number of convolutions in each block. Simonyan and Zisserman, arXiv:1409.1556, table 1, columns E and D."""


def layers_of(network: Network) -> tuple[str, ...]:
    """List a network's convolutions by Keras' names, from the first to the last."""
    return tuple(
        f"block{block}_conv{i}"
        for block, count in enumerate(CONVOLUTIONS[network], 1)
        for i in range(1, count + 1)
    )


def canonical(name: str) -> str:
    """Find Keras' name of a layer, which may be written `relu3_1`, `conv3_1` or `block3_conv1`.

    Raises
    ------
    UsageError
        Neither network has the layer.

    """
    match = re.fullmatch(r"(?:(?:relu|conv)_?(\d)_(\d)|block(\d)_conv(\d))", name.strip().lower())
    found = match and "block{}_conv{}".format(*filter(None, match.groups()))
    known = layers_of(Network.VGG19)
    if found not in known:
        raise UsageError(
            f"unknown layer {name.strip()!r}: give one of {', '.join(known)}, "
            "also written conv1_1 or relu1_1."
        )
    return found


def block_of(layer: str) -> int:
    """Find the number of a layer's block; before each block but the first, pooling halves the size."""
    return int(layer.removeprefix("block").partition("_")[0])


def stride_of(layer: str) -> int:
    """Compute the stride of a layer's feature map, in pixels."""
    return int(2 ** (block_of(layer) - 1))


def reach_px(layers: Iterable[str], network: Network = Network.VGG19) -> int:
    """Compute the radius of the receptive field, in pixels, of the deepest of some layers.

    A 3 x 3 convolution adds the stride of its layer on each side, and 2 x 2 pooling one input position.
    """
    known = layers_of(network)
    deepest = max(known.index(layer) for layer in layers)
    return sum(stride_of(layer) for layer in known[: deepest + 1]) + stride_of(known[deepest]) - 1


@dataclass(frozen=True)
class Layers:
    """Layers of the network with their relative weights."""

    weights: tuple[tuple[str, float], ...]
    """Name and weight of each layer."""

    def __post_init__(self) -> None:
        names = [name for name, _ in self.weights]
        if len(set(names)) != len(names):
            duplicate = next(name for name in names if names.count(name) > 1)
            raise UsageError(f"layer {duplicate} is given twice; give each layer once, with its weight.")
        for name, weight in self.weights:
            if not (math.isfinite(weight) and weight >= 0):
                raise UsageError(f"weight {weight:g} of layer {name} is out of range; give 0 or more.")
        if sum(weight for _, weight in self.weights) <= 0:
            raise UsageError("the weights of the layers are all 0; give one of them a positive weight.")

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
                    f"invalid weight {weight!r} of layer {name!r}: write it as conv3_1:0.5."
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
        """Names of the layers, in the given order."""
        return tuple(name for name, _ in self.weights)

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return sum(weight for _, weight in self.weights)
