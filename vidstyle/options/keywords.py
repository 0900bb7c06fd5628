"""Options as keyword arguments: `vidstyle.stylize("in.mp4", style="starry.jpg", size=320, iterations=10)`."""

import typing
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Any, TypedDict

from vidstyle.errors import UsageError, reason
from vidstyle.options.groups import Optimizer, Options, PainterKind, Precision
from vidstyle.options.layers import Layers, Network
from vidstyle.options.media import ColorMatrix, Rate
from vidstyle.options.objective import (
    Distance,
    LossScales,
    Norm,
    Padding,
    Pooling,
    StyleNorm,
    StyleStatistic,
    TVNorm,
)
from vidstyle.options.style import Colors, Crop
from vidstyle.options.text import (
    apply_preset,
    apply_quality,
    option_types,
    parse_value,
    prefix_option,
    replace_options,
    without_none,
)
from vidstyle.options.values import Cuts, FlowSource, Init, PaintEvery, Size, TemporalFrames, Tile, Time

Seconds = Time | float | str
Numbers = Sequence[float] | str


class OptionKeywords(TypedDict, total=False):
    """Options of the command line by name, with an underscore for each hyphen.

    A value may have the option's own type, or be a number, a sequence of numbers, or text as on the command
    line.
    """

    preset: str
    quality: str
    # PaintOptions
    first_iterations: int
    coarse_size: int
    iterations: int
    windows_above: int
    style_weight: float
    content_weight: float
    tv_weight: float
    temporal_weight: float
    stop_below: float
    optimizer: Optimizer | str
    learning_rate: float
    adam_beta1: float
    adam_epsilon: float
    scipy_round: int
    init: Init | Path | str
    seed: int
    # StyleOptions
    style_scale: float
    style_size: int | None
    style_crop: Crop | Sequence[int] | str | None
    colors: Colors | str
    mask: Path | str | None
    protect: Path | str | None
    strength: float
    strength_at: Sequence[str] | str
    # ObjectiveOptions
    network: Network | str
    content_layers: Layers | Sequence[str] | str
    style_layers: Layers | Sequence[str] | str
    pooling: Pooling | str
    padding: Padding | str
    gram: StyleStatistic | str
    gram_shift: float
    content_distance: Distance | str
    style_distance: Distance | str
    content_norm: Norm | str
    style_norm: StyleNorm | str
    tv: TVNorm | str
    tv_norm: Norm | str
    laplacian_weight: float
    laplacian_pool: int
    base_weights: LossScales | Numbers
    # SourceOptions
    size: Size | int | str
    start: Seconds | None
    end: Seconds | None
    cuts: Cuts | Numbers
    allow_damaged: bool
    # MotionOptions
    flow: FlowSource | Path | str
    keyframe: Sequence[str] | str
    paint_every: PaintEvery | int | str
    temporal_frames: TemporalFrames | Sequence[int] | int | str
    passes: int
    # PhotoOptions
    strip_metadata: bool
    # MachineOptions
    device: str
    precision: Precision | str
    weights: Path | str | None
    tile: Tile | int | str
    threads: int | None
    # PictureOptions
    fps: Rate | float | str | None
    color_matrix: ColorMatrix | str
    background: str
    sequence: bool
    sequence_fps: Rate | float | str
    # EncodeOptions
    codec: str | None
    crf: float | None
    encoder_option: Sequence[str] | str
    bit_depth: int
    omit_audio: bool
    # Options
    painter: PainterKind | str


def with_keywords(options: Options, keywords: Mapping[str, Any]) -> Options:
    """Replace options by keyword arguments, which take precedence over `quality`, and that over `preset`.

    >>> with_keywords(Options(), {"size": 320, "iterations": 10}).source.size.longer_side
    320

    Parameters
    ----------
    options
        The options to start from.
    keywords
        Values by name, see `OptionKeywords`.

    Raises
    ------
    UsageError
        A name is unknown, or a value is invalid or out of range.

    """
    types = dict(option_types(Options))
    for name in keywords:
        if name not in OptionKeywords.__annotations__:
            raise UsageError(_unknown(name))
    preset, quality = keywords.get("preset"), keywords.get("quality")
    if preset is not None:
        options = apply_preset(options, preset)
    if quality is not None:
        options = apply_quality(options, quality, preset or "default")
    values = {name: _converted(name, types[name], value) for name, value in keywords.items() if name in types}
    replaced: Options = replace_options(options, values)
    return replaced


def _unknown(name: str) -> str:
    close = get_close_matches(name, OptionKeywords.__annotations__, n=3)
    remedy = f"did you mean {' or '.join(close)}?" if close else "vidstyle --help lists all options."
    return f"unknown option {name!r}: {remedy}"


def _converted(name: str, hint: Any, value: Any) -> Any:
    """Convert a value to an option's own type."""
    kind = without_none(hint)
    if value is None and kind is not hint:
        return None
    if isinstance(kind, type) and isinstance(value, kind) and not isinstance(value, bool):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = list(value)
    try:
        return parse_value(kind, value)
    except UsageError as exc:
        raise UsageError(prefix_option(name, str(exc))) from None
    except (ValueError, TypeError) as exc:
        choices = f"give one of {', '.join(kind)}" if _is_enum(kind) else reason(exc)
        raise UsageError(f"invalid {name}={value!r}: {choices}.") from None


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum) and typing.get_origin(kind) is None
