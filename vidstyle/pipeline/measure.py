"""Score a painted film, from vidstyle or any other tool, against its source.

Both are compared at the result's size, frame by frame, within shots. No more frames are held than the longest distance
between two that are compared, whatever the length of the film.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from statistics import fmean, geometric_mean
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import InputError, quoted
from vidstyle.media.geometry import Frame
from vidstyle.media.photos import photo_size
from vidstyle.media.probe import Kind, Video, kind_of, probe_video
from vidstyle.media.reader import VideoReader
from vidstyle.media.shots import find_shots
from vidstyle.motion.stability import FAR, PairErrors, Stability, sharpness
from vidstyle.options import Options, PainterKind
from vidstyle.pipeline.ahead import Ahead
from vidstyle.pipeline.studio import Studio
from vidstyle.pipeline.survey import frame_range, style_size
from vidstyle.presets import DEFAULT

Image = NDArray[np.float32]
Color = tuple[float, float, float]

STYLE_FRAMES = 12
"""At most so many frames, evenly spread, are looked at for their style: a mean needs no more."""
DEPTH = 4
"""Frames of both films that are decoded ahead."""
STRETCH = 0.05
"""Shapes may differ by so much: tools round sides to multiples of 8 or 16."""


@dataclass(frozen=True)
class Change:
    """What became of a film between the first frame of a shot and its last."""

    drift_levels: Color
    """Mean of the last frame less that of the first, red, green and blue, in levels of 255: below 0 it darkened."""
    sharpness: float | None
    """Variance of the Laplacian of the last frame over that of the first: below 1 it blurred. None of a plain first."""


@dataclass(frozen=True)
class Figures:
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


@dataclass(frozen=True)
class Shot:
    """Figures of frames [start, stop) of the result."""

    start: int
    stop: int
    figures: Figures


@dataclass(frozen=True)
class Measurement:
    """Figures of a result beside its source."""

    source: Path
    result: Path
    width: int
    height: int
    start: int
    """First frame of the source that is compared."""
    frames: int
    figures: Figures
    style_loss: float | None
    """Mean over `style_frames` frames; None without a style."""
    style_loss_source: float | None
    """The same of the source's frames: what there was to paint."""
    style_frames: int
    shots: tuple[Shot, ...]


def measure_film(
    source: Path,
    result: Path,
    styles: Sequence[Path] = (),
    options: Options | None = None,
    *,
    studio: Studio | None = None,
    on_frame: Callable[[int, int], None] = lambda _done, _frames: None,
) -> Measurement:
    """Measure how still, how true to its colours, how sharp and how close to a style a painted film is.

    Parameters
    ----------
    source, result
        The film, and what was painted of it, with as many frames as the part compared.
    styles
        Pictures in whose style it was painted; without any, the style loss is not measured.
    options
        `source` says which part of the source was painted, and where its cuts are; `paint` and `machine` are those of the
        painter that knows the style loss.
    studio
        Who holds that painter.
    on_frame
        Called with the number of frames done, and of all.

    Raises
    ------
    InputError
        One of the files is no film that can be read, their frames differ in number or shape, or a style is no picture.

    """
    options = options or Options()
    for style in styles:
        photo_size(style)  # Says by name what is no picture.
    video, painted = (_film(path) for path in (source, result))
    start, stop, result_start = _part(video, painted, options)
    _check_shape(video, painted)
    size = Frame(painted.width, painted.height, painted.pixel_aspect)
    style_of = _style_judge(styles, size, result, options, studio or Studio()) if styles else None
    shots = find_shots(video, start, stop, options.source.cuts)
    frames = stop - start
    looked_at = _evenly(frames, STYLE_FRAMES) if style_of else frozenset()
    style_losses: list[_Pair] = []
    tallies = [_Tally(begin - start, end - start) for begin, end in shots]
    with (
        VideoReader(video, size, start, stop) as sources,
        VideoReader(painted, size, result_start, result_start + frames) as results,
        Ahead(zip(sources, results, strict=True), DEPTH, "decode") as pairs,
    ):
        for index, original, image in chain.from_iterable(tally.watch(pairs) for tally in tallies):
            if style_of and index in looked_at:
                style_losses.append(_Pair(style_of(image), style_of(original)))
            on_frame(index + 1, frames)
    return Measurement(
        source=source,
        result=result,
        width=size.width,
        height=size.height,
        start=start,
        frames=frames,
        figures=_figures(tallies),
        style_loss=_mean(loss.result for loss in style_losses),
        style_loss_source=_mean(loss.source for loss in style_losses),
        style_frames=len(style_losses),
        shots=tuple(Shot(tally.start, tally.stop, _figures([tally])) for tally in tallies),
    )


