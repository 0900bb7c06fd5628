"""Loading of a job's targets: style images, their encoding, and the image that a shot starts from."""

from dataclasses import replace
from itertools import product
from typing import Any

from vidstyle.imaging.recolor import ColorStatistics, color_statistics
from vidstyle.imaging.types import FrameSource, Image
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.reader import Rendering, read_photo
from vidstyle.options.style import Colors
from vidstyle.options.values import Init, InitKind
from vidstyle.pipeline.paint.painter_cache import PainterCache, StylePreprocessing
from vidstyle.pipeline.paint.scales import Scale, scales
from vidstyle.pipeline.paint.targets import TargetSource
from vidstyle.pipeline.painters.painter import Painter
from vidstyle.pipeline.plan.masks import region_masks
from vidstyle.pipeline.plan.ranges import spread_evenly
from vidstyle.pipeline.plan.survey import JobSpec

PALETTE_FRAMES = 12
"""Frames, evenly spread, that a film's colours are taken from: one palette, or the style would change
midway."""


def load_targets(
    painters: PainterCache, painter: Painter, spec: JobSpec, source: FrameSource
) -> TargetSource:
    """Read and encode everything that the frames of a job are painted by.

    Raises
    ------
    VidstyleError
        A file cannot be read.

    """
    job, frame = spec.job, spec.size
    options = job.options.style
    if not painter.uses_style:
        return TargetSource((), Scale(frame.width, frame.height, 0))
    palette = None
    if options.colors in {Colors.MATCH, Colors.LUMINANCE}:
        palette = _palette(spec, source)
    in_grey = options.colors is Colors.LUMINANCE
    preprocessing = StylePreprocessing(options.style_crop, spec.rendering.profile, palette, in_grey)
    init = job.options.paint.init
    is_matched = init == Init(InitKind.MATCHED) and job.options.paint.style_weight > 0
    at = [spec.video.second_of(style.at) if spec.video and style.at else None for style in job.styles]
    moments = sorted({moment for moment in at if moment is not None})
    start, sources = _start(init, spec), []
    for scale in scales(frame.width, frame.height, job.options):
        targets: list[Any] = []
        textures = []
        sizes = [_scaled(size, scale.width, frame.width) for size in spec.style_sizes]
        found = list(zip(job.styles, sizes, at, strict=True))
        for moment, place in product(moments or (None,), region_masks(job.styles)):
            here = [(style, size) for style, size, time in found if (style.mask, time) == (place, moment)]
            mixture = [style for style, _ in here], [size for _, size in here], preprocessing
            targets += painters.style(painter, *mixture)
            textures += [painters.texture(*mixture)] if is_matched else []
        sources.append(
            TargetSource(
                tuple(targets),
                scale,
                tuple(moments),
                spec.video.timestamps if spec.video else (),
                spec.masks,
                in_grey,
                start,
                tuple(textures),
                job.options.paint.seed if init == Init(InitKind.NOISE) else None,
                skips_warp=init == Init(InitKind.PREVIOUS),
            )
        )
    return replace(sources[-1], coarser=tuple(sources[:-1]))


def _scaled(size: FrameSize, part: int, whole: int) -> FrameSize:
    """Scale the size of a style image as the image is that it is for."""
    return replace(size, width=-(-size.width * part // whole), height=-(-size.height * part // whole))


def _start(init: Init, spec: JobSpec) -> Image | None:
    """Image that a shot starts from; None for the source."""
    path = init.file or (spec.job.styles[0].picture if init.kind is InitKind.STYLE else None)
    return read_photo(path, spec.size, Rendering(spec.rendering.profile)) if path else None


def _palette(spec: JobSpec, source: FrameSource) -> ColorStatistics:
    wanted = set(spread_evenly(spec.frames, PALETTE_FRAMES))
    with source(spec.start) as images:
        chosen = (image for place, image in zip(range(spec.frames), images, strict=False) if place in wanted)
        return color_statistics(chosen)
