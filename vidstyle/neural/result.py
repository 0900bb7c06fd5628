"""Result of painting one image; its losses are computed lazily."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from vidstyle.events import Losses
from vidstyle.imaging.types import Image


class LazyLosses:
    """Losses of a painted image, computed at the first call.

    The next frame is painted without them: they are computed next to it, where this one is saved.

    Parameters
    ----------
    compute
        Computes them. It is called once, and released with all that it needs.

    """

    def __init__(self, compute: Callable[[], Losses]) -> None:
        self._found: Losses | Callable[[], Losses] = compute
        self._lock = Lock()

    def __call__(self) -> Losses:
        """Give the losses; an error of their computation is raised at each call."""
        with self._lock:
            if isinstance(self._found, Losses):
                return self._found
            self._found = losses = self._found()
            return losses


@dataclass(frozen=True)
class Painted:
    """A painted image, and how it came about."""

    image: Image
    """[H, W, 3]"""
    lazy_losses: Callable[[], Losses] | None = None
    """Computes its losses, in float32 whatever it was painted in; None if it has none."""
    iterations: int = 0
    rejected: int = 0
    """Iterations whose step was rejected, because it made the loss rise or gave no number."""
    hessian_scale: float = 0.0
    """Scale of the inverse Hessian, for a successor to start with; 0 if unknown."""
    seconds: float = 0.0
    """Time inside the compiled function."""
    reached_losses: tuple[float, float] | None = None
    """Content and style loss as the optimiser saw them. Target losses are compared with these: in coarser
    arithmetic they are some percent lower than the losses in float32."""

    @property
    def losses(self) -> Losses | None:
        """Its losses, computed now unless they are known; None if it has none."""
        return self.lazy_losses() if self.lazy_losses else None
