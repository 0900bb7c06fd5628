"""Protocol of the terms that the loss function is the sum of, and of their targets."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from vidstyle.neural.device.backend import Tensor
from vidstyle.neural.objective.style_targets import StyleTargets
from vidstyle.neural.objective.tiles import Crop, TileMask


class FrameTensors(NamedTuple):
    """Inputs of one image as tensors, of which each term takes what it needs."""

    content: Tensor
    """Image to paint, [H, W, 3]."""
    encoded: Mapping[str, Any]
    """Targets that terms made of the content's feature maps, by their names: `Objective.encode`."""
    style: StyleTargets
    """Style of each region."""
    warped: Tensor | None
    """Painted predecessors warped to this image, [H, W, 3]; None if there are none."""
    trust: Tensor
    """Trust in each pixel of them, [H, W] in [0, 1]; zero where there are none."""
    protect: Tensor | None = None
    """How far the content is kept as it is, [H, W] in [0, 1]; None for not at all."""


class Targets(NamedTuple):
    """Targets and weights of the active terms, by their names."""

    by_term: dict[str, Any]
    """Tensors in whatever structure the term gives them."""
    weights: dict[str, Tensor]
    """Weight of each term's value, []. Tensors, so that another weight needs no other graph."""


class Term(Protocol):
    """Term of the loss: a weight times a function of sums over the places of an image.

    Terms are subclasses, made from the options, and are listed in `objective.TERMS`. The sums add up over
    tiles, and each term crops its own targets: nothing else needs to know any of them. Targets and sums are
    tensors in nested tuples, of the term's own choice.
    """

    name: str
    """Name in reported losses."""
    group: str
    """Group of terms whose sum is compared with one target loss; most are their own."""
    weight: float
    """Weight in an image without painted predecessors."""
    layers: tuple[str, ...] = ()
    """Layers of the network whose features it reads."""
    content_layers: tuple[str, ...] = ()
    """Layers whose feature maps of the content are its targets."""

    is_additive: bool = True
    """Whether its value depends on the image by the sums over its places alone."""

    def warm_scale(self, _temporal_scale: float, /) -> float:
        """Factor on the weight with a warm start, which may depend on the share of the temporal weight."""
        return 1.0

    def encode(self, _features: Mapping[str, Tensor], /) -> Any | None:
        """Make targets of the content's feature maps of `content_layers`, perhaps ahead; in graph."""

    def targets(self, frame: FrameTensors, /) -> Any | None:
        """Choose the targets of an image; None if the term is not active there."""
        return frame.encoded.get(self.name)

    def crop(self, targets: Any, _crop: Crop, /) -> Any:
        """Cut one tile out of all targets that have a place in the image."""
        return targets

    def zeros(self, _targets: Any, _channels: Mapping[str, int], /) -> Any:
        """Make sums over no place, from the number of channels of each layer."""
        return ()

    def accumulate(
        self, _features: Mapping[str, Tensor], _image: Tensor, _targets: Any, _mask: TileMask | None, /
    ) -> Any:
        """Sum over the places of an image [H, W, 3] and its feature maps [H', W', C].

        With a mask it is a tile, with the targets of that tile, and only the places under the mask count.
        """
        return ()

    def value(self, sums: Any, image: Tensor, targets: Any, /) -> Tensor:
        """Value [] before weighting, from the sums over a whole image [H, W, 3] and its targets.

        It may depend on the image directly: only feature maps are too large to be had as a whole.
        """
        ...
