"""Choice of keyframes: the frames that are painted, while those between them are filled from both sides.

It is made from the source alone, at a small size, so that it costs little, is known before painting begins,
and is the same at every size.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction
from functools import reduce
from itertools import pairwise

from vidstyle.errors import Interrupted
from vidstyle.imaging.types import Image
from vidstyle.motion.fill import plan_filling
from vidstyle.motion.flow import FlowPair, Motion, compose_pairs, estimate_trust, find_dense_flows
from vidstyle.motion.stability import warping_error

LONGEST_S = Fraction(8, 25)
"""Longest time between two keyframes."""
PLAN_PX = 160
"""Longer side of the frames that are compared."""
MAX_UNSEEN = 0.025
"""Share of a frame that neither keyframe may show, for it to be filled."""
MAX_ERROR_RATIO = 1.0
"""Largest error of a filled frame, as a multiple of the mean error between neighbours ..."""
MIN_ERROR = 2e-5
"""... plus this, in squared units of the range of the source."""


def longest_span(rate: Fraction) -> int:
    """Compute the most frames from one keyframe to the next, at a frame rate."""
    return max(1, round(LONGEST_S * rate))


def spread_keyframes(
    start: int, stop: int, every: int, fixed: AbstractSet[int] = frozenset()
) -> tuple[int, ...]:
    """Choose every so many frames of a shot [start, stop), its last one, and some that are fixed."""
    return tuple(sorted({*range(start, stop - 1, every), stop - 1, *fixed}))


def plan_keyframes(
    images: Iterator[Image],
    indices: range,
    longest: int,
    fixed: AbstractSet[int] = frozenset(),
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[int, ...]:
    """Choose the keyframes of a shot by bisection: a span is halved unless all frames in it can be filled.

    Parameters
    ----------
    images
        Frames of the shot, small, [H, W, 3].
    indices
        Their indices.
    longest
        Most frames from one keyframe to the next.
    fixed
        Frames that are keyframes in any case.
    should_stop
        Tells whether to stop.

    Returns
    -------
    tuple
        Keyframes, ascending, the first and last frame of the shot among them.

    Raises
    ------
    Interrupted
        `should_stop` asked for it.

    """
    keyframes, span = [indices[0]], [next(images)]
    for index in indices[1:]:
        if should_stop():
            raise Interrupted("Stopped; what is painted is kept.")
        span.append(next(images))
        if len(span) > longest or index == indices[-1] or index in fixed:
            flows, first = [find_dense_flows(*pair) for pair in pairwise(span)], keyframes[-1]
            keyframes += [first + end for end in _halve(span, flows)]
            span = span[-1:]
    return tuple(keyframes)


def _halve(images: Sequence[Image], flows: Sequence[FlowPair]) -> list[int]:
    """Give the ends of the spans into which frames are divided, by the flow between neighbours."""
    last = len(images) - 1
    if last < 2 or can_fill(images, flows):
        return [last]
    middle = last // 2
    before = _halve(images[: middle + 1], flows[:middle])
    after = _halve(images[middle:], flows[middle:])
    return [*before, *(middle + end for end in after)]


def can_fill(images: Sequence[Image], flows: Sequence[FlowPair]) -> bool:
    """Tell whether frames [H, W, 3], filled from the first and the last of them, look like the source.

    The one in the middle comes first: it is the hardest.
    """
    last = len(images) - 1
    floor = _floor(images, flows)
    order = sorted(range(1, last), key=lambda place: abs(place - last / 2))
    return all(_is_alike(images, flows, place, floor) for place in order)


def _is_alike(images: Sequence[Image], flows: Sequence[FlowPair], place: int, floor: float) -> bool:
    content, last = images[place], len(images) - 1
    filling = plan_filling(
        content, (images[0], images[-1]), motions_to_ends(images, flows, place), place / last
    )
    return filling.unseen_share <= MAX_UNSEEN and filling.source_error <= MAX_ERROR_RATIO * floor + MIN_ERROR


def motions_to_ends(images: Sequence[Image], flows: Sequence[FlowPair], place: int) -> tuple[Motion, Motion]:
    """Find the motion of a frame relative to the first and the last one, by the flow between neighbours."""
    from_first = reduce(compose_pairs, flows[:place])
    from_last = reduce(compose_pairs, (pair.reversed for pair in reversed(flows[place:])))
    content = images[place]
    return estimate_trust(from_first, images[0], content), estimate_trust(from_last, images[-1], content)


def _floor(images: Sequence[Image], flows: Sequence[FlowPair]) -> float:
    """Mean warping error between neighbours: noise, light, and motion that no flow explains."""
    errors = [
        warping_error(before, now, estimate_trust(pair, before, now))
        for (before, now), pair in zip(pairwise(images), flows, strict=True)
    ]
    return sum(error or 0.0 for error in errors) / len(errors)
