"""What does not fit into the memory of a device is done again from its start, in smaller windows."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from vidstyle.errors import DeviceFullError

Done = TypeVar("Done")


class Shrinkable(Protocol):
    """Whoever can do with less memory."""

    def use_smaller_tiles(self, height: int, width: int) -> int | None:
        """Take smaller windows onto pictures of that size from now on; gives their side in pixels, None if there are none."""


def retry_smaller(
    painter: Shrinkable,
    height: int,
    width: int,
    do: Callable[[], Done],
    told: Callable[[int], None] = lambda _: None,
) -> Done:
    """Do what may need more memory than a device has.

    Parameters
    ----------
    painter
        Who does it.
    height, width
        Of the picture, in pixels.
    do
        What is done, from its start.
    told
        Told of the side of the windows, in pixels, before it is done again.

    Raises
    ------
    DeviceFullError
        The smallest windows do not fit either, or none are allowed.

    """
    while True:
        try:
            return do()
        except DeviceFullError:
            side_px = painter.use_smaller_tiles(height, width)
            if side_px is None:
                raise
        # Here, where nothing holds on to what was computed so far.
        told(side_px)
