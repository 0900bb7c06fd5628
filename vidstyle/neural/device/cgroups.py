"""Limits of a container: those of its Linux control group, and of every group above it."""

import math
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path("/sys/fs/cgroup")
"""Mount point of the control groups, of version 2 or, a folder per controller, of version 1."""
MEMBERSHIP = Path("/proc/self/cgroup")
"""Groups of this process."""


def memory_limits() -> list[int]:
    """List the limits of memory, in bytes."""
    names = {"": "memory.max", "memory": "memory.limit_in_bytes"}
    found = [_numbers(folder / names[controller]) for controller, folder in _folders(*names)]
    return [int(numbers[0]) for numbers in found if numbers and numbers[0] > 0]


def cpu_limit() -> int | None:
    """Compute the number of cores that the quotas of time amount to, rounded up; None without a quota."""
    shares = [share for controller, folder in _folders("", "cpu") if (share := _share(controller, folder))]
    return max(1, math.ceil(min(shares))) if shares else None


def _share(controller: str, folder: Path) -> float | None:
    """Read the quota of a group as a share of one core; None where it has none."""
    if controller:
        numbers = [*_numbers(folder / "cpu.cfs_quota_us"), *_numbers(folder / "cpu.cfs_period_us")]
    else:
        numbers = _numbers(folder / "cpu.max")
    return numbers[0] / numbers[1] if len(numbers) == 2 and min(numbers) > 0 else None


def _folders(*controllers: str) -> Iterator[tuple[str, Path]]:
    """Iterate over the folders of this process's groups, and of those above them, with their controllers.

    Version 2 has one group for all controllers, which is named by an empty text. Inside a container its path
    may be that of the host, which does not exist there: its root is then that of the container.
    """
    try:
        lines = MEMBERSHIP.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for line in dict.fromkeys([*lines, *(f"0:{name}:/" for name in controllers)]):
        names, _, path = line.partition(":")[2].partition(":")
        inside = PurePosixPath(*(part for part in PurePosixPath(path).parts if part not in {"/", ".."}))
        for name in controllers:
            if name not in names.split(","):
                continue
            # Some systems mount controllers together, or version 2 next to version 1.
            for mount in dict.fromkeys((ROOT / name, ROOT / (names or "unified"))):
                for level in (inside, *inside.parents):
                    yield name, mount / level


def _numbers(path: Path) -> list[float]:
    """Read the numbers of a file; none where it is missing, or has `max` for no limit."""
    try:
        return [float(word) for word in path.read_text("ascii").split()]
    except (OSError, ValueError):
        return []
