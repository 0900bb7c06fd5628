"""Passes over a shot, alternating in direction, and the source's frames in the order of each."""

from collections.abc import Generator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice

from vidstyle.imaging.types import FrameSource, Image
from vidstyle.media.photo.reader import read_photo
from vidstyle.media.video.reader import VideoReader
from vidstyle.pipeline.plan.survey import JobSpec

HELD_BYTES = 256 * 2**20
"""A film can only be read forward: to go backward, so much of it is held at a time, and what is before is
read again."""


@dataclass(frozen=True)
class Pass:
    """One pass over a shot [start, stop), in the source's indices."""

    number: int
    """From 1; every other one goes backward."""
    start: int
    stop: int

    @property
    def is_backward(self) -> bool:
        """Tell whether time runs backward."""
        return self.number % 2 == 0

    @property
    def indices(self) -> range:
        """Frames in the order in which they are painted."""
        forward = range(self.start, self.stop)
        return forward[::-1] if self.is_backward else forward

    def before(self, index: int, distance: int) -> int | None:
        """Give the frame painted `distance` frames before another; None if the pass had not begun."""
        earlier = index + distance if self.is_backward else index - distance
        return earlier if self.start <= earlier < self.stop else None


def in_order(
    source: FrameSource, indices: range, held_bytes: int = HELD_BYTES
) -> Generator[tuple[int, Image]]:
    """Give frames of a source, forward or backward one by one, with their indices."""
    if indices.step > 0:
        with source(indices.start) as images:
            yield from zip(indices, images, strict=False)
        return
    stop, lowest, number = indices.start + 1, indices[-1], 1
    while stop > lowest:
        start = max(lowest, stop - number)
        with source(start) as images:
            held = list(islice(images, stop - start))
        number = max(1, held_bytes // held[0].nbytes)
        while held:
            stop -= 1
            yield stop, held.pop()


def open_source(spec: JobSpec, photo: Image | None = None) -> FrameSource:
    """Open a job's source; a photo that was read before is not read again."""
    video, size = spec.video, spec.size
    if photo is not None:
        return lambda _: nullcontext([photo])
    if video is None:
        return lambda _: nullcontext([read_photo(spec.job.input, size, spec.rendering)])
    return lambda index: VideoReader(video, size, index, spec.stop)
