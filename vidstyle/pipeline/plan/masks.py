"""Masks of a job: the regions of its styles, and the region that is protected."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vidstyle.imaging.types import Mask as Plane
from vidstyle.media.geometry import FrameSize
from vidstyle.media.masks import MaskFile, open_mask
from vidstyle.media.video.video import Video
from vidstyle.options.style import Style, StyleOptions


@dataclass(frozen=True)
class Masks:
    """Masks of a job; without any, one style or mixture covers the whole frame."""

    whole: MaskFile | None = None
    """Bound of all that is painted; None for the whole frame."""
    styles: tuple[tuple[Path | None, MaskFile | None], ...] = ((None, None),)
    """Mask of each region, with its file, in the order of the styles; None for the rest of the frame."""
    protect: MaskFile | None = None
    """Region that stays close to the source; None for no region."""

    @property
    def moves(self) -> bool:
        """Tell whether any mask may differ from frame to frame."""
        return any(mask.moves for mask in self._all)

    @property
    def notes(self) -> tuple[str, ...]:
        """Report the masks that are scaled."""
        return tuple(filter(None, (mask.note for mask in self._all)))

    @property
    def _all(self) -> list[MaskFile]:
        return [mask for mask in (self.whole, *(mask for _, mask in self.styles), self.protect) if mask]

    def regions(self, index: int) -> list[Plane | None]:
        """Give the mask of each region at a frame, [H, W] in [0, 1]; None for the whole frame.

        Regions that overlap share their pixels.
        """
        masked = {path: mask.at(index) for path, mask in self.styles if mask}
        whole = self.whole.at(index) if self.whole else None
        if not masked:
            return [whole]
        total = np.sum(list(masked.values()), axis=0)
        shared = {path: plane / np.maximum(total, 1) for path, plane in masked.items()}
        planes = [shared[path] if path else 1 - np.minimum(total, 1) for path, _ in self.styles]
        return [plane if whole is None else plane * whole for plane in planes]

    def cover(self, index: int) -> Plane | None:
        """Give the union of all regions at a frame, [H, W] in [0, 1]; None for the whole frame."""
        planes = [plane for plane in self.regions(index) if plane is not None]
        return np.minimum(np.sum(planes, axis=0), 1).astype(np.float32) if planes else None

    def protected(self, index: int) -> Plane | None:
        """Give the protected region at a frame, [H, W] in [0, 1]; None for no region."""
        return self.protect.at(index) if self.protect else None


@dataclass
class _MaskFiles:
    """Masks by their file, each opened once, whatever it is a mask of."""

    size: FrameSize
    video: Video | None
    stop: int
    _opened: dict[Path, MaskFile] = field(default_factory=dict)

    def open(self, path: Path | None) -> MaskFile | None:
        if path is None:
            return None
        if path not in self._opened:
            self._opened[path] = open_mask(path, self.size, self.video, self.stop)
        return self._opened[path]


def open_masks(
    styles: Sequence[Style], options: StyleOptions, size: FrameSize, video: Video | None, stop: int
) -> Masks:
    """Open the masks of some styles, and those of the options.

    Parameters
    ----------
    styles, options
        Styles and options of the job.
    size
        Size to paint at.
    video, stop
        The source, None for a photo, and the end of its part that is painted.

    Raises
    ------
    InputError
        A mask cannot be read, has another shape than the frame, or ends before the video.

    """
    files = _MaskFiles(size, video, stop)
    whole = files.open(options.mask)
    regions = tuple((path, files.open(path)) for path in region_masks(styles))
    return Masks(whole, regions, files.open(options.protect))


def region_masks(styles: Sequence[Style]) -> list[Path | None]:
    """List the mask files of some styles, each once, in their order; None for the rest of the frame."""
    return list(dict.fromkeys(style.mask for style in styles))
