"""Frames of a shot with their motion, on their way to the painter."""

from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from itertools import accumulate, pairwise, starmap
from typing import Any

import numpy as np

from vidstyle.imaging.types import Image
from vidstyle.motion.fill import Filling, plan_filling
from vidstyle.motion.flow import FlowPair, Motion, compose_pairs, estimate_trust, make_consistent
from vidstyle.motion.stability import warping_error
from vidstyle.pipeline.flow_source import FlowProvider
from vidstyle.pipeline.paint.passes import Pass

Frame = tuple[int, Image]
"""A frame of the source with its index."""


@dataclass(frozen=True)
class Step:
    """Motion in the film's own time between a frame and the one before it in the order of the pass.

    It is that of the later of the two: a result's frames are compared by it.
    """

    motion: Motion
    source_error: float | None
    """Warping error of the source between the two."""


@dataclass(frozen=True)
class FrameBetween:
    """A frame of the source between two painted ones."""

    index: int
    """In the source."""
    source: Image
    step: Step
    is_duplicate: bool
    """Whether it equals the frame before it in the order of the pass."""


@dataclass(frozen=True)
class Span:
    """Two neighbouring keyframes and the frames between them, in the order of the pass."""

    first: Frame
    second: Frame
    between: tuple[FrameBetween, ...]
    flows: tuple[FlowPair, ...]
    """Flow between neighbours, of which the forward one is the inverse of the backward one."""

    def fillings(self) -> Iterator[Filling]:
        """Find where the pixels of each frame between come from, one by one, as each takes much memory.

        Flow to the ends is composed of that between neighbours: that computed over the distance is as exact,
        but not the same from frame to frame, so that a painting warped along it trembles.
        """
        (start, first), (end, second) = self.first, self.second
        backward = (pair.reversed for pair in reversed(self.flows[1:]))
        from_second = list(accumulate(backward, compose_pairs))
        for frame, from_first in zip(self.between, accumulate(self.flows, compose_pairs), strict=False):
            motions = (
                estimate_trust(from_first, first, frame.source),
                estimate_trust(from_second.pop(), second, frame.source),
            )
            position = (frame.index - start) / (end - start)
            yield plan_filling(frame.source, (first, second), motions, position)


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
    span: Span | None = None
    """Span from the frame painted before it, whose frames are to be filled."""
    step: Step | None = None
    """Step from the frame before it in the order of the pass, painted or filled, if the two are compared."""


def with_motion(
    frames: Iterable[Frame],
    flow: FlowProvider,
    distances: Sequence[int],
    shot_pass: Pass,
    *,
    skipped: Container[int],
    measured: bool,
    to_fill: Callable[[int], Sequence[int]] = lambda _: (),
) -> Iterator[FrameWithMotion]:
    """Add to each painted frame of a pass its motion relative to those painted before it in the shot.

    Parameters
    ----------
    frames
        Frames in the order of the pass, with their indices.
    flow
        Optical flow.
    distances
        Distances to the earlier frames, in painted frames.
    shot_pass
        The pass.
    skipped
        Frames that need no motion, because they are painted already.
    measured
        Whether each frame is to be compared with the one painted before it.
    to_fill
        Gives the frames to fill between a painted frame and the one painted before it.

    """
    before: deque[Frame] = deque(maxlen=max(distances))
    passed: list[Frame] = []
    painted = frozenset(shot_pass.indices)
    for index, image in frames:
        if index not in painted:
            passed.append((index, image))
            continue
        now = index, image
        frame = FrameWithMotion(index, image)
        fills = bool(to_fill(index))
        if before and (fills or index not in skipped):
            chain = [before[-1], *passed, now]
            flows = list(starmap(partial(_flow_between, flow), pairwise(chain)))
            # Frames are compared by the flow as it was found.
            consistent = [make_consistent(pair) for pair in flows] if passed else flows
            if index not in skipped:
                frame = _moved(
                    flow, frame, before, distances, reduce(compose_pairs, consistent), measured=measured
                )
            if measured and not passed:
                frame = replace(frame, step=_step(chain[0], now, flows[0]))
            if fills:
                steps = [_step(*pair, found) for pair, found in zip(pairwise(chain), flows, strict=True)]
                frame = replace(frame, span=_span(chain, consistent, steps), step=steps[-1])
        yield frame
        before.append(now)
        passed = []


def _flow_between(flow: FlowProvider, one: Frame, other: Frame) -> FlowPair:
    return flow.pair(one[0], other[0], one[1], other[1])


def _moved(
    flow: FlowProvider,
    frame: FrameWithMotion,
    before: Sequence[Frame],
    distances: Sequence[int],
    nearest: FlowPair,
    *,
    measured: bool,
) -> FrameWithMotion:
    """Add to a painted frame its motion relative to those painted before it; that to the nearest is known."""
    (earlier, image), source = before[-1], frame.source
    motions = {1: estimate_trust(nearest, image, source)}
    for distance in distances[1:]:
        if distance <= len(before):
            far, far_image = before[-distance]
            motions[distance] = flow.between(far, frame.index, far_image, source)
    frame = replace(frame, motions=motions, is_duplicate=np.array_equal(image, source))
    if not measured:
        return frame
    step = _step((earlier, image), (frame.index, source), nearest)
    return replace(frame, motion_in_time=step.motion, source_error=step.source_error)


def _span(chain: Sequence[Frame], flows: Sequence[FlowPair], steps: Sequence[Step]) -> Span:
    """Put together two painted frames, and those between them with the step to each."""
    between = tuple(
        FrameBetween(index, image, step, np.array_equal(before, image))
        for (_, before), (index, image), step in zip(chain, chain[1:-1], steps, strict=False)
    )
    return Span(chain[0], chain[-1], between, tuple(flows))


def _step(one: Frame, other: Frame, flows: FlowPair) -> Step:
    """Make the step between two frames of the source, in the film's own time, of the flow between them."""
    if one[0] > other[0]:
        one, other, flows = other, one, flows.reversed
    motion = estimate_trust(flows, one[1], other[1])
    return Step(motion, warping_error(one[1], other[1], motion))
