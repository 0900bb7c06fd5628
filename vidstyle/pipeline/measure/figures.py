"""Metrics of a painted video next to its source: stability, drift of colours, sharpness."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean, geometric_mean
from typing import NamedTuple

from vidstyle.imaging.types import Image
from vidstyle.motion.stability import FAR, MotionFinder, PairErrors, Stability, sharpness, warping_error
from vidstyle.pipeline.plan.ranges import spread_evenly

Color = tuple[float, float, float]

FAR_PAIRS = 48
"""Pairs ten frames apart that are compared after painting, at most: the time does not grow with the video."""


@dataclass(frozen=True)
class Change:
    """Change of a video between the first frame of a shot and its last."""

    drift_levels: Color
    """Mean of the last frame minus that of the first, RGB in levels of 255: below 0 it darkened."""
    sharpness: float | None
    """Variance of the Laplacian, last frame over first: below 1 it blurred. None for a uniform first."""


@dataclass(frozen=True)
class Metrics:
    """Metrics of a video or one of its shots, and those of the source, which are due to the video itself."""

    warping_error: float | None
    """Mean over pairs of consecutive frames; None without any."""
    warping_error_source: float | None
    warping_error_10: float | None
    """Mean over pairs of frames ten apart; None without any."""
    warping_error_10_source: float | None
    change: Change | None
    """None for a single frame; for a video, the mean over its shots (of sharpness, the geometric mean)."""
    change_source: Change | None


class _FrameStatistics(NamedTuple):
    """Mean colour and sharpness of one frame."""

    mean: Color
    sharpness: float

    @classmethod
    def of(cls, image: Image) -> "_FrameStatistics":
        red, green, blue = image.mean(axis=(0, 1), dtype="float64").tolist()
        return cls((red, green, blue), sharpness(image))


@dataclass
class ShotMetrics:
    """Metrics of one shot, frames [start, stop), collected as the frames pass by."""

    start: int
    stop: int
    near: list[PairErrors] = field(default_factory=list)
    """Warping errors of consecutive frames."""
    far: list[PairErrors] = field(default_factory=list)
    """Warping errors of frames ten apart."""
    change: Change | None = None
    change_source: Change | None = None

    def watch(
        self, pairs: Iterator[tuple[Image, Image]], between: MotionFinder, offset: int = 0
    ) -> Iterator[tuple[int, Image, Image]]:
        """Collect the metrics of the shot's frames, and pass these on.

        Parameters
        ----------
        pairs
            Frames of source and result, from the first of the shot on.
        between
            Motion of the source.
        offset
            Difference of an index in the source, as `between` takes it, from one in the result.

        Yields
        ------
        index, source, result
            Frames of the shot, with their index in the result.

        """
        stability, first = Stability((1, FAR), between, self.start + offset), None
        for index in range(self.start, self.stop):
            source, result = next(pairs)
            near, far = stability.add(source, result)
            self.near += [near] if near else []
            self.far += [far] if far else []
            if first is None:
                first = _FrameStatistics.of(source), _FrameStatistics.of(result)
            elif index + 1 == self.stop:
                self.change_source = _change(first[0], _FrameStatistics.of(source))
                self.change = _change(first[1], _FrameStatistics.of(result))
            yield index, source, result


def _change(first: _FrameStatistics, last: _FrameStatistics) -> Change:
    red, green, blue = (255 * (after - before) for before, after in zip(first.mean, last.mean, strict=True))
    return Change((red, green, blue), last.sharpness / first.sharpness if first.sharpness else None)


def metrics_of(shots: Sequence[ShotMetrics]) -> Metrics:
    """Summarise the metrics of one shot, or of several together."""
    near = [errors for shot in shots for errors in shot.near]
    far = [errors for shot in shots for errors in shot.far]
    return Metrics(
        warping_error=mean(errors.result for errors in near),
        warping_error_source=mean(errors.source for errors in near),
        warping_error_10=mean(errors.result for errors in far),
        warping_error_10_source=mean(errors.source for errors in far),
        change=_mean_change([shot.change for shot in shots if shot.change]),
        change_source=_mean_change([shot.change_source for shot in shots if shot.change_source]),
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
    """Average the warping errors of at most `FAR_PAIRS` pairs ten frames apart, evenly spread over the shots.

    Parameters
    ----------
    sources
        Frames of the source from the first shot on, [H, W, 3], RGB in [0, 1].
    painted
        Gives the painted frame of an index.
    shots
        Frames [start, stop), by the indices of `painted` and `between`.
    between
        Motion of the source.

    """
    possible = [index for start, stop in shots for index in range(start + FAR, stop)]
    chosen = {possible[place] for place in spread_evenly(len(possible), FAR_PAIRS)}
    before: deque[Image] = deque(maxlen=FAR)
    pairs = []
    for index, source in enumerate(sources, shots[0][0]) if chosen else ():
        if index in chosen:
            motion = between(index - FAR, index, before[0], source)
            result = warping_error(painted(index - FAR), painted(index), motion)
            pairs.append(PairErrors(result, warping_error(before[0], source, motion)))
        before.append(source)
    return PairErrors(mean(pair.result for pair in pairs), mean(pair.source for pair in pairs))


def mean(values: Iterable[float | None]) -> float | None:
    """Average the values that are known; None where none is."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
