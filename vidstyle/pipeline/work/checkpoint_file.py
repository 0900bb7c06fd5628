"""Checkpoint files of frames that take long to paint, in the work folder, written every few minutes."""

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

INTERVAL_S = 120.0
"""Seconds between two checkpoints."""
TIME_SHARE = 0.05
"""Largest share of the time spent on writing them: on a slow disk they are written less often."""


class StoredCheckpoints:
    """Latest checkpoint of one frame, in NumPy's .npz format.

    The file is complete or absent. Where it cannot be written, painting goes on without: nothing is lost
    unless the run is killed.

    Parameters
    ----------
    path
        The file.
    layout
        Gives the layout of tiles, of which the painting is a part; a checkpoint of another layout is ignored.

    """

    def __init__(self, path: Path, layout: Callable[[], str]) -> None:
        self.path, self._layout = path, layout
        self._last = time.monotonic()
        self._interval_s = INTERVAL_S

    def load(self) -> Mapping[str, NDArray[Any]] | None:
        """Read the latest checkpoint; None where there is none, or it is damaged."""
        try:
            with self.path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            return None
        return arrays if str(arrays.pop("layout", "")) == self._layout() else None

    @property
    def due(self) -> bool:
        """Tell whether it is time for another checkpoint."""
        return time.monotonic() - self._last >= self._interval_s

    def save(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write a checkpoint, and replace the one before when it is complete."""
        began = time.monotonic()
        part = self.path.parent / f"{TEMPORARY}{self.path.name}"
        try:
            with part.open("wb") as file:
                # Any, as `savez` has a parameter of another type, `allow_pickle`.
                named: dict[str, Any] = {"layout": np.array(self._layout()), **arrays}
                np.savez(file, **named)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
        except OSError:
            with suppress(OSError):
                part.unlink()
        self._last = time.monotonic()
        self._interval_s = max(INTERVAL_S, (self._last - began) / TIME_SHARE)

    def remove(self) -> None:
        """Remove the checkpoint of a finished frame."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
