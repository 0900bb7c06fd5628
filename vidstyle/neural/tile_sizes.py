"""Compiled functions of a painter by the size of its tiles."""

from vidstyle.neural.compiled import CompiledFunctions
from vidstyle.neural.inputs import FrameTargets


class TileSizes:
    """Choice of the size of tiles; functions for a size are made once.

    Parameters
    ----------
    functions
        Functions for tiles of the size that the options set.

    """

    def __init__(self, functions: CompiledFunctions) -> None:
        self.current = functions
        """Functions in use."""
        self._by_size: dict[int | None, CompiledFunctions] = {None: functions}

    def use(self, side_px: int | None) -> None:
        """Use tiles of that side, in pixels; None leaves it to the options."""
        self.current = self._functions(side_px)

    def use_smaller(self, height: int, width: int) -> int | None:
        """Use the next smaller tiles for images of that size; gives their side, None if there are none."""
        side_px = self.current.smaller_tile_size(height, width)
        if side_px is not None:
            self.use(side_px)
        return side_px

    def functions_for(self, targets: FrameTargets) -> CompiledFunctions:
        """Choose the functions for an image: a smaller scale takes no more memory than the full size will."""
        if targets.full_size is None:
            return self.current
        height, width, _ = targets.content.shape
        side_px = self.current.tile_size_for_coarser(height, width, targets.full_size)
        return self.current if side_px is None else self._functions(side_px)

    def _functions(self, side_px: int | None) -> CompiledFunctions:
        if side_px is not None and side_px not in self._by_size:
            self._by_size[side_px] = self.current.with_tile_size(side_px)
        return self._by_size[side_px]
