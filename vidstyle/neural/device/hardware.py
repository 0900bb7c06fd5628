"""Hardware of this machine: instruction sets, graphics cards, memory; without loading a tensor library."""

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

from vidstyle.neural.device.cgroups import memory_limits
from vidstyle.options.groups import MachineOptions, Precision

AMPERE = (8, 0)
"""Compute capability of the first cards that multiply in bfloat16."""
_CAPABILITY = (75, 76)
"""Numbers of its two parts among the attributes of a device, in CUDA's driver interface."""


def cpu_flags() -> frozenset[str]:
    """Instruction sets of the processor, in Linux' names; empty if they cannot be read."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return frozenset()
    found = (line.partition(":")[2].split() for line in lines if line.startswith("flags"))
    return frozenset(next(found, ()))


def has_gpu() -> bool:
    """Tell whether there is a graphics card that a tensor library may find."""
    return any(Path("/dev").glob("nvidia[0-9]*"))


def capability(index: int) -> tuple[int, int] | None:
    """Compute capability of a graphics card by its driver; None without such a card, or without a driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
        device, major, minor = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
        errors = [driver.cuInit(0), driver.cuDeviceGet(ctypes.byref(device), index)]
        for number, attribute in zip((major, minor), _CAPABILITY, strict=True):
            errors.append(driver.cuDeviceGetAttribute(ctypes.byref(number), attribute, device))
    except (OSError, AttributeError):
        return None
    return None if any(errors) else (major.value, minor.value)


def choose_precision(wanted: Precision, *, card: tuple[int, int] | None, flags: frozenset[str]) -> Precision:
    """Resolve `auto`: bfloat16 where the hardware multiplies in it, float32 elsewhere.

    Parameters
    ----------
    wanted
        Precision by the options.
    card
        Compute capability of the graphics card that paints; None if the processor does.
    flags
        Instruction sets of the processor.

    """
    if wanted is not Precision.AUTO:
        return wanted
    native = card >= AMPERE if card else not flags.isdisjoint({"avx512_bf16", "amx_bf16"})
    return Precision.BFLOAT16 if native else Precision.FLOAT32


def uses_gpu(options: MachineOptions) -> bool:
    """Tell whether a graphics card will paint."""
    return options.device.startswith("gpu") or (options.device == "auto" and has_gpu())


def resolve_precision(options: MachineOptions) -> Precision:
    """Resolve the precision on this machine."""
    index = int(options.device.removeprefix("gpu:")) if options.device.startswith("gpu") else 0
    card = capability(index) if uses_gpu(options) else None
    return choose_precision(options.precision, card=card, flags=cpu_flags())


def memory_limit() -> int:
    """Memory of the machine, or of the smallest container around this process, in bytes."""
    limits = memory_limits()
    with suppress(AttributeError, OSError, ValueError):  # Not on every system.
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min((limit for limit in limits if limit > 0), default=sys.maxsize)
