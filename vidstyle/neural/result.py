"""What comes of painting an image; its losses are found when somebody asks."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from vidstyle.events import Losses


class LazyLosses:
    """Losses of a painting, by a call. The next frame is painted without them: whoever saves this one asks beside it.

    Parameters
    ----------
    find
        Finds them. It is called once, and let go of with all that it needs.

    """

    def __init__(self, find: Callable[[], Losses]) -> None:
        self._found: Losses | Callable[[], Losses] = find
        self._lock = Lock()

    def __call__(self) -> Losses:
        """Give the losses; whatever keeps them from being found is raised each time."""
        with self._lock:
            if isinstance(self._found, Losses):
                return self._found
            self._found = losses = self._found()
            return losses


@dataclass(frozen=True)
class Painted:
    """A painted image [H, W, 3], RGB in [0, 1], and how it came about."""

    image: NDArray[np.float32]
    told: Callable[[], Losses]
    """Finds its losses, in float32 whatever it was painted in."""
    iterations: int
    undone: int
    """Iterations whose step was undone, because it made the loss rise or gave no number."""
    gamma: float
    """Scale of the inverse Hessian, for a successor to start with; 0 if unknown."""
    seconds: float
    """Time inside the compiled function."""
    reached: tuple[float, float] | None = None
    """Content and style loss as the descent saw them: what is to be as good is compared with these, and not with those that
    are told, beside which those of coarser arithmetic are some percent lower."""

    @property
    def losses(self) -> Losses:
        """Its losses, found now if they are not yet."""
        return self.told()
