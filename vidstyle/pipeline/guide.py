"""What each frame of a job is painted by: the picture that the painter sees, and the style."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidstyle.media.palettes import Palette, grey, palette_of
from vidstyle.media.photos import Rendering, read_photo
from vidstyle.pipeline.figures import evenly
from vidstyle.pipeline.jobs import Job
from vidstyle.pipeline.looks import Look
from vidstyle.pipeline.masks import Masks, places_of
from vidstyle.pipeline.passes import Source
from vidstyle.pipeline.studio import Studio
from vidstyle.pipeline.survey import Survey
from vidstyle.styling import Colors
from vidstyle.values import Init, InitKind

if TYPE_CHECKING:  # Loading it takes seconds.
    from vidstyle.neural.painter import Painter
    from vidstyle.neural.styles import StyleTargets

Image = NDArray[np.float32]

PALETTE_FRAMES = 12
"""Frames, evenly spread, that a film's colours are taken from: one palette, or the style would change midway."""


class Guidance(NamedTuple):
    """What a frame is painted by."""

    content: Image
    """What the painter sees, [H, W, 3]."""
    style: "StyleTargets"
    more: Mapping[str, Any] = {}
    """Further arguments of `Painter.paint`."""


@dataclass(frozen=True)
class Guide:
    """What each frame is painted by."""

    style: "StyleTargets"
    """Targets of each place that the masks tell apart."""
    masks: Masks = field(default_factory=Masks)
    grey: bool = False
    """Whether the painter sees lightness alone."""
    start: Image | None = None
    """What a frame starts from that is carried from no other, [H, W, 3]."""
    seed: int | None = None
    """Number that decides the noise which such a frame starts from instead; None for no noise."""
    unmoved: bool = False
    """Whether a frame starts from the painted one before it as it is, not carried along by the motion."""

    def at(self, index: int, source: Image) -> Guidance:
        """Guidance of a frame, by its index in the source and its picture [H, W, 3]."""
        content = grey(source) if self.grey else source
        start = self.start
        if self.seed is not None:
            start = np.random.default_rng([self.seed, index]).random(source.shape, np.float32)
        more = {} if start is None else {"start": grey(start) if self.grey else start}
        held = self.masks.protected(index)
        return Guidance(content, self._regions(index, held), more if held is None else more | {"held": held})

    @property
    def steady(self) -> bool:
        """Whether equal frames are painted alike, wherever they stand."""
        return not self.masks.moves

    def _regions(self, index: int, held: Image | None) -> "StyleTargets":
        """Targets of each place, and where it is; what is held has no style."""
        planes = self.masks.regions(index)
        if held is not None:
            planes = [1 - held if plane is None else plane * (1 - held) for plane in planes]
        if planes == [None]:
            return self.style
        return tuple(region._replace(mask=plane) for region, plane in zip(self.style, planes, strict=True))


def guide_of(studio: Studio, painter: "Painter", job: Job, measures: Survey, source: Source) -> Guide:
    """Look at everything that a job's frames are painted by.

    Raises
    ------
    VidstyleError
        Something of it cannot be read.

    """
    options = job.options.style
    palette = None
    if options.colors in {Colors.MATCH, Colors.LUMINANCE}:
        palette = _palette(measures, source)
    in_grey = options.colors is Colors.LUMINANCE
    look = Look(options.style_crop, measures.rendering.profile, palette, in_grey)
    init = job.options.paint.init
    pairs = list(zip(job.styles, measures.styles, strict=True))
    targets: list[Any] = []
    for place in places_of(job.styles):
        here = [(style, size) for style, size in pairs if style.mask == place]
        targets += studio.style(painter, [style for style, _ in here], [size for _, size in here], look)
    return Guide(
        tuple(targets),
        measures.masks,
        in_grey,
        _start(init, job, measures),
        job.options.paint.seed if init == Init(InitKind.NOISE) else None,
        unmoved=init == Init(InitKind.PREVIOUS),
    )


def _start(init: Init, job: Job, measures: Survey) -> Image | None:
    """Picture that a shot starts from; None for the source."""
    path = init.file or (job.styles[0].picture if init.kind is InitKind.STYLE else None)
    return read_photo(path, measures.frame, Rendering(measures.rendering.profile)) if path else None


def _palette(measures: Survey, source: Source) -> Palette:
    wanted = set(evenly(measures.frames, PALETTE_FRAMES))
    with source(measures.start) as images:
        chosen = (
            image for place, image in zip(range(measures.frames), images, strict=False) if place in wanted
        )
        return palette_of(chosen)
