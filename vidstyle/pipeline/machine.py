"""How much memory a process may have here."""

import os
import sys
from contextlib import suppress
from pathlib import Path

# Of control groups, as containers have them: version 2, then 1.
GROUPS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory_limit() -> int:
    """Bytes that the machine has, or that a container leaves of them."""
    limits = []
    with suppress(AttributeError, OSError, ValueError):  # Not every system tells.
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for path in GROUPS:
        try:
            limits.append(int(path.read_text(encoding="ascii")))
        except (OSError, ValueError):  # None, or `max`.
            continue
    return min((limit for limit in limits if limit > 0), default=sys.maxsize)
