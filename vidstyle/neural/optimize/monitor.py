"""Monitor of a painting under way: progress, interruption, snapshots and checkpoints in one value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
"""State of an optimiser as plain arrays, by name."""


@dataclass(frozen=True)
class Progress:
    """Iterations done since the last report, and where the painting of the image is."""

    iteration: int
    iterations: int
    loss: float
    seconds: float
    steps: int
    left: float
    """Iterations still to come at most, in units of the latest ones."""


class Snapshots(Protocol):
    """Receiver of the image at its start and after every few iterations."""

    @property
    def every(self) -> int:
        """Iterations between two snapshots."""

    def __call__(self, image: Any) -> None:
        """Take an image [H, W, 3]."""


class Checkpoints(Protocol):
    """Storage of the state of one image's painting."""

    def load(self) -> Arrays | None:
        """Give what was saved last; None if nothing was."""

    def save(self, arrays: Arrays) -> None:
        """Save this in place of what was saved before."""

    @property
    def due(self) -> bool:
        """Tell whether it is time to save again."""


def _ignore(progress: Progress) -> None:
    """Report nothing."""


def _never() -> bool:
    """Never ask to stop."""
    return False


@dataclass(frozen=True)
class Monitor:
    """Everything that follows the painting of one image without changing it."""

    on_progress: Callable[[Progress], None] = _ignore
    """Called about once per second."""
    should_stop: Callable[[], bool] = _never
    """Asked about once per second; True interrupts the painting."""
    snapshots: Snapshots | None = None
    checkpoints: Checkpoints | None = None
    """Where to go on from, if anything was saved, and where to save."""


@dataclass(frozen=True)
class SnapshotCallback:
    """Snapshots taken by a function."""

    every: int
    take: Callable[[NDArray[np.float32]], None]

    def __call__(self, image: Any) -> None:
        """Pass an image [H, W, 3] on."""
        self.take(np.asarray(image))
