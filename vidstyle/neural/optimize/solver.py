"""Protocol of the methods of descent: `driver.drive` runs any of them."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from vidstyle.neural.optimize.monitor import Arrays

S = TypeVar("S")
"""State of a method."""


@dataclass(frozen=True)
class Solution:
    """Result of a descent."""

    image: Any
    """[H, W, 3]"""
    loss: float
    iterations: int
    seconds: float
    rejected: int = 0
    """Trials rejected."""
    hessian_scale: float = 0.0
    """Scale of the inverse Hessian, for a successor to start with; 0 if unknown."""
    reached_losses: tuple[float, float] | None = None
    """Content and style loss, in the arithmetic of the descent; None if the method does not tell them
    apart."""


class Solver(Protocol[S]):
    """Method of descent from one image."""

    in_rounds: bool
    """Whether the method itself decides when a step ends. Each step is then a snapshot."""

    def init(self) -> S:
        """Make the state at the start. The solver keeps none."""

    def step(self, state: S, until: int) -> S:
        """Go on until an iteration, or until the descent has ended."""

    def terminate(self, state: S) -> bool:
        """Tell whether the descent has ended."""

    def iteration(self, state: S) -> int:
        """Count the iterations; -1 before a start that is evaluated by itself."""

    def loss(self, state: S) -> float:
        """Read the loss at the current image."""

    def image(self, state: S) -> Any:
        """Read the current image, [H, W, 3]."""

    def solution(self, state: S, seconds: float) -> Solution:
        """Make the result, with the seconds spent in `step`."""

    def save(self, state: S, seconds: float) -> Arrays | None:
        """Write a state as arrays; None if there is nothing to resume from."""

    def restore(self, arrays: Arrays, start: S) -> tuple[S, float] | None:
        """Read back what `save` wrote for such a start; None if it is of another descent."""
