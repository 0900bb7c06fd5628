"""How much memory painting a picture takes, and how it is laid out to fit; found without loading a tensor library."""

from typing import NamedTuple

from vidstyle.neural.device.hardware import memory_limit, resolve_precision, uses_gpu
from vidstyle.options.groups import MachineOptions, Precision
from vidstyle.options.values import Tile

HISTORY = 20
"""Pairs that L-BFGS remembers where there is room."""
LEAST_HISTORY = 4
PROGRAM_BYTES = 900 << 20
"""The program itself with its libraries and the network's weights."""
NETWORK_BYTES = {Precision.FLOAT32: 2200, Precision.BFLOAT16: 1200}
"""Feature maps and their gradients, for each pixel that the network sees at once: measured as peak memory over pixels."""
WINDOW_BYTES = {Precision.FLOAT32: 3200, Precision.BFLOAT16: 2400}
"""The same in windows, where what counts is weighed place by place, with what lies unused between them."""
LOOK_BYTES = 650
"""Feature maps alone, for each pixel of a style picture that the network sees at once: it is looked at once, in float32."""
LOOK_WINDOW_BYTES = 1400
"""The same in windows."""
LOOKED_AT_BYTES = 60
"""A style picture and what comes of it, for each pixel."""
IMAGE_BYTES = 150
"""Picture, gradient, trial, direction, targets and transforms, for each pixel of the picture."""
PAIR_BYTES = {Precision.FLOAT32: 24, Precision.BFLOAT16: 12}
"""A pair of L-BFGS, for each pixel of the picture. In bfloat16 as many pairs need as many iterations."""
SHARE = 0.25
"""Of the machine's memory that a picture is painted in as a whole: the rest is for what runs beside."""
HISTORY_BYTES = 3 << 28
"""Memory for all pairs."""
TILE_PX = 896
"""Side of a window: what it sees around what it answers for costs two fifths more, and smaller ones cost more."""
LEAST_TILE_PX = 256


class MemoryPlan(NamedTuple):
    """How a picture is painted within some memory."""

    tile_px: int | None = None
    """Side of the windows that the network looks through; None where it sees the whole picture at once."""
    history: int = HISTORY
    """Pairs that L-BFGS remembers."""
    kept: Precision = Precision.FLOAT32
    """What it remembers them in."""


def smaller(side_px: int | None, height: int, width: int) -> int | None:
    """Side of the next smaller windows onto a picture, None for none, where `side_px` does not fit into memory."""
    least = min(side_px or max(height, width), max(height, width))
    return next((side for side in (TILE_PX, TILE_PX // 2, LEAST_TILE_PX) if side < least), None)


class MemoryNeed(NamedTuple):
    """Memory that painting a picture takes, in bytes."""

    each: int
    """For each pixel of the picture."""
    seen_each: int
    """For each pixel that the network sees at once."""
    seen: int
    """Number of those."""
    total_bytes: int
    """The program's own included."""


def memory_needed(height: int, width: int, precision: Precision, layout: MemoryPlan) -> MemoryNeed:
    """Estimate the memory that painting a picture takes."""
    picture = height * width
    seen_each = (NETWORK_BYTES if layout.tile_px is None else WINDOW_BYTES)[precision]
    seen = min(picture, layout.tile_px**2) if layout.tile_px is not None else picture
    each = IMAGE_BYTES + PAIR_BYTES[layout.kept] * layout.history
    return MemoryNeed(each, seen_each, seen, PROGRAM_BYTES + picture * each + seen * seen_each)


def encode_bytes(height: int, width: int, layout: MemoryPlan) -> int:
    """Estimate the memory that looking at a style picture takes, the program's own included."""
    picture = height * width
    if layout.tile_px is None:
        return PROGRAM_BYTES + picture * LOOK_BYTES
    seen = min(picture, layout.tile_px**2)
    return PROGRAM_BYTES + picture * LOOKED_AT_BYTES + seen * LOOK_WINDOW_BYTES


def plan_memory(height: int, width: int, precision: Precision, tile: Tile, have_bytes: int) -> MemoryPlan:
    """Choose how to paint a picture.

    Parameters
    ----------
    height, width
        Of the picture, in pixels.
    precision
        Resolved arithmetic of the network.
    tile
        What was asked for.
    have_bytes
        Memory of the machine, not what is free at the moment: the same picture is laid out alike on it, whatever else
        runs, and so painted alike.

    """
    kept = Precision.FLOAT32
    if _pairs(height, width, kept) < HISTORY:
        kept = Precision.BFLOAT16
    remembered = max(LEAST_HISTORY, min(HISTORY, _pairs(height, width, kept))), kept
    whole = MemoryPlan(None, *remembered)
    if tile.px is not None:
        return MemoryPlan(tile.px, *remembered)
    if not tile.auto or memory_needed(height, width, precision, whole).total_bytes <= SHARE * have_bytes:
        return whole
    side = TILE_PX
    while side > LEAST_TILE_PX:
        if memory_needed(height, width, precision, MemoryPlan(side, *remembered)).total_bytes <= have_bytes:
            break
        side = max(side // 2, LEAST_TILE_PX)
    return whole if max(height, width) <= side else MemoryPlan(side, *remembered)


def uses_tiles(height: int, width: int, machine: MachineOptions) -> bool:
    """Tell whether a picture does not fit into the processor's memory as a whole."""
    if uses_gpu(machine):
        return False
    layout = plan_memory(height, width, resolve_precision(machine), machine.tile, memory_limit())
    return layout.tile_px is not None and layout.tile_px < max(height, width)


def _pairs(height: int, width: int, kept: Precision) -> int:
    return HISTORY_BYTES // (PAIR_BYTES[kept] * height * width)
