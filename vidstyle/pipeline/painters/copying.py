"""Copying painter: `--painter none`, which copies frames, so that everything else can be tried in seconds."""

from collections.abc import Sequence

from vidstyle.errors import PainterError
from vidstyle.imaging.types import Image
from vidstyle.media.geometry import FrameSize
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.optimize.monitor import Monitor
from vidstyle.neural.result import Painted
from vidstyle.options.groups import Options
from vidstyle.pipeline.painters.painter import MemorySum, PainterType, memory_without_network

COPYING_BYTES = 250 << 20
"""Memory of the program without a network."""


class CopyingPainter:
    """Painter whose painting of a frame is the frame itself."""

    uses_style = False
    uses_predecessors = False

    def prepare(self, styles: Sequence[Image], weights: Sequence[float] | None = None) -> tuple[()]:  # noqa: ARG002
        """Encode nothing."""
        return ()

    def encode_content(self, content: Image) -> None:
        """Encode nothing."""

    def paint(
        self,
        targets: FrameTargets,
        start: WarmStart | None = None,  # noqa: ARG002
        *,
        iterations: int | None = None,  # noqa: ARG002
        monitor: Monitor | None = None,  # noqa: ARG002
    ) -> Painted:
        """Give the content as its painting."""
        return Painted(targets.content)

    def rate(self, targets: FrameTargets) -> None:
        """Predict nothing: copying takes no time next to reading and writing."""

    def measure(self, image: Image, style: object) -> float:  # noqa: ARG002
        """Refuse: there is no loss.

        Raises
        ------
        PainterError
            Always.

        """
        raise PainterError("--painter none has no style loss; choose the painter vgg to measure it.")

    def set_tile_size(self, side_px: int | None) -> None:
        """Encode nothing in tiles."""

    def use_smaller_tiles(self, height: int, width: int) -> None:
        """Need no memory that tiles would save."""


def _load(options: Options, largest: object) -> CopyingPainter:  # noqa: ARG001
    return CopyingPainter()


def _memory(size: FrameSize, styles: object, options: object) -> MemorySum:  # noqa: ARG001
    return memory_without_network(size, COPYING_BYTES)


COPYING = PainterType(
    load=_load,
    identity=lambda _options: {},
    smallest_side_px=lambda _options: 1,
    memory=_memory,
    iterations=lambda _options: (1, 1),
    # A copied frame holds only 8 bits per channel: 2.4 to 4.4 were measured.
    stored_bytes_per_pixel=4.5,
    paints=False,
)
