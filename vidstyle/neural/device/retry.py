"""Retrying in smaller tiles what did not fit into a device's memory."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from vidstyle.errors import DeviceFullError

Result = TypeVar("Result")


class Shrinkable(Protocol):
    """Painter that can use less memory."""

    def use_smaller_tiles(self, height: int, width: int) -> int | None:
        """Use smaller tiles for images of that size from now on; gives their side in pixels, if any."""


def retry_smaller(
    painter: Shrinkable,
    height: int,
    width: int,
    run: Callable[[], Result],
    on_retry: Callable[[int], None] = lambda _: None,
) -> Result:
    """Run what may need more memory than a device has, until it fits.

    Parameters
    ----------
    painter
        Painter that runs it.
    height, width
        Size of the image, in pixels.
    run
        Function to call, each time from its start.
    on_retry
        Called with the side of the tiles, in pixels, before each further attempt.

    Raises
    ------
    DeviceFullError
        The smallest tiles do not fit either, or none are allowed.

    """
    while True:
        try:
            return run()
        except DeviceFullError:
            side_px = painter.use_smaller_tiles(height, width)
            if side_px is None:
                raise
        # Here, where nothing holds on to what was computed so far.
        on_retry(side_px)
