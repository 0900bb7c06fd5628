"""Painters and encoded styles of a run, shared by its jobs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vidstyle.imaging.pyramid import PyramidStatistics, mix_statistics, pyramid_statistics
from vidstyle.imaging.recolor import ColorStatistics, match_colors, match_lightness
from vidstyle.imaging.resize import resize
from vidstyle.imaging.types import Image
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.icc import SRGB
from vidstyle.media.photo.reader import Rendering, read_photo
from vidstyle.options.groups import MachineOptions, Options, PainterKind, PaintOptions
from vidstyle.options.objective import ObjectiveOptions
from vidstyle.options.style import Crop, Style
from vidstyle.pipeline.painters.painter import Painter
from vidstyle.pipeline.painters.registry import painter_type

if TYPE_CHECKING:  # Loading them takes seconds, which a finished job does not need.
    from vidstyle.neural.benchmark import Rate
    from vidstyle.neural.objective.style_targets import StyleTargets


@dataclass(frozen=True)
class StylePreprocessing:
    """Preprocessing of a style image before it is encoded."""

    crop: Crop | None = None
    """Part of it that is used; None for all of it."""
    profile: bytes = SRGB
    """ICC profile of the painting."""
    palette: ColorStatistics | None = None
    """Colours of the source, which it is brought to; None for its own."""
    grey: bool = False
    """Whether only its lightness is used."""


def read_style_image(path: Path, size: FrameSize, preprocessing: StylePreprocessing) -> Image:
    """Read a style image at a size, [H, W, 3].

    Raises
    ------
    InputError
        As `media.photo.reader.read_photo`.

    """
    rendering = Rendering(preprocessing.profile)
    if preprocessing.crop is None:
        image = read_photo(path, size, rendering)
    else:
        left, top, width, height = vars(preprocessing.crop).values()
        part = read_photo(path, None, rendering)[top : top + height, left : left + width]
        image = resize(np.ascontiguousarray(part), size.width, size.height)
    if preprocessing.palette is None:
        return image
    if preprocessing.grey:
        return match_lightness(image, preprocessing.palette)
    return match_colors(image, preprocessing.palette)


_MAX_STYLES = 16
"""Encoded styles that are kept, a few megabytes each: an album has photos of a few sizes and of a few
cameras."""

_StyleKey = tuple[Painter, tuple[Style, ...], tuple[FrameSize, ...], StylePreprocessing]
_PainterKey = tuple[PainterKind, PaintOptions, MachineOptions, ObjectiveOptions]


@dataclass
class PainterCache:
    """The latest painter and its encoded styles: jobs that share them follow each other."""

    rates: "list[tuple[int, Rate]]" = field(default_factory=list)
    """Pixels of an image, and the painter's measured rate at it."""
    _painters: dict[_PainterKey, Painter] = field(default_factory=dict)
    _styles: "dict[_StyleKey, StyleTargets]" = field(default_factory=dict)

    def painter(self, options: Options, largest: FrameSize | None = None) -> Painter:
        """Give the painter of some options.

        Parameters
        ----------
        options
            Options of the job.
        largest
            Size of the largest image to be encoded: if it is short of memory, and the painter is the first of
            the process, its libraries are loaded so as to need less.

        """
        key = (options.painter, options.paint, options.machine, options.objective)
        if key not in self._painters:
            painter = painter_type(options).load(options, largest)
            self._painters, self._styles, self.rates = {key: painter}, {}, []
        return self._painters[key]

    def style(
        self,
        painter: Painter,
        styles: Sequence[Style],
        sizes: Sequence[FrameSize],
        preprocessing: StylePreprocessing | None = None,
    ) -> "StyleTargets":
        """Encode a mixture of styles, each at its size."""
        preprocessing = preprocessing or StylePreprocessing()
        key = (painter, tuple(styles), tuple(sizes), preprocessing)
        if key not in self._styles:
            pairs = zip(styles, sizes, strict=True)
            images = [read_style_image(style.picture, size, preprocessing) for style, size in pairs]
            while len(self._styles) >= _MAX_STYLES:
                del self._styles[next(iter(self._styles))]
            self._styles[key] = painter.prepare(images, [style.weight for style in styles])
        return self._styles[key]

    def texture(
        self, styles: Sequence[Style], sizes: Sequence[FrameSize], preprocessing: StylePreprocessing
    ) -> PyramidStatistics:
        """Measure the colours and contrasts of the same mixture."""
        pairs = zip(styles, sizes, strict=True)
        textures = [
            pyramid_statistics(read_style_image(style.picture, size, preprocessing)) for style, size in pairs
        ]
        total = sum(style.weight for style in styles)
        return mix_statistics(textures, [style.weight / total for style in styles])
