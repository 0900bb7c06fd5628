"""How options look on the command line: their groups, how their words are read, how their defaults are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter

from vidstyle.encoding import EncodeOptions, PictureOptions, Rate
from vidstyle.errors import UsageError
from vidstyle.options import (
    Cuts,
    FlowSource,
    MachineOptions,
    MotionOptions,
    Options,
    PaintOptions,
    PhotoOptions,
    Size,
    SourceOptions,
    Time,
)

FILES, PAINTING, ENCODING, MACHINE, RUN, ABOUT = (
    Group(title, sort_key=place)
    for place, title in enumerate(("Input and output", "Painting", "Encoding", "Machine", "Run", "Help"))
)


@dataclass(frozen=True)
class RunOptions:
    """How this run goes about its jobs."""

    output: Annotated[Path | None, Parameter(alias="-o", group=FILES)] = None
    """The result's file; for an album, or for several inputs, their folder. In the current folder by default."""
    overwrite: Annotated[bool, Parameter(group=FILES)] = False
    """Replace an output that is already there; never an input."""
    stats: Annotated[Path | None, Parameter(metavar="FILE.json", group=FILES)] = None
    """Write the figures of the run to this file."""
    dry_run: bool = False
    """Say what would be done, how large and with how much memory, and paint nothing."""
    fresh: bool = False
    """Forget an interrupted or finished run; by default it goes on where it stopped."""
    keep_frames: bool = False
    """Keep the painted frames when the result is made, so that another `--codec` or ending only puts them together anew."""
    quiet: bool = False
    """Say nothing but what went wrong."""
    log_json: bool = False
    """Report on stdout as JSON, one object a line."""
    debug: bool = False
    """Show the traceback of an error."""


def shown_default(value: object) -> str | None:
    """Default in the words that an option takes; None where the help says it, or where there is nothing to say."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, Enum):
        return str(value.value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _parsed(parse: Callable[[str], Any]) -> Parameter:
    """Read an option with the class's own `parse`, whose complaint is put after the option's name."""

    def convert(_: type, tokens: Sequence[Any]) -> Any:
        try:
            return parse(tokens[0].value)
        except UsageError as exc:
            raise exc if str(exc).startswith("--") else UsageError(f"{tokens[0].keyword} {exc}") from None

    return Parameter(converter=convert, n_tokens=1, accepts_keys=False)


# options.py is read by the library too, and knows nothing of a command line: how its classes look there is said here.
for _kind in (Size, Time, Cuts, FlowSource, Rate):
    _parsed(_kind.parse)(_kind)
for _options, _group in (
    (PaintOptions, PAINTING),
    (SourceOptions, FILES),
    (MotionOptions, PAINTING),
    (PictureOptions, FILES),
    (EncodeOptions, ENCODING),
    (PhotoOptions, FILES),
    (MachineOptions, MACHINE),
    (Options, PAINTING),
    (RunOptions, RUN),
):
    Parameter(name="*", group=_group)(_options)
