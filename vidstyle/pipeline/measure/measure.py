"""Score a painted film, from vidstyle or any other tool, against its source.

Both are compared at the result's size, frame by frame, within shots. No more frames are held than the longest distance
between two that are compared, whatever the length of the film.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from vidstyle.errors import InputError, quoted
from vidstyle.imaging.types import Image
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.open import photo_size
from vidstyle.media.video.probe import Kind, Video, kind_of, probe_video
from vidstyle.media.video.reader import VideoReader
from vidstyle.media.video.shots import find_shots
from vidstyle.options.groups import Options, PainterKind
from vidstyle.options.style import as_styles
from vidstyle.pipeline.background import Prefetcher
from vidstyle.pipeline.flow_source import FlowFiles, open_flow
from vidstyle.pipeline.measure.figures import Metrics, ShotMetrics, evenly, mean, metrics_of
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.plan.survey import frame_range, style_size

STYLE_FRAMES = 12
"""At most so many frames, evenly spread, are looked at for their style: a mean needs no more."""
DEPTH = 4
"""Frames of both films that are decoded ahead."""
STRETCH = 0.05
"""Shapes may differ by so much: tools round sides to multiples of 8 or 16."""


@dataclass(frozen=True)
class Shot:
    """Figures of frames [start, stop) of the result."""

    start: int
    stop: int
    figures: Metrics


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
    figures: Metrics
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
    painters: PainterCache | None = None,
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
        `source` says which part of the source was painted, and where its cuts are; `motion`, how its motion is found;
        `paint` and `machine` are those of the painter that knows the style loss.
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
    size = FrameSize(painted.width, painted.height, painted.pixel_aspect)
    style_of = _style_judge(styles, size, result, options, painters or PainterCache()) if styles else None
    shots = find_shots(video, start, stop, options.source.cuts)
    flows = open_flow(options.motion, size)
    if isinstance(flows, FlowFiles):
        flows.check(shots)
    frames = stop - start
    looked_at = set(evenly(frames, STYLE_FRAMES) if style_of else ())
    style_losses: list[_Pair] = []
    tallies = [ShotMetrics(begin - start, end - start) for begin, end in shots]
    with (
        VideoReader(video, size, start, stop) as sources,
        VideoReader(painted, size, result_start, result_start + frames) as results,
        Prefetcher(zip(sources, results, strict=True), DEPTH, "decode") as pairs,
    ):
        for index, original, image in chain.from_iterable(
            tally.watch(pairs, flows.between, start) for tally in tallies
        ):
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
        figures=metrics_of(tallies),
        style_loss=mean(loss.result for loss in style_losses),
        style_loss_source=mean(loss.source for loss in style_losses),
        style_frames=len(style_losses),
        shots=tuple(Shot(tally.start, tally.stop, metrics_of([tally])) for tally in tallies),
    )


class _Pair(NamedTuple):
    result: float
    source: float


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
    styles: Sequence[Path], size: FrameSize, result: Path, options: Options, painters: PainterCache
) -> Callable[[Image], float]:
    """Load the painter; gives the style loss of an image."""
    least = options.objective.smallest_side_px
    if min(size.width, size.height) < least:
        raise InputError(
            f"{quoted(result)} is {size.width} x {size.height} pixels, and the style loss needs {least} x {least} at least; "
            "leave --style away."
        )
    painter = painters.painter(replace(options, painter=PainterKind.VGG))
    longer_side = max(size.width, size.height)
    sizes = [style_size(style, longer_side) for style in styles]
    targets = painters.style(painter, as_styles(styles), sizes)
    return lambda image: painter.measure(image, targets)
