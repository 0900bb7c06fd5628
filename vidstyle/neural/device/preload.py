"""How many threads to compute with: the machine may be shared with others of its kind."""

import math
import os
import re
from collections.abc import Mapping


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
