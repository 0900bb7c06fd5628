"""Optimising painter as a painter type: its weights, memory and loading."""

from collections.abc import Mapping

from vidstyle.media.geometry import FrameSize
from vidstyle.neural.device.hardware import resolve_precision
from vidstyle.neural.device.memory import uses_tiles
from vidstyle.neural.device.preload import limit_threads, use_system_malloc
from vidstyle.neural.vgg.weights import weights_checksum
from vidstyle.options.groups import Options
from vidstyle.pipeline.painters.painter import Painter, PainterType

STORED_BYTES_PER_PIXEL = 6
"""A stored frame has three channels of 16 bits, which hardly compress when painted: 5.3 to 5.7 were measured."""


def _load(options: Options, largest: FrameSize | None) -> Painter:
    """Load the painter; threads and allocator are set before the backend, which reads them once."""
    limit_threads(options.machine.threads)
    if largest and uses_tiles(largest.height, largest.width, options.machine):
        use_system_malloc()
    from vidstyle.neural.painter import Painter as OptimizingPainter  # noqa: PLC0415

    return OptimizingPainter(options.paint, options.machine, options.objective)


def _identity(options: Options) -> Mapping[str, str]:
    return {
        "precision": resolve_precision(options.machine).value,
        "weights": weights_checksum(options.machine.weights, options.objective.network),
    }


OPTIMIZING = PainterType(
    load=_load,
    identity=_identity,
    smallest_side_px=lambda options: options.objective.smallest_side_px,
    stored_bytes_per_pixel=STORED_BYTES_PER_PIXEL,
)
