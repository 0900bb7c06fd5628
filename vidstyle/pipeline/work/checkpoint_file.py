"""A picture that is being painted for long is kept every few minutes, in the work folder."""

import os
import time
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.media.files import TEMPORARY

EVERY_S = 120.0
"""Seconds between two checkpoints."""
SHARE = 0.05
"""Of the time may be spent on writing them: where a disk is slow there are fewer."""


class StoredCheckpoints:
    """Keeps how far the painting of one picture is, in a file of NumPy's.

    It is whole or not there. Where it cannot be written, painting goes on without: nothing is lost by that yet.

    Parameters
    ----------
    path
        The file.
    layout
        Says how the picture is laid out; what was painted otherwise is no beginning of it.

    """

    def __init__(self, path: Path, layout: Callable[[], str]) -> None:
        self.path, self._layout = path, layout
        self._last = time.monotonic()
        self._every_s = EVERY_S

    def load(self) -> Mapping[str, NDArray[Any]] | None:
        """Read what was kept last; None where nothing was, or it is damaged."""
        try:
            with self.path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            return None
        return arrays if str(arrays.pop("layout", "")) == self._layout() else None

    @property
    def due(self) -> bool:
        """Whether it is time to keep something again."""
        return time.monotonic() - self._last >= self._every_s

    def save(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write it beside, and put it in the place of what was kept before."""
        began = time.monotonic()
        part = self.path.parent / f"{TEMPORARY}{self.path.name}"
        try:
            with part.open("wb") as file:
                # Named one by one: `savez` has parameters of its own.
                named: dict[str, Any] = {"layout": np.array(self._layout()), **arrays}
                np.savez(file, **named)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
        except OSError:
            with suppress(OSError):
                part.unlink()
        self._last = time.monotonic()
        self._every_s = max(EVERY_S, (self._last - began) / SHARE)

    def remove(self) -> None:
        """Remove it: the picture is finished."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
