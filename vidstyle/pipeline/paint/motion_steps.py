"""Frames of the source on their way to the painter, each with its motion since those painted before it."""

from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vidstyle.imaging.types import Image
from vidstyle.motion.flow import Motion
from vidstyle.motion.stability import warping_error
from vidstyle.pipeline.flow_source import FlowProvider
from vidstyle.pipeline.paint.passes import Pass


@dataclass(frozen=True)
class FrameWithMotion:
    """A frame of the source and its motion since those painted before it; none where none is needed."""

    index: int
    source: Image
    motions: Mapping[int, Motion] = field(default_factory=dict)
    """By the distance to the frame since which it is."""
    still: bool = False
    """Whether it equals the frame before: what was painted for that one is held."""
    measured: Motion | None = None
    """In the film's own time, that of the later of this frame and the one painted before it, by which they are compared."""
    floor: float | None = None
    """Warping error of the source itself between the two."""


def with_motion(
    frames: Iterable[tuple[int, Image]],
    flows: FlowProvider,
    distances: Sequence[int],
    now: Pass,
    *,
    skipped: Container[int],
    measured: bool,
) -> Iterator[FrameWithMotion]:
    """Add its motion to each frame of a pass, since those before it in the shot.

    Parameters
    ----------
    frames
        Frames in the order of the pass, with their indices.
    flows
        Where motion comes from.
    distances
        Since which frames it is wanted.
    now
        The pass.
    skipped
        Frames that need no motion, for they are painted already.
    measured
        Whether frames are to be compared with the one painted before them.

    """
    before: deque[tuple[int, Image]] = deque(maxlen=max(distances))
    for index, image in frames:
        motions = {}
        for distance in distances if index not in skipped else ():
            if now.before(index, distance) is not None:
                earlier, earlier_image = before[-distance]
                motions[distance] = flows.between(earlier, index, earlier_image, image)
        if not motions:
            yield FrameWithMotion(index, image)
        else:
            nearest, nearest_image = before[-1]
            step = FrameWithMotion(index, image, motions, still=np.array_equal(nearest_image, image))
            if measured:
                first, second = sorted(((nearest, nearest_image), (index, image)), key=lambda frame: frame[0])
                motion = (
                    motions[1]
                    if second[0] == index
                    else flows.between(first[0], second[0], first[1], second[1])
                )
                step = replace(step, measured=motion, floor=warping_error(first[1], second[1], motion))
            yield step
        before.append((index, image))
