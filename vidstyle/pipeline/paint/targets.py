"""Content and style targets of each frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.oklab import to_grey
from vidstyle.imaging.pyramid import PyramidStatistics, match_pyramid, mix_statistics
from vidstyle.imaging.resize import resize
from vidstyle.imaging.types import Flow, Image, Mask
from vidstyle.motion.sampling import warp_lanczos
from vidstyle.neural.inputs import FrameTargets
from vidstyle.options.keyframes import shares_at
from vidstyle.pipeline.paint.scales import Scale
from vidstyle.pipeline.plan.masks import Masks

if TYPE_CHECKING:  # Loading it takes seconds.
    from vidstyle.neural.objective.style_targets import Region, StyleTargets


MASK_NOISE = 0.02
"""Change of a mask that stays the same: masks that are films are compressed."""


@dataclass(frozen=True)
class TargetSource:
    """Content and style targets of each frame of a job."""

    style: "StyleTargets"
    """Style of each region that the masks tell apart; if styles have times, one of each region per time, by
    time."""
    scale: Scale
    """Size of the frames, and the iterations of a frame without painted predecessors at it."""
    moments: tuple[Fraction, ...] = ()
    """Times of the styles, in seconds."""
    times: tuple[Fraction, ...] = ()
    """Time of each frame of the film, in seconds."""
    masks: Masks = field(default_factory=Masks)
    grey: bool = False
    """Whether lightness alone is painted."""
    start: Image | None = None
    """Image that a frame without painted predecessors starts from, [H, W, 3]; None for its content."""
    textures: tuple[PyramidStatistics, ...] = ()
    """Colours and contrasts that the content is brought to first, one per style target; empty to start from
    it as it is."""
    seed: int | None = None
    """Seed of the noise that such a frame starts from instead; None for no noise."""
    skips_warp: bool = False
    """Whether a frame starts from the painted frame before it as it is, not warped along the optical flow."""
    coarser: "tuple[TargetSource, ...]" = ()
    """Targets of such a frame at the smaller sizes that are painted before, the smallest first."""

    def content(self, source: Image) -> Image:
        """Give the content of a frame [H, W, 3]."""
        return to_grey(source) if self.grey else source

    def for_frame(
        self, index: int, source: Image, *, initial: bool = False, features: Mapping[str, Any] | None = None
    ) -> FrameTargets:
        """Give the targets of a frame.

        Parameters
        ----------
        index, source
            Its index in the source, and the frame, [H, W, 3].
        initial
            Whether to add the image that it starts from without a warm start.
        features
            Feature maps of its content, if it was encoded ahead.

        """
        content = self.content(source)
        height, width, _ = source.shape
        protect = self.masks.protected(index)
        protect = None if protect is None else resize(protect, width, height)
        style = self._regions(index, width, height)
        start = self._initial(index, content, style) if initial else None
        return FrameTargets(content, style, protect, start, features)

    def _initial(self, index: int, content: Image, style: "StyleTargets") -> Image | None:
        """Image that a frame without painted predecessors starts from; None for its content."""
        height, width, _ = content.shape
        if self.textures:
            return self.matched(index, content, style)
        if self.seed is not None:
            noise = np.random.default_rng([self.seed, index]).random(content.shape, np.float32)
            return self.content(noise)
        return None if self.start is None else self.content(resize(self.start, width, height))

    @property
    def is_constant(self) -> bool:
        """Tell whether equal frames have equal targets, at whatever index."""
        return not (self.masks.moves or self.changes)

    @property
    def starts_from_source(self) -> bool:
        """Tell whether a shot begins with its source, in the same style as the shots before."""
        return self.is_constant and not self.skips_warp and self.seed is None and self.start is None

    @property
    def changes(self) -> bool:
        """Tell whether the style changes over time, so that no frame sets target losses for others."""
        return len(self.moments) > 1

    def _styles(self, index: int) -> "StyleTargets":
        """Style of each region at a frame."""
        if not self.changes:
            return self.style
        shares = np.array(shares_at(self.moments, self.times[index]), np.float32)
        regions = len(self.style) // len(self.moments)
        return tuple(_mean(self.style[region::regions], shares) for region in range(regions))

    def matched(self, index: int, content: Image, style: "StyleTargets") -> Image | None:
        """Bring content [H, W, 3] to the colours and contrasts of each region's style, if it has one.

        None if content is not to be brought to them.
        """
        textures = self.textures
        if not textures:
            return None
        if self.changes:
            shares, regions = shares_at(self.moments, self.times[index]), len(style)
            textures = tuple(mix_statistics(textures[region::regions], shares) for region in range(regions))
        painted, left = np.zeros_like(content), np.ones((*content.shape[:2], 1), np.float32)
        for region, texture in zip(style, textures, strict=True):
            mask = np.float32(1) if region.mask is None else np.asarray(region.mask)[..., None]
            painted, left = painted + mask * match_pyramid(content, texture), left - mask
        return np.asarray(np.clip(painted + left * content, 0, 1), np.float32)

    def newly_styled(self, index: int, before: int, flow: Flow) -> Mask | None:
        """Measure how much of each pixel has come under a style since another frame, [H, W] in [0, 1].

        Parameters
        ----------
        index, before
            The two frames in the source.
        flow
            Backward flow, [H, W, 2] in pixels.

        """
        if not self.masks.moves:
            return None
        gains = [
            np.maximum(now - warp_lanczos(then, flow) - MASK_NOISE, 0)
            for now, then in zip(self._planes(index), self._planes(before), strict=True)
            if now is not None and then is not None
        ]
        return np.minimum(np.sum(gains, axis=0), 1) if gains else None

    def _planes(self, index: int) -> list[Mask | None]:
        """Give the mask of each region, [H, W], None for everywhere; protected pixels have no style."""
        planes, protect = self.masks.regions(index), self.masks.protected(index)
        if protect is None:
            return planes
        return [1 - protect if plane is None else plane * (1 - protect) for plane in planes]

    def _regions(self, index: int, width: int, height: int) -> "StyleTargets":
        """Style of each region with its mask, at a size."""
        style, planes = self._styles(index), self._planes(index)
        planes = [plane if plane is None else resize(plane, width, height) for plane in planes]
        if all(plane is None for plane in planes):
            return style
        return tuple(region._replace(mask=plane) for region, plane in zip(style, planes, strict=True))


def _mean(regions: "StyleTargets", shares: NDArray[np.float32]) -> "Region":
    """Interpolate the targets of several times."""
    grams = []
    for layers in zip(*(region.grams for region in regions), strict=True):
        each = [_mixture(layer, region.shares) for layer, region in zip(layers, regions, strict=True)]
        grams.append(np.tensordot(shares, np.stack(each), 1)[None])
    return regions[0]._replace(grams=tuple(grams), shares=None)


def _mixture(layer: Any, shares: Any) -> NDArray[np.float32]:
    """Average the matrices of a mixture of styles, [styles, C, C] to [C, C]."""
    matrices = np.asarray(layer)
    return np.asarray(
        np.average(matrices, axis=0, weights=None if shares is None else np.asarray(shares)), np.float32
    )
