"""The painter of a run, made once and shared by its jobs, and the styles it knows."""

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
from vidstyle.neural.device.memory import uses_tiles
from vidstyle.neural.device.preload import limit_threads, use_system_malloc
from vidstyle.options.groups import MachineOptions, Options, PainterKind, PaintOptions
from vidstyle.options.objective import ObjectiveOptions
from vidstyle.options.style import Crop, Style

if TYPE_CHECKING:  # Loading it takes seconds, which a job that is done already does not need.
    from vidstyle.neural.benchmark import Rate
    from vidstyle.neural.objective.style_targets import StyleTargets
    from vidstyle.neural.painter import Painter


@dataclass(frozen=True)
class StylePreprocessing:
    """What is made of a style picture before its style is taken."""

    crop: Crop | None = None
    """The only part of it that is taken."""
    profile: bytes = SRGB
    """Colours to bring it to."""
    palette: ColorStatistics | None = None
    """The source's, which it is to have."""
    grey: bool = False
    """Whether only its lightness counts."""


def read_style_image(path: Path, size: FrameSize, look: StylePreprocessing) -> Image:
    """Read a style picture at a size, [H, W, 3].

    Raises
    ------
    InputError
        As `media.photos.read_photo`.

    """
    rendering = Rendering(look.profile)
    if look.crop is None:
        image = read_photo(path, size, rendering)
    else:
        left, top, width, height = vars(look.crop).values()
        part = read_photo(path, None, rendering)[top : top + height, left : left + width]
        image = resize(np.ascontiguousarray(part), size.width, size.height)
    if look.palette is None:
        return image
    return match_lightness(image, look.palette) if look.grey else match_colors(image, look.palette)


_TARGETS = 16
"""Looks at styles that are kept, a few megabytes each: an album has photos of a few sizes and of a few cameras."""


@dataclass
class PainterCache:
    """Holds the latest painter and its styles' targets: jobs that share them come one after the other."""

    rates: "list[tuple[int, Rate]]" = field(default_factory=list)
    """Pixels of a picture, and how fast the painter was found to be at it."""
    _painters: "dict[tuple[PaintOptions, MachineOptions, ObjectiveOptions], Painter]" = field(
        default_factory=dict
    )
    _targets: "dict[tuple[Painter, tuple[Style, ...], tuple[FrameSize, ...], StylePreprocessing], StyleTargets]" = field(
        default_factory=dict
    )

    def painter(self, options: Options, largest: FrameSize | None = None) -> "Painter | None":
        """Painter for some options; None where nothing is to be painted.

        If it is the first and the largest picture is short of memory, the backend is loaded so as to need less.
        """
        if options.painter is PainterKind.NONE:
            return None
        # Both before the backend is loaded, which heeds them once.
        limit_threads(options.machine.threads)
        if largest and uses_tiles(largest.height, largest.width, options.machine):
            use_system_malloc()
        from vidstyle.neural.painter import Painter  # noqa: PLC0415

        key = (options.paint, options.machine, options.objective)
        if key not in self._painters:
            self._painters, self._targets, self.rates = {key: Painter(*key)}, {}, []
        return self._painters[key]

    def style(
        self,
        painter: "Painter",
        styles: Sequence[Style],
        sizes: Sequence[FrameSize],
        look: StylePreprocessing | None = None,
    ) -> "StyleTargets":
        """Targets of styles, each brought to the size beside it, and looked at as a job does."""
        look = look or StylePreprocessing()
        key = (painter, tuple(styles), tuple(sizes), look)
        if key not in self._targets:
            pairs = zip(styles, sizes, strict=True)
            images = [read_style_image(style.picture, size, look) for style, size in pairs]
            while len(self._targets) >= _TARGETS:
                del self._targets[next(iter(self._targets))]
            self._targets[key] = painter.encode_style(images, [style.weight for style in styles])
        return self._targets[key]

    def texture(
        self, styles: Sequence[Style], sizes: Sequence[FrameSize], look: StylePreprocessing
    ) -> PyramidStatistics:
        """Colours and contrasts of the same styles, mixed as they are."""
        pairs = zip(styles, sizes, strict=True)
        textures = [pyramid_statistics(read_style_image(style.picture, size, look)) for style, size in pairs]
        total = sum(style.weight for style in styles)
        return mix_statistics(textures, [style.weight / total for style in styles])
