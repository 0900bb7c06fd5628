"""What each frame of a job is painted by: the picture that the painter sees, and the style."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.oklab import grey
from vidstyle.imaging.pyramid import PyramidStatistics, match_pyramid, mix_statistics
from vidstyle.imaging.recolor import ColorStatistics, color_statistics
from vidstyle.imaging.resize import resize
from vidstyle.imaging.types import Image
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.reader import Rendering, read_photo
from vidstyle.motion.flow import Flow
from vidstyle.motion.sampling import warp_lanczos
from vidstyle.options.keyframes import shares_at
from vidstyle.options.style import Colors
from vidstyle.options.values import Init, InitKind
from vidstyle.pipeline.paint.painter_cache import PainterCache, StylePreprocessing
from vidstyle.pipeline.paint.passes import Source
from vidstyle.pipeline.paint.scales import Scale, scales
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.masks import Masks, region_masks
from vidstyle.pipeline.plan.ranges import spread_evenly
from vidstyle.pipeline.plan.survey import JobSpec

if TYPE_CHECKING:  # Loading it takes seconds.
    from vidstyle.neural.objective.style_targets import Region, StyleTargets
    from vidstyle.neural.painter import Painter


MASK_NOISE = 0.02
"""By so much masks change that stay the same: those of films are compressed."""
PALETTE_FRAMES = 12
"""Frames, evenly spread, that a film's colours are taken from: one palette, or the style would change midway."""


class FrameTargets(NamedTuple):
    """What a frame is painted by."""

    content: Image
    """What the painter sees, [H, W, 3]."""
    style: "StyleTargets"
    more: Mapping[str, Any] = {}
    """Further arguments of `Painter.paint`."""


@dataclass(frozen=True)
class TargetSource:
    """What each frame is painted by."""

    style: "StyleTargets"
    """Targets of each place that the masks tell apart; where styles have times, one for each of them, by time."""
    scale: Scale
    """Size that this is for, and how long a frame that is carried from no other is painted at it."""
    moments: tuple[Fraction, ...] = ()
    """Those times, in seconds."""
    times: tuple[Fraction, ...] = ()
    """Second of each frame of the film."""
    masks: Masks = field(default_factory=Masks)
    grey: bool = False
    """Whether the painter sees lightness alone."""
    start: Image | None = None
    """What a frame starts from that is carried from no other, [H, W, 3]; None for its own picture."""
    textures: tuple[PyramidStatistics, ...] = ()
    """Colours and contrasts that this picture is given first, as many as targets; none where it is taken as it is."""
    seed: int | None = None
    """Number that decides the noise which such a frame starts from instead; None for no noise."""
    unmoved: bool = False
    """Whether a frame starts from the painted one before it as it is, not carried along by the motion."""
    coarser: "tuple[TargetSource, ...]" = ()
    """What such a frame is painted by at smaller sizes before, the smallest first."""

    def content(self, source: Image) -> Image:
        """Give what the painter sees of a frame's picture [H, W, 3]."""
        return grey(source) if self.grey else source

    def at(self, index: int, source: Image, *, afresh: bool = False) -> FrameTargets:
        """Guidance of a frame by its index in the source, at the size of its picture [H, W, 3]; it may be carried from no other."""
        content = self.content(source)
        height, width, _ = source.shape
        held = self.masks.protected(index)
        held = None if held is None else resize(held, width, height)
        style = self._regions(index, width, height)
        more: dict[str, Any] = {} if held is None else {"held": held}
        if afresh and self.textures:
            more["start"] = self.matched(index, content, style)
        elif afresh and self.seed is not None:
            noise = np.random.default_rng([self.seed, index]).random(source.shape, np.float32)
            more["start"] = grey(noise) if self.grey else noise
        elif afresh and self.start is not None:
            start = resize(self.start, width, height)
            more["start"] = grey(start) if self.grey else start
        return FrameTargets(content, style, more)

    @property
    def steady(self) -> bool:
        """Whether equal frames are painted alike, wherever they stand."""
        return not (self.masks.moves or self.changes)

    @property
    def from_source(self) -> bool:
        """Whether a shot begins with its source, in a style that is the same as in the shots before."""
        return self.steady and not self.unmoved and self.seed is None and self.start is None

    @property
    def changes(self) -> bool:
        """Whether the style changes over time, so that a shot's first frame is no standard for the others."""
        return len(self.moments) > 1

    def _styles(self, index: int) -> "StyleTargets":
        """Targets of each place at a frame."""
        if not self.changes:
            return self.style
        shares = np.array(shares_at(self.moments, self.times[index]), np.float32)
        places = len(self.style) // len(self.moments)
        return tuple(_mean(self.style[place::places], shares) for place in range(places))

    def matched(self, index: int, content: Image, style: "StyleTargets") -> Image | None:
        """Give a frame's picture the colours and contrasts of each region's style; what has no style keeps its own.

        None where pictures are not to be given them.
        """
        textures = self.textures
        if not textures:
            return None
        if self.changes:
            shares, places = shares_at(self.moments, self.times[index]), len(style)
            textures = tuple(mix_statistics(textures[place::places], shares) for place in range(places))
        painted, left = np.zeros_like(content), np.ones((*content.shape[:2], 1), np.float32)
        for region, texture in zip(style, textures, strict=True):
            mask = np.float32(1) if region.mask is None else np.asarray(region.mask)[..., None]
            painted, left = painted + mask * match_pyramid(content, texture), left - mask
        return np.asarray(np.clip(painted + left * content, 0, 1), np.float32)

    def gained(self, index: int, before: int, flow: Flow) -> Image | None:
        """How much of a frame has come under a style since another, [H, W] in [0, 1], which nothing painted then is of.

        Parameters
        ----------
        index, before
            Of the two frames in the source.
        flow
            Where each pixel was, [H, W, 2] in pixels.

        """
        if not self.masks.moves:
            return None
        gains = [
            np.maximum(now - warp_lanczos(then, flow) - MASK_NOISE, 0)
            for now, then in zip(self._planes(index), self._planes(before), strict=True)
            if now is not None and then is not None
        ]
        return np.minimum(np.sum(gains, axis=0), 1) if gains else None

    def _planes(self, index: int) -> list[Image | None]:
        """Where each place is at a frame, [H, W] in [0, 1], None for everywhere; what is held has no style."""
        planes, held = self.masks.regions(index), self.masks.protected(index)
        if held is None:
            return planes
        return [1 - held if plane is None else plane * (1 - held) for plane in planes]

    def _regions(self, index: int, width: int, height: int) -> "StyleTargets":
        """Targets of each place, and where it is, at a size."""
        style, planes = self._styles(index), self._planes(index)
        planes = [plane if plane is None else resize(plane, width, height) for plane in planes]
        if all(plane is None for plane in planes):
            return style
        return tuple(region._replace(mask=plane) for region, plane in zip(style, planes, strict=True))


