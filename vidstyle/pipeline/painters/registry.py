"""Painter types: the table of painters by the names that `--painter` takes.

A type says of its painter what has to be known before its libraries are loaded, which takes seconds.
"""

from vidstyle.options.groups import Options, PainterKind
from vidstyle.pipeline.painters.copying import COPYING
from vidstyle.pipeline.painters.optimizing import OPTIMIZING
from vidstyle.pipeline.painters.painter import PainterType

PAINTER_TYPES: dict[PainterKind, PainterType] = {
    PainterKind.VGG: OPTIMIZING,
    PainterKind.NONE: COPYING,
}


def painter_type(options: Options) -> PainterType:
    """Look up the painter type of some options."""
    return PAINTER_TYPES[options.painter]
