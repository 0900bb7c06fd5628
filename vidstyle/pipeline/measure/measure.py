"""Measurement of a painted video, from vidstyle or any other tool, against its source.

Both are compared at the size of the result, frame by frame, within shots. Memory holds no more frames than
lie between two that are compared, whatever the length of the video.
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
from vidstyle.pipeline.measure.figures import Metrics, ShotMetrics, mean, metrics_of
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.plan.ranges import frame_range, spread_evenly
from vidstyle.pipeline.plan.survey import style_size

STYLE_FRAMES = 12
"""Frames, evenly spread, whose style loss is computed, at most: their mean is exact enough."""
DEPTH = 4
"""Frames of both videos that are decoded ahead."""
MAX_STRETCH = 0.05
"""Largest difference of aspect ratios, as a logarithm: tools round sides to multiples of 8 or 16."""


@dataclass(frozen=True)
class Shot:
    """Metrics of one shot, frames [start, stop) of the result."""

    start: int
    stop: int
    figures: Metrics


@dataclass(frozen=True)
class Measurement:
    """Metrics of a result, next to those of its source."""

    source: Path
    result: Path
    width: int
    height: int
    start: int
    """First frame that is compared, by its index in the source."""
    frames: int
    figures: Metrics
    style_loss: float | None
    """Mean over `style_frames` frames; None without a style."""
    style_loss_source: float | None
    """Mean over the same frames of the source, before any painting."""
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
    """Measure the stability, drift, sharpness and style loss of a painted video.

    Parameters
    ----------
    source, result
        The video, and its painting, with as many frames as the part that is compared.
    styles
        Style images; without any, the style loss is not measured.
    options
        `source` has the part of the source that was painted, and its cuts; `motion`, the method of optical
        flow; `paint` and `machine`, the painter that computes the style loss.
    painters
        Cache of that painter.
    on_frame
        Called with the number of finished frames, and that of all.

    Raises
    ------
    InputError
        A video or a style cannot be read, or the videos differ in their number of frames or their shape.

    """
    options = options or Options()
    for style in styles:
        photo_size(style)  # A style that cannot be read is reported by name.
    video, painted = (_probe(path) for path in (source, result))
    start, stop, result_start = _match_ranges(video, painted, options)
    _check_shape(video, painted)
    size = FrameSize(painted.width, painted.height, painted.pixel_aspect)
    style_loss = _load_style_loss(styles, size, result, options, painters) if styles else None
    shots = find_shots(video, start, stop, options.source.cuts)
    flow = open_flow(options.motion, size)
    if isinstance(flow, FlowFiles):
        flow.check(shots)
    frames = stop - start
    sampled = set(spread_evenly(frames, STYLE_FRAMES) if style_loss else ())
    style_losses: list[_Pair] = []
    metrics = [ShotMetrics(begin - start, end - start) for begin, end in shots]
    with (
        VideoReader(video, size, start, stop) as sources,
        VideoReader(painted, size, result_start, result_start + frames) as results,
        Prefetcher(zip(sources, results, strict=True), DEPTH, "decode") as pairs,
    ):
        for index, original, image in chain.from_iterable(
            shot.watch(pairs, flow.between, start) for shot in metrics
        ):
            if style_loss and index in sampled:
                style_losses.append(_Pair(style_loss(image), style_loss(original)))
            on_frame(index + 1, frames)
    return Measurement(
        source=source,
        result=result,
        width=size.width,
        height=size.height,
        start=start,
        frames=frames,
        figures=metrics_of(metrics),
        style_loss=mean(loss.result for loss in style_losses),
        style_loss_source=mean(loss.source for loss in style_losses),
        style_frames=len(style_losses),
        shots=tuple(Shot(shot.start, shot.stop, metrics_of([shot])) for shot in metrics),
    )


class _Pair(NamedTuple):
    result: float
    source: float


def _probe(path: Path) -> Video:
    if kind_of(path) is Kind.PHOTO:
        raise InputError(f"{quoted(path)} is a photo, which cannot flicker; give a film.")
    return probe_video(path)


def _match_ranges(video: Video, painted: Video, options: Options) -> tuple[int, int, int]:
    """Find the frames [start, stop) of the source that are compared, and the first of them in the result."""
    start, stop = frame_range(video, options.source.start, options.source.end)
    if painted.frames == stop - start:
        return start, stop, 0
    if painted.frames == video.frames:  # All of it was painted, and a part is compared.
        return start, stop, start
    part = "" if stop - start == video.frames else " between --start and --end"
    raise InputError(
        f"{quoted(video.path)} has {stop - start} frames{part}, and {quoted(painted.path)} has "
        f"{painted.frames}; give the part that was painted with --start and --end."
    )


def _check_shape(video: Video, painted: Video) -> None:
    """Refuse a result with another crop of the source, which would be compared with the wrong pixels."""
    shown = painted.width * painted.pixel_aspect / painted.height
    # Some tools drop the pixel aspect ratio, and leave the stored frame as it is.
    expected = (video.width * video.pixel_aspect / video.height, Fraction(video.width, video.height))
    rounded = Fraction(2, min(painted.width, painted.height))
    if min(abs(math.log(shown / shape)) for shape in expected) > MAX_STRETCH + rounded:
        raise InputError(
            f"{quoted(painted.path)} has {painted.width} x {painted.height} pixels and {quoted(video.path)} "
            f"{video.width} x {video.height}, another aspect ratio; crop or rotate the source as the result "
            "was."
        )


def _load_style_loss(
    styles: Sequence[Path], size: FrameSize, result: Path, options: Options, painters: PainterCache | None
) -> Callable[[Image], float]:
    """Load the painter, and return the function that computes the style loss of an image."""
    least = options.objective.smallest_side_px
    if min(size.width, size.height) < least:
        raise InputError(
            f"{quoted(result)} has {size.width} x {size.height} pixels, and the style loss needs at least "
            f"{least} x {least}; omit --style."
        )
    painters = painters or PainterCache()
    painter = painters.painter(replace(options, painter=PainterKind.VGG))
    longer_side = max(size.width, size.height)
    sizes = [style_size(style, longer_side) for style in styles]
    targets = painters.style(painter, as_styles(styles), sizes)
    return lambda image: painter.measure(image, targets)
