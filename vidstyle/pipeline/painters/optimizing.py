"""Optimising painter as a painter type: its weights, memory and loading."""

from collections.abc import Mapping, Sequence

from vidstyle.media.geometry import FrameSize
from vidstyle.neural.device.hardware import memory_limit, resolve_precision, uses_gpu
from vidstyle.neural.device.memory import PROGRAM_BYTES, encode_bytes, memory_needed, plan_memory, uses_tiles
from vidstyle.neural.device.preload import limit_threads, use_system_malloc
from vidstyle.neural.vgg.weights import weights_checksum
from vidstyle.options.groups import Options
from vidstyle.pipeline.painters.painter import MemorySum, Painter, PainterType, memory_without_network

STORED_BYTES_PER_PIXEL = 6
"""A stored frame has three channels of 16 bits, which hardly compress when painted: 5.3 to 5.7 were
measured."""


def _load(options: Options, largest: FrameSize | None) -> Painter:
    """Load the painter; threads and allocator are set before the backend, which reads them once."""
    limit_threads(options.machine.threads)
    if largest and uses_tiles(largest.height, largest.width, options.machine):
        use_system_malloc()
    from vidstyle.neural.painter import OptimizingPainter  # noqa: PLC0415

    return OptimizingPainter(options.paint, options.machine, options.objective)


def _identity(options: Options) -> Mapping[str, str]:
    return {
        "precision": resolve_precision(options.machine).value,
        "weights": weights_checksum(options.machine.weights, options.objective.network),
    }


def _memory(size: FrameSize, styles: Sequence[FrameSize], options: Options) -> MemorySum:
    """Sum up the memory of a frame, or of the largest style image if encoding it takes more."""
    width, height, machine = size.width, size.height, options.machine
    # A graphics card has its own memory, and reports by itself when it is full.
    if uses_gpu(machine):
        return memory_without_network(size, PROGRAM_BYTES)
    precision = resolve_precision(machine)
    plan = plan_memory(height, width, precision, machine.tile, memory_limit())
    needed = memory_needed(height, width, precision, plan)
    # Styles are encoded before anything is painted, and with a large --style-scale take more.
    encoding, style = _largest_style_encoding(styles, options)
    if encoding > needed.total_bytes:
        return MemorySum(
            encoding, f"{encoding >> 20} MiB to encode a style of {style.width} x {style.height} pixels"
        )
    terms = (
        f"{PROGRAM_BYTES >> 20} MiB, {needed.bytes_per_px} bytes for each of {width} x {height} pixels, "
        f"{needed.bytes_per_encoded_px} for each of {needed.encoded_px} that the network sees at once"
    )
    return MemorySum(needed.total_bytes, terms)


def _largest_style_encoding(styles: Sequence[FrameSize], options: Options) -> tuple[int, FrameSize]:
    """Find the style image whose encoding takes the most memory."""
    machine, limit = options.machine, memory_limit()
    precision = resolve_precision(machine)

    def bytes_of(style: FrameSize) -> int:
        plan = plan_memory(style.height, style.width, precision, machine.tile, limit)
        return encode_bytes(style.height, style.width, plan)

    return max(((bytes_of(style), style) for style in styles), key=lambda found: found[0])


OPTIMIZING = PainterType(
    load=_load,
    identity=_identity,
    smallest_side_px=lambda options: options.objective.smallest_side_px,
    memory=_memory,
    iterations=lambda options: (options.paint.first_iterations, options.paint.iterations),
    stored_bytes_per_pixel=STORED_BYTES_PER_PIXEL,
)
