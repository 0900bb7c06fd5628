"""Painting of films and photos in the style of a picture, as stable as the film itself.

>>> import vidstyle
>>> vidstyle.stylize("in.mp4", style="starry.jpg", size=320, iterations=10)  # doctest: +SKIP

Names are loaded when they are first used, so that importing this package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vidstyle._version import __version__ as __version__

if TYPE_CHECKING:
    from vidstyle.cli.report.progress_bar import ProgressBar
    from vidstyle.errors import VidstyleError
    from vidstyle.events import Event, Losses, Observer, Status, StopRequest
    from vidstyle.options.groups import (
        MachineOptions,
        MotionOptions,
        Options,
        PainterKind,
        PaintOptions,
        PhotoOptions,
        SourceOptions,
    )
    from vidstyle.options.media import EncodeOptions, PictureOptions, Rate
    from vidstyle.options.objective import ObjectiveOptions
    from vidstyle.options.style import Colors, Crop, Style, StyleOptions
    from vidstyle.options.text import preset
    from vidstyle.options.values import Cuts, FlowMethod, FlowSource, Init, Size, TemporalFrames, Time
    from vidstyle.pipeline.plan.jobs import Job, plan
    from vidstyle.pipeline.results import JobResult
    from vidstyle.pipeline.run import stylize, stylize_many
    from vidstyle.style_transfer import StyleTransfer

_HOMES = {
    "vidstyle.cli.report.progress_bar": ("ProgressBar",),
    "vidstyle.errors": ("VidstyleError",),
    "vidstyle.events": ("Event", "Losses", "Observer", "Status", "StopRequest"),
    "vidstyle.options.groups": (
        "MachineOptions",
        "MotionOptions",
        "Options",
        "PaintOptions",
        "PainterKind",
        "PhotoOptions",
        "SourceOptions",
    ),
    "vidstyle.options.media": ("EncodeOptions", "PictureOptions", "Rate"),
    "vidstyle.options.objective": ("ObjectiveOptions",),
    "vidstyle.options.style": ("Colors", "Crop", "Style", "StyleOptions"),
    "vidstyle.options.text": ("preset",),
    "vidstyle.options.values": ("Cuts", "TemporalFrames", "FlowMethod", "FlowSource", "Init", "Size", "Time"),
    "vidstyle.pipeline.plan.jobs": ("Job", "plan"),
    "vidstyle.pipeline.results": ("JobResult",),
    "vidstyle.pipeline.run": ("stylize", "stylize_many"),
    "vidstyle.style_transfer": ("StyleTransfer",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Colors",
    "Crop",
    "Cuts",
    "EncodeOptions",
    "Event",
    "FlowMethod",
    "FlowSource",
    "Init",
    "Job",
    "JobResult",
    "Losses",
    "MachineOptions",
    "MotionOptions",
    "ObjectiveOptions",
    "Observer",
    "Options",
    "PaintOptions",
    "PainterKind",
    "PhotoOptions",
    "PictureOptions",
    "ProgressBar",
    "Rate",
    "Size",
    "SourceOptions",
    "Status",
    "StopRequest",
    "Style",
    "StyleOptions",
    "StyleTransfer",
    "TemporalFrames",
    "Time",
    "VidstyleError",
    "plan",
    "preset",
    "stylize",
    "stylize_many",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'vidstyle' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