def _mean(regions: "StyleTargets", shares: NDArray[np.float32]) -> "Region":
    """One target that lies between those of several times."""
    grams = []
    for layers in zip(*(region.grams for region in regions), strict=True):
        each = [_mixture(layer, region.shares) for layer, region in zip(layers, regions, strict=True)]
        grams.append(np.tensordot(shares, np.stack(each), 1)[None])
    return regions[0]._replace(grams=tuple(grams), shares=None)


def _mixture(layer: Any, shares: Any) -> NDArray[np.float32]:
    """Matrix [C, C] of a mixture of styles [styles, C, C]."""
    matrices = np.asarray(layer)
    return np.asarray(
        np.average(matrices, axis=0, weights=None if shares is None else np.asarray(shares)), np.float32
    )


def load_targets(
    painters: PainterCache, painter: "Painter", job: Job, spec: JobSpec, source: Source
) -> TargetSource:
    """Look at everything that a job's frames are painted by.

    Raises
    ------
    VidstyleError
        Something of it cannot be read.

    """
    options, frame = job.options.style, spec.size
    palette = None
    if options.colors in {Colors.MATCH, Colors.LUMINANCE}:
        palette = _palette(spec, source)
    in_grey = options.colors is Colors.LUMINANCE
    look = StylePreprocessing(options.style_crop, spec.rendering.profile, palette, in_grey)
    init = job.options.paint.init
    is_matched = init == Init(InitKind.MATCHED) and job.options.paint.style_weight > 0
    at = [spec.video.second_of(style.at) if spec.video and style.at else None for style in job.styles]
    moments = sorted({moment for moment in at if moment is not None})
    start, guides = _start(init, job, spec), []
    for scale in scales(frame.width, frame.height, job.options):
        targets: list[Any] = []
        textures = []
        sizes = [_scaled(size, scale.width, frame.width) for size in spec.style_sizes]
        found = list(zip(job.styles, sizes, at, strict=True))
        for moment, place in product(moments or (None,), region_masks(job.styles)):
            here = [(style, size) for style, size, time in found if (style.mask, time) == (place, moment)]
            mixture = [style for style, _ in here], [size for _, size in here], look
            targets += painters.style(painter, *mixture)
            textures += [painters.texture(*mixture)] if is_matched else []
        guides.append(
            TargetSource(
                tuple(targets),
                scale,
                tuple(moments),
                spec.video.timestamps if spec.video else (),
                spec.masks,
                in_grey,
                start,
                tuple(textures),
                job.options.paint.seed if init == Init(InitKind.NOISE) else None,
                unmoved=init == Init(InitKind.PREVIOUS),
            )
        )
    return replace(guides[-1], coarser=tuple(guides[:-1]))


def _scaled(size: FrameSize, part: int, whole: int) -> FrameSize:
    """Scale the size of a style picture as the picture is that it is for."""
    return replace(size, width=-(-size.width * part // whole), height=-(-size.height * part // whole))


def _start(init: Init, job: Job, spec: JobSpec) -> Image | None:
    """Picture that a shot starts from; None for the source."""
    path = init.file or (job.styles[0].picture if init.kind is InitKind.STYLE else None)
    return read_photo(path, spec.size, Rendering(spec.rendering.profile)) if path else None


def _palette(spec: JobSpec, source: Source) -> ColorStatistics:
    wanted = set(spread_evenly(spec.frames, PALETTE_FRAMES))
    with source(spec.start) as images:
        chosen = (image for place, image in zip(range(spec.frames), images, strict=False) if place in wanted)
        return color_statistics(chosen)
