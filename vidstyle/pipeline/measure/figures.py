"""What is noted of a film and its source while their frames pass, and what that comes to."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean, geometric_mean
from typing import NamedTuple

import numpy as np

from vidstyle.imaging.types import Image
from vidstyle.motion.stability import FAR, MotionFinder, PairErrors, Stability, sharpness, warping_error

Color = tuple[float, float, float]

FAR_PAIRS = 48
"""After painting, at most so many pairs ten frames apart are compared: what it takes does not grow with the film."""


@dataclass(frozen=True)
class Change:
    """What became of a film between the first frame of a shot and its last."""

    drift_levels: Color
    """Mean of the last frame less that of the first, red, green and blue, in levels of 255: below 0 it darkened."""
    sharpness: float | None
    """Variance of the Laplacian of the last frame over that of the first: below 1 it blurred. None of a plain first."""


@dataclass(frozen=True)
class Metrics:
    """Figures of a film, or of one shot of it; those of the source beside them are what is due to the film itself."""

    warping_error: float | None
    """Mean over pairs of neighbours; None where there is none."""
    warping_error_source: float | None
    warping_error_10: float | None
    """The same of frames that are ten apart."""
    warping_error_10_source: float | None
    change: Change | None
    """None of a single frame; of a film, the mean over its shots (of sharpness, the geometric one)."""
    change_source: Change | None


class _Look(NamedTuple):
    """What is noted of one frame."""

    mean: Color
    sharpness: float

    @classmethod
    def at(cls, image: Image) -> "_Look":
        red, green, blue = image.mean(axis=(0, 1), dtype="float64").tolist()
        return cls((red, green, blue), sharpness(image))


@dataclass
class ShotMetrics:
    """What is noted of frames [start, stop), one shot, while they pass."""

    start: int
    stop: int
    near: list[PairErrors] = field(default_factory=list)
    far: list[PairErrors] = field(default_factory=list)
    change: Change | None = None
    change_source: Change | None = None

    def watch(
        self, pairs: Iterator[tuple[Image, Image]], between: MotionFinder, offset: int = 0
    ) -> Iterator[tuple[int, Image, Image]]:
        """Take the shot's frames of source and result, note what they show, and hand them on with their index.

        The source's index, by which `between` finds its motion, is larger by `offset`.
        """
        stability, first = Stability((1, FAR), between, self.start + offset), None
        for index in range(self.start, self.stop):
            source, result = next(pairs)
            near, far = stability.add(source, result)
            self.near += [near] if near else []
            self.far += [far] if far else []
            if first is None:
                first = _Look.at(source), _Look.at(result)
            elif index + 1 == self.stop:
                self.change_source = _change(first[0], _Look.at(source))
                self.change = _change(first[1], _Look.at(result))
            yield index, source, result


def _change(first: _Look, last: _Look) -> Change:
    red, green, blue = (255 * (after - before) for before, after in zip(first.mean, last.mean, strict=True))
    return Change((red, green, blue), last.sharpness / first.sharpness if first.sharpness else None)


def metrics_of(tallies: Sequence[ShotMetrics]) -> Metrics:
    """Figures of one shot or of several together."""
    near = [errors for tally in tallies for errors in tally.near]
    far = [errors for tally in tallies for errors in tally.far]
    return Metrics(
        warping_error=mean(errors.result for errors in near),
        warping_error_source=mean(errors.source for errors in near),
        warping_error_10=mean(errors.result for errors in far),
        warping_error_10_source=mean(errors.source for errors in far),
        change=_mean_change([tally.change for tally in tallies if tally.change]),
        change_source=_mean_change([tally.change_source for tally in tallies if tally.change_source]),
    )


def _mean_change(changes: Sequence[Change]) -> Change | None:
    if not changes:
        return None
    red, green, blue = map(fmean, zip(*(change.drift_levels for change in changes), strict=True))
    ratios = [change.sharpness for change in changes if change.sharpness is not None]
    if not ratios or min(ratios) == 0:
        return Change((red, green, blue), 0.0 if ratios else None)
    return Change((red, green, blue), geometric_mean(ratios))


def far_errors(
    sources: Iterable[Image],
    painted: Callable[[int], Image],
    shots: Sequence[tuple[int, int]],
    between: MotionFinder,
) -> PairErrors:
    """Mean warping errors ten frames apart, of at most `FAR_PAIRS` pairs, evenly spread over the shots.

    Parameters
    ----------
    sources
        The source's frames from the first shot's first on, [H, W, 3], RGB in [0, 1].
    painted
        Gives the result of a frame by its index.
    shots
        Frames [start, stop), in the indices of `painted` and `between`.
    between
        Where the source's motion comes from.

    """
    possible = [index for start, stop in shots for index in range(start + FAR, stop)]
    chosen = {possible[place] for place in evenly(len(possible), FAR_PAIRS)}
    before: deque[Image] = deque(maxlen=FAR)
    pairs = []
    for index, source in enumerate(sources, shots[0][0]) if chosen else ():
        if index in chosen:
            motion = between(index - FAR, index, before[0], source)
            result = warping_error(painted(index - FAR), painted(index), motion)
            pairs.append(PairErrors(result, warping_error(before[0], source, motion)))
        before.append(source)
    return PairErrors(mean(pair.result for pair in pairs), mean(pair.source for pair in pairs))


def evenly(number: int, most: int) -> list[int]:
    """Spread at most so many indices evenly over a number of things, the first and the last among them."""
    return sorted(set(np.linspace(0, number - 1, min(most, number)).round().astype(int).tolist()))


def mean(values: Iterable[float | None]) -> float | None:
    """Mean of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
