"""Memory that painting an image takes, and the plan that fits it in; without loading a tensor library."""

from typing import NamedTuple

from vidstyle.neural.device.hardware import memory_limit, resolve_precision, uses_gpu
from vidstyle.options.groups import MachineOptions, Precision
from vidstyle.options.values import Tile

HISTORY = 20
"""Pairs that L-BFGS keeps where memory suffices."""
MIN_HISTORY = 4
PROGRAM_BYTES = 900 << 20
"""The program itself with its libraries and the network's weights."""
NETWORK_BYTES = {Precision.FLOAT32: 2200, Precision.BFLOAT16: 1200}
"""Feature maps and their gradients, per pixel that is encoded at once: measured as peak memory over
pixels."""
NETWORK_TILE_BYTES = {Precision.FLOAT32: 3200, Precision.BFLOAT16: 2400}
"""The same in tiles, where feature maps are masked, with the unused memory between them."""
ENCODE_BYTES = 650
"""Feature maps alone, per pixel of a style image that is encoded at once: that happens once, in float32."""
ENCODE_TILE_BYTES = 1400
"""The same in tiles."""
STYLE_IMAGE_BYTES = 60
"""A style image and its intermediate results, per pixel."""
IMAGE_BYTES = 150
"""Image, gradient, trial, direction, targets and transforms, per pixel of the image."""
PAIR_BYTES = {Precision.FLOAT32: 24, Precision.BFLOAT16: 12}
"""A pair of L-BFGS, per pixel of the image. In bfloat16 as many pairs need as many iterations."""
WHOLE_IMAGE_SHARE = 0.25
"""Share of the machine's memory in which an image is painted without tiles: the rest is for other
programs."""
HISTORY_BYTES = 3 << 28
"""Memory for all pairs."""
TILE_PX = 896
"""Side of a tile: its margins cost two fifths more time, and those of smaller ones more than that."""
MIN_TILE_PX = 256


class MemoryPlan(NamedTuple):
    """Tiles and history with which an image is painted in some memory."""

    tile_px: int | None = None
    """Side of the tiles that the network encodes; None for the whole image at once."""
    history: int = HISTORY
    """Pairs that L-BFGS keeps."""
    kept: Precision = Precision.FLOAT32
    """Precision in which it keeps them."""


def smaller_tile(side_px: int | None, height: int, width: int) -> int | None:
    """Side of the next smaller tiles than `side_px`, None being the whole image; None if there are none."""
    least = min(side_px or max(height, width), max(height, width))
    return next((side for side in (TILE_PX, TILE_PX // 2, MIN_TILE_PX) if side < least), None)


class MemoryNeed(NamedTuple):
    """Memory that painting an image takes, in bytes."""

    bytes_per_px: int
    """Per pixel of the image."""
    bytes_per_encoded_px: int
    """Per pixel that the network encodes at once."""
    encoded_px: int
    """Number of those."""
    total_bytes: int
    """Of all, the program itself included."""


def memory_needed(height: int, width: int, precision: Precision, plan: MemoryPlan) -> MemoryNeed:
    """Estimate the memory that painting an image takes."""
    image_px = height * width
    per_encoded_px = (NETWORK_BYTES if plan.tile_px is None else NETWORK_TILE_BYTES)[precision]
    encoded_px = image_px if plan.tile_px is None else min(image_px, plan.tile_px**2)
    per_px = IMAGE_BYTES + PAIR_BYTES[plan.kept] * plan.history
    total = PROGRAM_BYTES + image_px * per_px + encoded_px * per_encoded_px
    return MemoryNeed(per_px, per_encoded_px, encoded_px, total)


def encode_bytes(height: int, width: int, plan: MemoryPlan) -> int:
    """Estimate the memory that encoding a style image takes, the program itself included."""
    image_px = height * width
    if plan.tile_px is None:
        return PROGRAM_BYTES + image_px * ENCODE_BYTES
    encoded_px = min(image_px, plan.tile_px**2)
    return PROGRAM_BYTES + image_px * STYLE_IMAGE_BYTES + encoded_px * ENCODE_TILE_BYTES


def plan_memory(height: int, width: int, precision: Precision, tile: Tile, limit_bytes: int) -> MemoryPlan:
    """Choose tiles and history for an image.

    Parameters
    ----------
    height, width
        Size of the image, in pixels.
    precision
        Resolved arithmetic of the network.
    tile
        Tiles by the options.
    limit_bytes
        Memory of the machine, not what is free at the moment: the same image is planned alike on it, whatever
        else runs, and so painted alike.

    """
    kept = Precision.FLOAT32
    if _pairs(height, width, kept) < HISTORY:
        kept = Precision.BFLOAT16
    history = max(MIN_HISTORY, min(HISTORY, _pairs(height, width, kept))), kept
    whole = MemoryPlan(None, *history)
    if tile.px is not None:
        return MemoryPlan(tile.px, *history)
    needed = memory_needed(height, width, precision, whole).total_bytes
    if not tile.auto or needed <= WHOLE_IMAGE_SHARE * limit_bytes:
        return whole
    side = TILE_PX
    while side > MIN_TILE_PX:
        if memory_needed(height, width, precision, MemoryPlan(side, *history)).total_bytes <= limit_bytes:
            break
        side = max(side // 2, MIN_TILE_PX)
    return whole if max(height, width) <= side else MemoryPlan(side, *history)


def uses_tiles(height: int, width: int, machine: MachineOptions) -> bool:
    """Tell whether an image does not fit into the processor's memory as a whole."""
    if uses_gpu(machine):
        return False
    plan = plan_memory(height, width, resolve_precision(machine), machine.tile, memory_limit())
    return plan.tile_px is not None and plan.tile_px < max(height, width)


def _pairs(height: int, width: int, kept: Precision) -> int:
    return HISTORY_BYTES // (PAIR_BYTES[kept] * height * width)
