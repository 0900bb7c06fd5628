"""Inputs of a painter: the targets of a frame, and its warm start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vidstyle.imaging.types import Image, Mask

if TYPE_CHECKING:  # Loading it takes seconds.
    from vidstyle.neural.objective.style_targets import StyleTargets


@dataclass(frozen=True)
class FrameTargets:
    """Content and style of one frame."""

    content: Image
    """Image to paint, [H, W, 3]."""
    style: "StyleTargets"
    """Style of each region."""
    protect: Mask | None = None
    """How far the content is kept as it is, [H, W] in [0, 1]; None for not at all."""
    initial: Image | None = None
    """Image to start from without a warm start, [H, W, 3]; None for the content."""
    features: Mapping[str, Any] | None = None
    """Targets made of the content's feature maps, by terms' names, if it was encoded ahead."""
    full_size: tuple[int, int] | None = None
    """Height and width of the image that this is a smaller scale of: painting it takes no more memory than
    that will."""


@dataclass(frozen=True)
class WarmStart:
    """Start of a frame from what was painted before it.

    Ruder et al. 2016, section 4.1 for the image, section 4.2 and equation 7 for the anchor and its trust.
    """

    image: Image | Callable[[], Image]
    """Image to start from, [H, W, 3], or a function that gives it once, so that nothing else holds it
    meanwhile."""
    warped: Image | None = None
    """Painted predecessors warped to this frame, [H, W, 3]: the anchor of the temporal loss."""
    trust: Mask | None = None
    """Trust in each pixel of them, [H, W] in [0, 1]; None for none."""
    hessian_scale: float = 0.0
    """Scale of the inverse Hessian that the predecessor ended with; 0 if unknown."""
    temporal_scale: float = 1.0
    """Share of the temporal weight. The smaller, the longer a frame may take to gain little."""
    target_losses: tuple[float, float] | None = None
    """Content and style loss at which painting ends early, as soon as both are reached."""
    least_iterations: int = 0
    """Iterations before which that does not end it."""
    new: Mask | None = None
    """How new each pixel is, [H, W] in [0, 1], where it may be enough to paint what is new; None where all of
    the image is to be painted."""

    @property
    def is_temporal(self) -> bool:
        """Tell whether there are painted predecessors."""
        return self.warped is not None
