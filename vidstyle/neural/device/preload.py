"""Threads and memory allocation of the backend, which are set before it is loaded."""

import ctypes
import math
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import suppress

from vidstyle.neural.device.cgroups import cpu_limit


def jobs_of_make(environment: Mapping[str, str]) -> int | None:
    """Read how many jobs make runs at once: None if it does not run this process, 0 if it sets no limit."""
    flags = environment.get("MAKEFLAGS", "")
    if not re.search(r"--jobserver-(auth|fds)=", flags):
        # Without a limit there is no job server; of several flags the last counts.
        return 0 if re.search(r"(^|\s)-?[a-zA-Z]*j(\s|$)", flags.partition(" -- ")[0]) else None
    found = re.findall(r"(?:^|\s)-j(\d+)", flags)
    return int(found[-1]) if found else 0


def cores() -> int:
    """Count the cores that this process may use: those it may run on, within a container's quota of time."""
    return min(_visible_cores(), cpu_limit() or sys.maxsize)


def _visible_cores() -> int:
    """Count the cores that this process may run on, which is what a backend counts."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_for(
    wanted: int | None, environment: Mapping[str, str], available: int, visible: int | None = None
) -> int | None:
    """Choose the number of threads to compute with; None leaves it to the backend, which uses all cores.

    Under `make -j4` each of four jobs gets a fourth of the cores, rounded up: one of them is always waiting
    for a disk. More threads than a container has time for would wait for each other.

    Parameters
    ----------
    wanted
        Number by the options.
    environment
        Variables of the environment.
    available
        Cores that may be used.
    visible
        Cores that the backend counts; by default those that may be used.

    """
    if wanted is not None:
        return wanted
    jobs = jobs_of_make(environment)
    if jobs is None or jobs == 1:
        chosen = "TF_NUM_INTRAOP_THREADS" in environment
        return available if available < (visible or available) and not chosen else None
    return 1 if jobs == 0 else max(1, math.ceil(available / jobs))


def limit_threads(wanted: int | None) -> None:
    """Set the number of threads of the backend, which has not been loaded yet."""
    threads = threads_for(wanted, os.environ, cores(), _visible_cores())
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
    # Operations that run at the same time also take memory at the same time.
    "TF_NUM_INTEROP_THREADS": "1",
}
"""Variables that TensorFlow reads when it is loaded."""
MAPPED_BYTES = 12 << 20
"""Blocks from this size are returned to the system as soon as they are free: most feature maps. If smaller
ones were too, clearing their pages would take half as long again."""
SETTINGS = {
    # M_MMAP_THRESHOLD
    -3: MAPPED_BYTES,
    # M_TRIM_THRESHOLD: smaller blocks are returned on request, not after each use.
    -1: (1 << 31) - 1,
    # M_ARENA_MAX: memory that one thread frees can be used by another.
    -8: 1,
}
"""Parameters of `mallopt`, by their numbers in glibc's malloc.h."""


def use_system_malloc(environment: MutableMapping[str, str] = os.environ) -> bool:
    """Have TensorFlow, not loaded yet, allocate by the system's malloc; False unless that is glibc's."""
    if "tensorflow" in sys.modules or environment.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
        return False
    if not all(_glibc("mallopt", number, value) for number, value in SETTINGS.items()):
        return False
    environment.update(ENVIRONMENT)
    return True


def trim_heap() -> None:
    """Return free memory to the system, if it was allocated there."""
    _glibc("malloc_trim", 0)


def _glibc(name: str, *arguments: int) -> int:
    """Call a function of the C library; 0, its failure, if it lacks the function."""
    # TypeError on Windows, where a library has to be named.
    with suppress(OSError, AttributeError, TypeError):
        return int(getattr(ctypes.CDLL(None), name)(*arguments))
    return 0
