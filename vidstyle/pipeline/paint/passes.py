"""The passes over a shot, forward and backward in turn, and its frames in the order of each.

Ruder et al. 2016, section 4.4: what is uncovered at one end of a movement was long painted at the other, so a second pass,
backward, carries it to where the first had to begin anew.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.types import Image
from vidstyle.media.photo.reader import read_photo
from vidstyle.media.video.reader import VideoReader
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.survey import JobSpec

Source = Callable[[int], AbstractContextManager[Iterable[Image]]]
"""Opens the source at an index and gives its frames from there on, [H, W, 3], RGB in [0, 1]."""

HELD_BYTES = 256 * 2**20
"""A film can only be read forward: to go backward, so much of it is held at a time, and read anew for what is before."""


@dataclass(frozen=True)
class Pass:
    """One way over a shot [start, stop), in the source's indices."""

    number: int
    """From 1; every other one goes backward."""
    start: int
    stop: int

    @property
    def backward(self) -> bool:
        """Whether time runs backward."""
        return self.number % 2 == 0

    @property
    def indices(self) -> range:
        """Frames in the order in which they are painted."""
        ahead = range(self.start, self.stop)
        return ahead[::-1] if self.backward else ahead

    def before(self, index: int, distance: int) -> int | None:
        """Index of the frame that is painted so many frames before another; None if the pass is not that old."""
        earlier = index + distance if self.backward else index - distance
        return earlier if self.start <= earlier < self.stop else None


def in_order(source: Source, indices: range, held_bytes: int = HELD_BYTES) -> Generator[tuple[int, Image]]:
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


def source_of(job: Job, spec: JobSpec, photo: NDArray[np.float32] | None = None) -> Source:
    """Open a job's source from a frame on; a photo that was read before is not read again."""
    video, frame = spec.video, spec.size
    if photo is not None:
        return lambda _: nullcontext([photo])
    if video is None:
        return lambda _: nullcontext([read_photo(job.input, frame, spec.rendering)])
    return lambda index: VideoReader(video, frame, index, spec.stop)
