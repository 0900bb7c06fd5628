"""Frames of a shot with their motion, on their way to the painter."""

from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from vidstyle.imaging.types import Image
from vidstyle.motion.flow import Motion
from vidstyle.motion.stability import warping_error
from vidstyle.pipeline.flow_source import FlowProvider
from vidstyle.pipeline.paint.passes import Pass


@dataclass(frozen=True)
class FrameWithMotion:
    """A frame of the source, and its motion relative to the frames painted before it."""

    index: int
    """In the source."""
    source: Image
    motions: Mapping[int, Motion] = field(default_factory=dict)
    """By the distance to the earlier frame; empty where no motion is needed."""
    is_duplicate: bool = False
    """Whether it equals the frame painted before it."""
    motion_in_time: Motion | None = None
    """Motion in the film's own time, of the later of this frame and the one painted before it: the two are
    compared by it."""
    source_error: float | None = None
    """Warping error of the source between the two."""
    features: Mapping[str, Any] | None = None
    """Feature maps of its content, if it was encoded ahead."""


def with_motion(
    frames: Iterable[tuple[int, Image]],
    flow: FlowProvider,
    distances: Sequence[int],
    shot_pass: Pass,
    *,
    skipped: Container[int],
    measured: bool,
) -> Iterator[FrameWithMotion]:
    """Add to each frame of a pass its motion relative to those before it in the shot.

    Parameters
    ----------
    frames
        Frames in the order of the pass, with their indices.
    flow
        Optical flow.
    distances
        Distances to the earlier frames.
    shot_pass
        The pass.
    skipped
        Frames that need no motion, because they are painted already.
    measured
        Whether each frame is to be compared with the one painted before it.

    """
    before: deque[tuple[int, Image]] = deque(maxlen=max(distances))
    for index, image in frames:
        motions = {}
        for distance in distances if index not in skipped else ():
            if shot_pass.before(index, distance) is not None:
                earlier, earlier_image = before[-distance]
                motions[distance] = flow.between(earlier, index, earlier_image, image)
        if not motions:
            yield FrameWithMotion(index, image)
        else:
            nearest, nearest_image = before[-1]
            is_duplicate = np.array_equal(nearest_image, image)
            frame = FrameWithMotion(index, image, motions, is_duplicate=is_duplicate)
            if measured:
                first, second = sorted(((nearest, nearest_image), (index, image)), key=lambda pair: pair[0])
                motion = (
                    motions[1]
                    if second[0] == index
                    else flow.between(first[0], second[0], first[1], second[1])
                )
                source_error = warping_error(first[1], second[1], motion)
                frame = replace(frame, motion_in_time=motion, source_error=source_error)
            yield frame
        before.append((index, image))
