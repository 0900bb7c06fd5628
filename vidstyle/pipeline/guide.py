"""What each frame of a job is painted by: the picture that the painter sees, and the style."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidstyle.media.palettes import Palette, grey, palette_of
from vidstyle.pipeline.figures import evenly
from vidstyle.pipeline.jobs import Job
from vidstyle.pipeline.looks import Look
from vidstyle.pipeline.passes import Source
from vidstyle.pipeline.studio import Studio
from vidstyle.pipeline.survey import Survey
from vidstyle.styling import Colors

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
    grey: bool = False
    """Whether the painter sees lightness alone."""

    def at(self, _index: int, source: Image) -> Guidance:
        """Guidance of a frame, by its index in the source and its picture [H, W, 3]."""
        return Guidance(grey(source) if self.grey else source, self.style)


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
    return Guide(studio.style(painter, job.styles, measures.styles, look), in_grey)


def _palette(measures: Survey, source: Source) -> Palette:
    wanted = set(evenly(measures.frames, PALETTE_FRAMES))
    with source(measures.start) as images:
        chosen = (
            image for place, image in zip(range(measures.frames), images, strict=False) if place in wanted
        )
        return palette_of(chosen)
