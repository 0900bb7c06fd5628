"""The painter of a run, made once and shared by its jobs, and the styles it knows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vidstyle.media.geometry import Frame
from vidstyle.media.photos import read_photo
from vidstyle.options import MachineOptions, Options, PainterKind, PaintOptions

if TYPE_CHECKING:  # Loading it takes seconds, which a job that is done already does not need.
    from vidstyle.neural.painter import Painter
    from vidstyle.neural.styles import StyleTargets


@dataclass
class Studio:
    """Holds the latest painter and the latest styles' targets: jobs that share them come one after the other."""

    _painters: "dict[tuple[PaintOptions, MachineOptions], Painter]" = field(default_factory=dict)
    _targets: "dict[tuple[Painter, tuple[Path, ...], tuple[Frame, ...]], StyleTargets]" = field(
        default_factory=dict
    )

    def painter(self, options: Options) -> "Painter | None":
        """Painter for some options; None where nothing is to be painted."""
        if options.painter is PainterKind.NONE:
            return None
        from vidstyle.neural.painter import Painter  # noqa: PLC0415

        key = (options.paint, options.machine)
        if key not in self._painters:
            self._painters, self._targets = {key: Painter(*key)}, {}
        return self._painters[key]

    def style(self, painter: "Painter", pictures: Sequence[Path], sizes: Sequence[Frame]) -> "StyleTargets":
        """Targets of style pictures, each brought to the size beside it."""
        key = (painter, tuple(pictures), tuple(sizes))
        if key not in self._targets:
            images = [read_photo(path, size) for path, size in zip(pictures, sizes, strict=True)]
            self._targets = {key: painter.look_at(images)}
        return self._targets[key]
