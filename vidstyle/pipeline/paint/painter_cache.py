"""The painter of a run, made once and shared by its jobs, and the styles it knows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vidstyle.imaging.pyramid import Texture, mixed, texture_of
from vidstyle.imaging.recolor import Palette, matched, matched_grey
from vidstyle.imaging.resize import resize
from vidstyle.imaging.types import Image
from vidstyle.media.geometry import Frame
from vidstyle.media.photo.icc import SRGB
from vidstyle.media.photo.reader import Rendering, read_photo
from vidstyle.neural.device.memory import in_windows
from vidstyle.neural.device.preload import limit_threads, take_from_system
from vidstyle.options.groups import MachineOptions, Options, PainterKind, PaintOptions
from vidstyle.options.objective import Recipe
from vidstyle.options.style import Crop, Style

if TYPE_CHECKING:  # Loading it takes seconds, which a job that is done already does not need.
    from vidstyle.neural.benchmark import Rate
    from vidstyle.neural.objective.style_targets import StyleTargets
    from vidstyle.neural.painter import Painter


@dataclass(frozen=True)
class Look:
    """What is made of a style picture before its style is taken."""

    crop: Crop | None = None
    """The only part of it that is taken."""
    profile: bytes = SRGB
    """Colours to bring it to."""
    palette: Palette | None = None
    """The source's, which it is to have."""
    grey: bool = False
    """Whether only its lightness counts."""


def read_style(path: Path, size: Frame, look: Look) -> Image:
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
    return matched_grey(image, look.palette) if look.grey else matched(image, look.palette)


_TARGETS = 16
"""Looks at styles that are kept, a few megabytes each: an album has photos of a few sizes and of a few cameras."""


@dataclass
class Studio:
    """Holds the latest painter and its styles' targets: jobs that share them come one after the other."""

    rates: "list[tuple[int, Rate]]" = field(default_factory=list)
    """Pixels of a picture, and how fast the painter was found to be at it."""
    _painters: "dict[tuple[PaintOptions, MachineOptions, Recipe], Painter]" = field(default_factory=dict)
    _targets: "dict[tuple[Painter, tuple[Style, ...], tuple[Frame, ...], Look], StyleTargets]" = field(
        default_factory=dict
    )

    def painter(self, options: Options, largest: Frame | None = None) -> "Painter | None":
        """Painter for some options; None where nothing is to be painted.

        If it is the first and the largest picture is short of memory, the backend is loaded so as to need less.
        """
        if options.painter is PainterKind.NONE:
            return None
        # Both before the backend is loaded, which heeds them once.
        limit_threads(options.machine.threads)
        if largest and in_windows(largest.height, largest.width, options.machine):
            take_from_system()
        from vidstyle.neural.painter import Painter  # noqa: PLC0415

        key = (options.paint, options.machine, options.recipe)
        if key not in self._painters:
            self._painters, self._targets, self.rates = {key: Painter(*key)}, {}, []
        return self._painters[key]

    def style(
        self,
        painter: "Painter",
        styles: Sequence[Style],
        sizes: Sequence[Frame],
        look: Look | None = None,
    ) -> "StyleTargets":
        """Targets of styles, each brought to the size beside it, and looked at as a job does."""
        look = look or Look()
        key = (painter, tuple(styles), tuple(sizes), look)
        if key not in self._targets:
            pairs = zip(styles, sizes, strict=True)
            images = [read_style(style.picture, size, look) for style, size in pairs]
            while len(self._targets) >= _TARGETS:
                del self._targets[next(iter(self._targets))]
            self._targets[key] = painter.look_at(images, [style.weight for style in styles])
        return self._targets[key]

    def texture(self, styles: Sequence[Style], sizes: Sequence[Frame], look: Look) -> Texture:
        """Colours and contrasts of the same styles, mixed as they are."""
        pairs = zip(styles, sizes, strict=True)
        textures = [texture_of(read_style(style.picture, size, look)) for style, size in pairs]
        total = sum(style.weight for style in styles)
        return mixed(textures, [style.weight / total for style in styles])
