"""The figures of a run as JSON: `--stats`, and each line of `--log-json`."""

import contextlib
import dataclasses
import json
import math
import os
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Self

from vidstyle.errors import OutputError, UsageError, quoted, reason
from vidstyle.events import Losses


class StatsFile:
    """A JSON file that is complete or not there, at any moment.

    Parameters
    ----------
    path : Path
        Where to write; an older file of figures is replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()  # Through a link: what it points to is replaced, not the link.
        self._part = self.path.with_name(f".{self.path.name[:200]}.{os.getpid()}.part")

    @classmethod
    def opened(cls, path: Path, *, apart_from: Iterable[Path]) -> Self:
        """Check that figures can be written to `path` before hours are spent on them.

        Raises
        ------
        UsageError
            If it is one of the run's own inputs, styles or outputs.
        OutputError
            If nothing can be written there.
        """
        stats = cls(path)
        if any(_same(stats.path, other) for other in apart_from):
            raise UsageError(
                f"--stats {quoted(path)} is a file of this run itself; give it a name of its own."
            )
        if stats.path.exists() and not stats.path.is_file():
            raise OutputError(f"--stats {quoted(path)} is no regular file; give the name of a .json file.")
        try:
            stats._part.touch()
            stats._part.unlink()
        except OSError as exc:
            raise OutputError(
                f"--stats {quoted(path)} cannot be written ({reason(exc)}); give a file in a folder that can be."
            ) from exc
        return stats

    def write(self, figures: Mapping[str, object]) -> None:
        """Publish the figures.

        Raises
        ------
        OutputError
            If the disk is full, or the folder has gone.
        """
        try:
            self._part.write_text(json.dumps(as_json(figures), indent=1) + "\n", encoding="utf-8")
            self._part.replace(self.path)
        except OSError as exc:
            with contextlib.suppress(OSError):
                self._part.unlink()
            raise OutputError(f"--stats {quoted(self.path)} was not written: {reason(exc)}.") from exc


def as_json(value: Any) -> Any:
    """Turn events, paths and enums into what JSON has; NaN and infinity, which it has not, into null."""
    if dataclasses.is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        total = {"total": as_json(value.total)} if isinstance(value, Losses) else {}
        return total | {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Enum):
        return value.value
    return value if isinstance(value, str | int | float | None) else str(value)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # One of them is not there yet.
        return one == other.resolve()
