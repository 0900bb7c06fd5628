"""Whose memory the backend computes in, on a processor.

TensorFlow keeps what it once took, in pieces that only by chance fit what comes next: a picture of 12 megapixels, painted at
several sizes, leaves a fourth of it unused. The system's C library gives it back, which costs a fifth of the time, as each new
page is cleared. So it is asked where memory is what a picture is short of.
"""

import ctypes
import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress

ENVIRONMENT = {
    "TF_ONEDNN_USE_SYSTEM_ALLOCATOR": "1",
    # What could be computed at the same time also takes memory at the same time.
    "TF_NUM_INTEROP_THREADS": "1",
}
"""What TensorFlow reads when it is loaded."""
MAPPED_BYTES = 12 << 20
"""Pieces from this size are given back as soon as they are free: most maps of features. If smaller ones were too, clearing
their pages would cost half of the time again."""
SETTINGS = {
    # M_MMAP_THRESHOLD
    -3: MAPPED_BYTES,
    # M_TRIM_THRESHOLD: what is smaller is given back when asked for, and not after each use.
    -1: (1 << 31) - 1,
    # M_ARENA_MAX: what one thread leaves another can have.
    -8: 1,
}
"""Parameters of `mallopt`, by their numbers in glibc's malloc.h."""


def take_from_system(environment: MutableMapping[str, str] = os.environ) -> bool:
    """Have TensorFlow, not loaded yet, take memory from the system; gives whether that is so, as only glibc can be told how."""
    if "tensorflow" in sys.modules or environment.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
        return False
    if not all(_glibc("mallopt", number, value) for number, value in SETTINGS.items()):
        return False
    environment.update(ENVIRONMENT)
    return True


def give_back() -> None:
    """Give what is free back to the system, where it was taken from there."""
    _glibc("malloc_trim", 0)


def _glibc(name: str, *arguments: int) -> int:
    """Call a function of the C library; 0, its failure, where it has none such."""
    # The last on Windows, where a library has to be named.
    with suppress(OSError, AttributeError, TypeError):
        return int(getattr(ctypes.CDLL(None), name)(*arguments))
    return 0
