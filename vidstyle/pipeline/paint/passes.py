"""Passes over a shot, alternating in direction, and the source's frames in the order of each."""

from bisect import bisect_left
from collections.abc import Generator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice

from vidstyle.imaging.types import FrameSource, Image
from vidstyle.media.photo.reader import read_photo_isolated
from vidstyle.media.video.reader import VideoReader
from vidstyle.pipeline.plan.survey import JobSpec

HELD_BYTES = 256 * 2**20
"""A film can only be read forward: to go backward, so much of it is held at a time, and what is before is
read again."""


@dataclass(frozen=True)
class Pass:
    """One pass over a shot [start, stop), in the source's indices."""

    number: int
    """From 1."""
    start: int
    stop: int
    keyframes: tuple[int, ...] = ()
    """Frames that are painted, ascending; those between them are filled. By default all are painted."""
    backward: bool | None = None
    """Whether time runs backward; by default in every other pass."""
    shot_start: int | None = None
    """First frame of the shot of which it is a part; by default its own."""

    @property
    def journal(self) -> int:
        """First frame of its shot, by which its journal is named."""
        return self.start if self.shot_start is None else self.shot_start

    @property
    def is_backward(self) -> bool:
        """Tell whether time runs backward."""
        return self.number % 2 == 0 if self.backward is None else self.backward

    @property
    def frames(self) -> range:
        """All frames of the shot in the order of the pass."""
        forward = range(self.start, self.stop)
        return forward[::-1] if self.is_backward else forward

    @property
    def indices(self) -> Sequence[int]:
        """Frames that are painted, in order."""
        if not self.keyframes:
            return self.frames
        return self.keyframes[::-1] if self.is_backward else self.keyframes

    def before(self, index: int, distance: int) -> int | None:
        """Give the frame painted `distance` painted frames before another; None if the pass had not begun."""
        if not self.keyframes:
            earlier = index + distance if self.is_backward else index - distance
            return earlier if self.start <= earlier < self.stop else None
        place = bisect_left(self.keyframes, index)
        place += distance if self.is_backward else -distance
        return self.keyframes[place] if 0 <= place < len(self.keyframes) else None

    def between(self, index: int) -> range:
        """Give the frames between a painted frame and the one painted before it, in the order of the pass."""
        earlier = self.before(index, 1)
        if earlier is None:
            return range(0)
        return range(earlier - 1, index, -1) if self.is_backward else range(earlier + 1, index)


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
        return lambda _: nullcontext([read_photo_isolated(spec.job.input, size, spec.rendering)])
    return lambda index: VideoReader(video, size, index, spec.stop)
