"""Paint films and photos in the style of a picture, and keep the painting still where the film is still.

>>> import vidstyle
>>> vidstyle.stylize("in.mp4", style="starry.jpg", output="out.mp4")  # doctest: +SKIP

Names are loaded when they are first used, so that importing this package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vidstyle.encoding import EncodeOptions, PictureOptions, Rate
    from vidstyle.errors import VidstyleError
    from vidstyle.events import Event, Losses, Observer, Status, StopRequest
    from vidstyle.options import (
        Colors,
        Crop,
        Cuts,
        Distances,
        FlowMethod,
        FlowSource,
        Init,
        MachineOptions,
        MotionOptions,
        Options,
        PainterKind,
        PaintOptions,
        PhotoOptions,
        Recipe,
        Size,
        SourceOptions,
        Style,
        StyleOptions,
        Time,
    )
    from vidstyle.pipeline.jobs import Job, plan
    from vidstyle.pipeline.results import JobResult
    from vidstyle.pipeline.run import stylize, stylize_many
    from vidstyle.transfer import StyleTransfer
    from vidstyle.words import preset

__version__ = "0.1.0"

_HOMES = {
    "vidstyle.encoding": ("EncodeOptions", "PictureOptions", "Rate"),
    "vidstyle.errors": ("VidstyleError",),
    "vidstyle.events": ("Event", "Losses", "Observer", "Status", "StopRequest"),
    "vidstyle.options": (
        "Colors",
        "Crop",
        "Cuts",
        "Distances",
        "FlowMethod",
        "FlowSource",
        "Init",
        "MachineOptions",
        "MotionOptions",
        "Options",
        "PaintOptions",
        "PainterKind",
        "PhotoOptions",
        "Recipe",
        "Size",
        "SourceOptions",
        "Style",
        "StyleOptions",
        "Time",
    ),
    "vidstyle.pipeline.jobs": ("Job", "plan"),
    "vidstyle.pipeline.results": ("JobResult",),
    "vidstyle.pipeline.run": ("stylize", "stylize_many"),
    "vidstyle.transfer": ("StyleTransfer",),
    "vidstyle.words": ("preset",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Colors",
    "Crop",
    "Cuts",
    "Distances",
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
    "Observer",
    "Options",
    "PaintOptions",
    "PainterKind",
    "PhotoOptions",
    "PictureOptions",
    "Rate",
    "Recipe",
    "Size",
    "SourceOptions",
    "Status",
    "StopRequest",
    "Style",
    "StyleOptions",
    "StyleTransfer",
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
