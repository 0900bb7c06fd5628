"""Painter: the seam behind which frames are painted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from vidstyle.imaging.types import Image
from vidstyle.media.geometry import FrameSize
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.optimize.monitor import Monitor
from vidstyle.neural.result import Painted
from vidstyle.options.groups import Options

if TYPE_CHECKING:  # Loading them takes seconds.
    from vidstyle.neural.benchmark import Rate
    from vidstyle.neural.objective.style_targets import StyleTargets


class Painter(Protocol):
    """Painter of single frames; what one frame passes on to the next travels in `Painted` and `WarmStart`."""

    @property
    def uses_style(self) -> bool:
        """Tell whether style images decide the painting."""

    @property
    def uses_predecessors(self) -> bool:
        """Tell whether a frame is painted from its predecessors; otherwise each frame stands alone."""

    def prepare(self, styles: Sequence[Image], weights: Sequence[float] | None = None) -> "StyleTargets":
        """Encode a mixture of style images [H, W, 3], RGB in [0, 1], by their weights."""

    def encode_content(self, content: Image) -> Mapping[str, Any] | None:
        """Encode a frame [H, W, 3] while another is painted; None for nothing to encode, or no memory."""

    def paint(
        self,
        targets: FrameTargets,
        start: WarmStart | None = None,
        *,
        iterations: int | None = None,
        monitor: Monitor = ...,
    ) -> Painted:
        """Paint a frame.

        Parameters
        ----------
        targets
            Content and style.
        start
            Warm start; None for a frame without painted predecessors.
        iterations
            Their greatest number; None for the painter's own.
        monitor
            Progress, interruption, snapshots and checkpoints.

        Raises
        ------
        Interrupted
            The monitor asked to stop.
        PainterError
            The painter or its device failed.

        """

    def rate(self, targets: FrameTargets) -> "Rate | None":
        """Time the painting of a frame; None if it takes no time worth predicting."""

    def measure(self, image: Image, style: "StyleTargets") -> float:
        """Weighted style loss of an image [H, W, 3]."""

    def set_tile_size(self, side_px: int | None) -> None:
        """Encode frames in tiles of that side, in pixels; None leaves it to the options."""

    def use_smaller_tiles(self, height: int, width: int) -> int | None:
        """Use smaller tiles for frames of that size; gives their side in pixels, None if there are none."""


class MemorySum(NamedTuple):
    """Memory as a sum."""

    total_bytes: int
    terms: str
    """Terms of the sum, in words."""


@dataclass(frozen=True)
class PainterType:
    """Type of painter: everything about it that has to be known before its libraries are loaded."""

    load: Callable[[Options, FrameSize | None], Painter]
    """Loads it, given the size of the largest image that it will encode, if that is known."""
    identity: Callable[[Options], Mapping[str, str]]
    """Everything beyond the options that decides a pixel, such as the checksum of its weights; part of a
    job's key."""
    smallest_side_px: Callable[[Options], int]
    """Smallest side of an image that it can encode."""
    memory: Callable[[FrameSize, Sequence[FrameSize], Options], MemorySum]
    """Estimates the memory that painting a frame of a size takes, and encoding style images of some sizes."""
    iterations: Callable[[Options], tuple[int, int]]
    """Iterations of a frame without and with a warm start, for the relative cost of jobs."""
    stored_bytes_per_pixel: float
    """Bytes per pixel of a stored frame."""
    paints: bool = True
    """Whether its frames differ from the source: only then there are styles and masks to read, something to
    blend with the source, and hours of work to protect from a crash of the machine."""


FRAME_BYTES_PER_PIXEL = 200
"""Memory of a frame outside any network."""


def memory_without_network(size: FrameSize, program_bytes: int) -> MemorySum:
    """Sum up the memory of the program and of the frames around a painter."""
    pixels = size.width * size.height
    of_frame = f"bytes for each of {size.width} x {size.height} pixels"
    terms = f"{program_bytes >> 20} MiB, {FRAME_BYTES_PER_PIXEL} {of_frame}"
    return MemorySum(program_bytes + pixels * FRAME_BYTES_PER_PIXEL, terms)
