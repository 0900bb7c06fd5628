"""How many threads to compute with: the machine may be shared with others of its kind."""

import ctypes
import math
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import suppress


def jobs_of_make(environment: Mapping[str, str]) -> int | None:
    """How many jobs make runs at once, where it runs this one: None elsewhere, 0 where it sets no bound."""
    flags = environment.get("MAKEFLAGS", "")
    if not re.search(r"--jobserver-(auth|fds)=", flags):
        # Without a bound there is no server; of several flags the last counts.
        return 0 if re.search(r"(^|\s)-?[a-zA-Z]*j(\s|$)", flags.partition(" -- ")[0]) else None
    found = re.findall(r"(?:^|\s)-j(\d+)", flags)
    return int(found[-1]) if found else 0


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_for(wanted: int | None, environment: Mapping[str, str], available: int) -> int | None:
    """Threads to compute with; None leaves it to the backend, which takes all cores.

    Under `make -j4` each of four jobs gets a fourth of the cores, rounded up: one of them always waits for a disk.
    """
    if wanted is not None:
        return wanted
    jobs = jobs_of_make(environment)
    if jobs is None or jobs == 1:
        return None
    return 1 if jobs == 0 else max(1, math.ceil(available / jobs))


def limit_threads(wanted: int | None) -> None:
    """Tell the backend, which has not been loaded yet, how many threads to compute with."""
    threads = threads_for(wanted, os.environ, cores())
    if threads is None:
        return
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
    os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if os.environ.get("KERAS_BACKEND") == "jax":
        flags = (
            f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()} intra_op_parallelism_threads={threads}"
        )
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()


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


def use_system_malloc(environment: MutableMapping[str, str] = os.environ) -> bool:
    """Have TensorFlow, not loaded yet, take memory from the system; gives whether that is so, as only glibc can be told how."""
    if "tensorflow" in sys.modules or environment.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
        return False
    if not all(_glibc("mallopt", number, value) for number, value in SETTINGS.items()):
        return False
    environment.update(ENVIRONMENT)
    return True


def trim_heap() -> None:
    """Give what is free back to the system, where it was taken from there."""
    _glibc("malloc_trim", 0)


def _glibc(name: str, *arguments: int) -> int:
    """Call a function of the C library; 0, its failure, where it has none such."""
    # The last on Windows, where a library has to be named.
    with suppress(OSError, AttributeError, TypeError):
        return int(getattr(ctypes.CDLL(None), name)(*arguments))
    return 0
