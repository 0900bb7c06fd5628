"""Where a job's styles are painted, and where its source is held."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidstyle.media.geometry import FrameSize
from vidstyle.media.masks import MaskFile, open_mask
from vidstyle.media.video.video import Video
from vidstyle.options.style import Style
from vidstyle.pipeline.plan.jobs import Job

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Masks:
    """The masks of a job; None, or none, where everything is meant."""

    whole: MaskFile | None = None
    """Where anything is painted."""
    places: tuple[tuple[Path | None, MaskFile | None], ...] = ((None, None),)
    """Each place that styles are for, by their mask, in the order of the styles; without one it is the rest."""
    held: MaskFile | None = None
    """Where the source is held."""

    @property
    def moves(self) -> bool:
        """Whether any may differ from frame to frame."""
        return any(mask.moves for mask in self._all)

    @property
    def notes(self) -> tuple[str, ...]:
        """Say which are scaled."""
        return tuple(filter(None, (mask.note for mask in self._all)))

    @property
    def _all(self) -> list[MaskFile]:
        return [mask for mask in (self.whole, *(mask for _, mask in self.places), self.held) if mask]

    def regions(self, index: int) -> list[Plane | None]:
        """Where the styles of each place are painted at a frame, [H, W] in [0, 1]; None for everywhere.

        Places that overlap share their pixels.
        """
        named = {place: mask.at(index) for place, mask in self.places if mask}
        whole = self.whole.at(index) if self.whole else None
        if not named:
            return [whole]
        total = np.sum(list(named.values()), axis=0)
        shared = {place: plane / np.maximum(total, 1) for place, plane in named.items()}
        found = [shared[place] if place else 1 - np.minimum(total, 1) for place, _ in self.places]
        return [plane if whole is None else plane * whole for plane in found]

    def cover(self, index: int) -> Plane | None:
        """Where anything is painted at a frame, [H, W] in [0, 1]; None for everywhere."""
        planes = [plane for plane in self.regions(index) if plane is not None]
        return np.minimum(np.sum(planes, axis=0), 1).astype(np.float32) if planes else None

    def protected(self, index: int) -> Plane | None:
        """Where the source is held at a frame, [H, W] in [0, 1]; None for nowhere."""
        return self.held.at(index) if self.held else None


@dataclass
class _Opened:
    frame: FrameSize
    video: Video | None
    stop: int
    known: dict[Path, MaskFile] = field(default_factory=dict)

    def __call__(self, path: Path | None) -> MaskFile | None:
        """Open each file once, whatever it is a mask of."""
        if path is None:
            return None
        if path not in self.known:
            self.known[path] = open_mask(path, self.frame, self.video, self.stop)
        return self.known[path]


def masks_of(job: Job, frame: FrameSize, video: Video | None, stop: int) -> Masks:
    """Open the masks of a job.

    Raises
    ------
    InputError
        One cannot be read, has another shape than the frame, or ends before the film.

    """
    options, mask = job.options.style, _Opened(frame, video, stop)
    places = places_of(job.styles)
    return Masks(mask(options.mask), tuple((place, mask(place)) for place in places), mask(options.protect))


def places_of(styles: Sequence[Style]) -> list[Path | None]:
    """Masks of styles, each once, in their order."""
    return list(dict.fromkeys(style.mask for style in styles))