class _Pair(NamedTuple):
    result: float
    source: float


class _Look(NamedTuple):
    """What is noted of one frame."""

    mean: Color
    sharpness: float

    @classmethod
    def at(cls, image: Image) -> "_Look":
        red, green, blue = image.mean(axis=(0, 1), dtype="float64").tolist()
        return cls((red, green, blue), sharpness(image))


@dataclass
class _Tally:
    """What is noted of a shot while it passes."""

    start: int
    stop: int
    near: list[PairErrors] = field(default_factory=list)
    far: list[PairErrors] = field(default_factory=list)
    change: Change | None = None
    change_source: Change | None = None

    def watch(self, pairs: Iterator[tuple[Image, Image]]) -> Iterator[tuple[int, Image, Image]]:
        """Take the shot's frames of source and result, note what they show, and hand them on with their index."""
        stability, first = Stability((1, FAR)), None
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


def _film(path: Path) -> Video:
    if kind_of(path) is Kind.PHOTO:
        raise InputError(f"{quoted(path)} is a photo, which cannot flicker; give a film.")
    return probe_video(path)


def _part(video: Video, painted: Video, options: Options) -> tuple[int, int, int]:
    """Frames [start, stop) of the source that are compared, and where their likes begin in the result."""
    start, stop = frame_range(video, options.source.start, options.source.end)
    if painted.frames == stop - start:
        return start, stop, 0
    if painted.frames == video.frames:  # All of it was painted, and a part is to be compared.
        return start, stop, start
    part = "" if stop - start == video.frames else " between --start and --end"
    raise InputError(
        f"{quoted(video.path)} has {stop - start} frames{part}, and {quoted(painted.path)} has {painted.frames}; "
        "say with --start and --end which part was painted."
    )


def _check_shape(video: Video, painted: Video) -> None:
    """Refuse a result that shows another section of the source, which would be compared with the wrong pixels."""
    shown = painted.width * painted.pixel_aspect / painted.height
    # Some tools drop the shape of pixels, and give the stored picture as it is.
    expected = (video.width * video.pixel_aspect / video.height, Fraction(video.width, video.height))
    rounded = Fraction(2, min(painted.width, painted.height))
    if min(abs(math.log(shown / shape)) for shape in expected) > STRETCH + rounded:
        raise InputError(
            f"{quoted(painted.path)} is {painted.width} x {painted.height} pixels and {quoted(video.path)} {video.width} x "
            f"{video.height}, another shape; crop or turn the source as the result was."
        )


def _style_judge(
    styles: Sequence[Path], size: Frame, result: Path, options: Options, studio: Studio
) -> Callable[[Image], float]:
    """Load the painter; gives the style loss of an image."""
    least = DEFAULT.smallest_side_px
    if min(size.width, size.height) < least:
        raise InputError(
            f"{quoted(result)} is {size.width} x {size.height} pixels, and the style loss needs {least} x {least} at least; "
            "leave --style away."
        )
    painter = studio.painter(replace(options, painter=PainterKind.VGG))
    assert painter is not None  # noqa: S101 - only PainterKind.NONE has none.
    longer_side = max(size.width, size.height)
    targets = studio.style(painter, styles, [style_size(style, longer_side) for style in styles])
    return lambda image: painter.measure(image, targets)


def _evenly(frames: int, most: int) -> frozenset[int]:
    """Spread indices evenly over a number of frames, the first and the last among them."""
    return frozenset(np.linspace(0, frames - 1, min(most, frames)).round().astype(int).tolist())


def _change(first: _Look, last: _Look) -> Change:
    red, green, blue = (255 * (after - before) for before, after in zip(first.mean, last.mean, strict=True))
    return Change((red, green, blue), last.sharpness / first.sharpness if first.sharpness else None)


def _figures(tallies: Sequence[_Tally]) -> Figures:
    """Figures of one shot or of several together."""
    near = [errors for tally in tallies for errors in tally.near]
    far = [errors for tally in tallies for errors in tally.far]
    return Figures(
        warping_error=_mean(errors.result for errors in near),
        warping_error_source=_mean(errors.source for errors in near),
        warping_error_10=_mean(errors.result for errors in far),
        warping_error_10_source=_mean(errors.source for errors in far),
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


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
