"""Loss function: the weighted sum of its terms.

Gatys et al. 2016, equation 7, with the total variation that later work added and the temporal term of Ruder
et al. 2016, equation 9. An image comes into it by sums over its places, which can be accumulated tile by tile
(`objective.tiling`).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from vidstyle.neural.device.backend import Tensor, fork, keras
from vidstyle.neural.objective.content import ContentTerm
from vidstyle.neural.objective.laplacian import LaplacianTerm
from vidstyle.neural.objective.protect import ProtectTerm
from vidstyle.neural.objective.style import StyleTerm
from vidstyle.neural.objective.temporal import TemporalTerm
from vidstyle.neural.objective.terms import FrameTensors, Targets, Term
from vidstyle.neural.objective.tiles import Crop, TileMask
from vidstyle.neural.objective.total_variation import TotalVariationTerm
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.options.groups import PaintOptions
from vidstyle.options.objective import ObjectiveOptions

TERMS: tuple[Callable[[ObjectiveOptions, PaintOptions], Term], ...] = (
    ContentTerm,
    StyleTerm,
    TotalVariationTerm,
    TemporalTerm,
    LaplacianTerm,
    ProtectTerm,
)
"""Terms that a loss function is made of, in the order of the sum. The first two groups, content and style,
are those that have target losses."""

PartialSums = tuple[Any, ...]
"""Sums of each active term over one tile or the whole image."""


class Objective:
    """Loss function of an image and its targets.

    Parameters
    ----------
    options
        Layers, distances and base weights.
    paint
        Weights relative to these.

    """

    def __init__(self, options: ObjectiveOptions, paint: PaintOptions) -> None:
        self.options = options
        self.terms = tuple(make(options, paint) for make in TERMS)
        self.weights = {term.name: term.weight for term in self.terms}
        """Weights of the terms by name, in an image without painted predecessors."""
        self.layers = _union(term.layers for term in self.terms)
        """Layers of the network whose features some term reads."""
        self.content_layers = _union(term.content_layers for term in self.terms)
        """Layers whose feature maps of the content are targets."""

    def encode(self, features: Mapping[str, Tensor]) -> dict[str, Any]:
        """Make targets of the content's feature maps of `content_layers`, by terms' names; in graph."""
        found = {term.name: term.encode(features) for term in self.terms}
        return {name: targets for name, targets in found.items() if targets is not None}

    def targets(self, frame: FrameTensors, temporal_scale: float = 1.0) -> Targets:
        """Put together the targets of an image, and weights that suit whether it has a predecessor.

        `temporal_scale` is the share of the temporal weight that holds it to its predecessor.
        """
        by_term = {term.name: term.targets(frame) for term in self.terms}
        scales = {
            term.name: 1.0 if frame.warped is None else term.warm_scale(temporal_scale) for term in self.terms
        }
        return Targets(
            {name: targets for name, targets in by_term.items() if targets is not None},
            {
                name: keras.ops.convert_to_tensor(scales[name] * self.weights[name], "float32")
                for name, targets in by_term.items()
                if targets is not None
            },
        )

    def names(self, targets: Targets) -> tuple[str, ...]:
        """Names of the terms that are active for some targets, in the order of `values`."""
        return tuple(term.name for term, _ in self._active(targets))

    def is_additive(self, targets: Targets) -> bool:
        """Tell whether each active term depends on the image by the sums over its places alone."""
        return all(term.is_additive for term, _ in self._active(targets))

    def crop(self, targets: Targets, crop: Crop) -> Targets:
        """Cut one tile out of targets."""
        by_term = {term.name: term.crop(own, crop) for term, own in self._active(targets)}
        return targets._replace(by_term=by_term)

    def zeros(self, targets: Targets, channels: Mapping[str, int]) -> PartialSums:
        """Make sums over no place, from the number of channels of each layer."""
        return tuple(term.zeros(own, channels) for term, own in self._active(targets))

    def accumulate(
        self, encoder: Encoder, image: Tensor, targets: Targets, mask: TileMask | None = None
    ) -> PartialSums:
        """Sum over the places of an image [H, W, 3], or of a tile with its own targets and mask."""
        active = list(self._active(targets))
        encoded, *images = fork(image, 1 + len(active))
        features = encoder(encoded)
        pairs = zip(active, images, strict=True)
        return tuple(term.accumulate(features, each, own, mask) for (term, own), each in pairs)

    def values(self, image: Tensor, targets: Targets, sums: PartialSums) -> list[Tensor]:
        """Weighted value [] of each active term at an image, from the sums over it."""
        pairs = zip(self._active(targets), sums, strict=True)
        return [targets.weights[term.name] * term.value(found, image, own) for (term, own), found in pairs]

    def loss(self, image: Tensor, targets: Targets, sums: PartialSums) -> tuple[Tensor, Tensor]:
        """Loss [] of an image and the sum of each group of terms, [groups], from the sums over it."""
        groups: dict[str, Tensor] = {}
        more = []  # Further terms of a group, which are added to the first.
        for (term, _), value in zip(self._active(targets), self.values(image, targets, sums), strict=True):
            if term.group in groups:
                more.append((list(groups).index(term.group), value))
            else:
                groups[term.group] = value
        by_group = keras.ops.stack(list(groups.values()))
        for index, value in more:
            by_group = by_group + value * keras.ops.one_hot(index, len(groups), dtype=by_group.dtype)
        return keras.ops.sum(by_group), by_group

    def __call__(self, encoder: Encoder, image: Tensor, targets: Targets) -> tuple[Tensor, Tensor]:
        """Loss [] of an image and the sum of each group of terms, [groups]: content, style and so on."""
        return self.loss(image, targets, self.accumulate(encoder, image, targets))

    def _active(self, targets: Targets) -> Iterator[tuple[Term, Any]]:
        """Active terms, each with its own targets."""
        own = targets.by_term
        return ((term, own[term.name]) for term in self.terms if term.name in own)


def _union(names: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for some in names for name in some))
