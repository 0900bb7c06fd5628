"""How options look on the command line: their groups, how their words are read, how their defaults are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter

from vidstyle.errors import UsageError
from vidstyle.options.groups import (
    MachineOptions,
    MotionOptions,
    Options,
    PaintOptions,
    PhotoOptions,
    SourceOptions,
)
from vidstyle.options.layers import Layers
from vidstyle.options.media import EncodeOptions, PictureOptions, Rate
from vidstyle.options.objective import LossScales, ObjectiveOptions
from vidstyle.options.style import Crop, Style, StyleOptions
from vidstyle.options.values import Cuts, FlowSource, Init, Size, TemporalFrames, Tile, Time, at_least

FILES, BATCH, PAINTING, RECIPE, ENCODING, MACHINE, RUN, ABOUT = (
    Group(title, sort_key=place)
    for place, title in enumerate(
        (
            "Input and output",
            "Albums and batches",
            "Painting",
            "What is minimised",
            "Encoding",
            "Machine",
            "Run",
            "Help",
        )
    )
)


@dataclass(frozen=True)
class BatchOptions:
    """What becomes of several inputs."""

    recursive: bool = False
    """Look through an album's sub-folders too; the results lie in sub-folders of the same names."""
    format: str | None = None
    """Write photos as `jpg`, `png`, `webp`, `tif`, `avif`, `heic`, `bmp` or `gif`; by default as they were."""
    styles: Annotated[Path | None, Parameter(metavar="FOLDER")] = None
    """Paint each input in each style of a folder of pictures."""
    name: str | None = None
    """Name of each result, without its ending: `{input}-{style}`, say, or `{style}/{input}` for a folder a style."""
    list: Annotated[Path | None, Parameter(metavar="FILE")] = None
    """Read inputs from a file, one a line, or from stdin (`-`)."""
    jobs: Annotated[Path | None, Parameter(metavar="FILE.toml")] = None
    """Read jobs from a file, each with its `input`, and its own `style`, `output` and options."""
    stop_on_error: bool = False
    """Begin nothing more after a failure."""


@dataclass(frozen=True)
class RunOptions:
    """How this run goes about its jobs."""

    output: Annotated[Path | None, Parameter(alias="-o", group=FILES)] = None
    """The result's file; for an album, or for several inputs, their folder. In the current folder by default."""
    overwrite: Annotated[bool, Parameter(group=FILES)] = False
    """Replace an output that is already there; never an input."""
    stats: Annotated[Path | None, Parameter(metavar="FILE.json", group=FILES)] = None
    """Write the figures of the run to this file."""
    preset: Annotated[str, Parameter(group=PAINTING)] = "default"
    """A recipe of a well-known paper or program, which sets options that are not given; `vidstyle presets` lists them."""
    quality: Annotated[str, Parameter(group=PAINTING)] = "good"
    """Effort: `draft` is small and quick, to see what it comes to; `best` is twice as large, with more iterations. It sets
    --size, both numbers of iterations and --stop-below where they are not given."""
    config: Annotated[Path | None, Parameter(metavar="FILE.toml")] = None
    """Take options that are not given from a file, by their names: `style = "a.jpg"`, `size = 320`."""
    write_config: Annotated[Path | None, Parameter(metavar="FILE.toml")] = None
    """Write inputs, styles and options to a file for `--config`."""
    dry_run: bool = False
    """Say what would be done, how large, for how long at most and with how much memory, and paint nothing."""
    fresh: bool = False
    """Forget an interrupted or finished run; by default it goes on where it stopped."""
    keep_frames: bool = False
    """Keep the painted frames when the result is made, so that another `--codec` or ending only puts them together anew."""
    save_every: int | None = None
    """Keep the picture of the start and of every so many iterations, of a photo or of a shot's first frame, in a folder
    `OUTPUT-steps`."""
    quiet: bool = False
    """Say nothing but what went wrong."""
    log_json: bool = False
    """Report on stdout as JSON, one object a line."""
    debug: bool = False
    """Show the traceback of an error."""

    def __post_init__(self) -> None:
        if self.save_every is not None:
            at_least("--save-every", self.save_every, 1)


def shown_default(value: object) -> str | None:
    """Default in the words that an option takes; None where the help says it, or where there is nothing to say."""
    if value is None or value == () or isinstance(value, bool):
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
            text = str(exc)
            if text.startswith("--"):
                raise
            # A whole sentence stands for itself.
            raise UsageError(f"{tokens[0].keyword}{':' * text[0].isupper()} {text}") from None

    return Parameter(converter=convert, n_tokens=1, accepts_keys=False)


def _each(parse: Callable[[str], Style], metavar: str) -> Parameter:
    """Read styles, of which there may be several."""

    def convert(_: type, tokens: Sequence[Any]) -> tuple[Style, ...]:
        return tuple(parse(token.value) for token in tokens)

    return Parameter(converter=convert, n_tokens=1, accepts_keys=False, metavar=metavar, group=FILES)


STYLES, STYLES_AT = _each(Style.parse, "PICTURE"), _each(Style.parse_at, "TIME=PICTURE")

# options.py is read by the library too, and knows nothing of a command line: how its classes look there is said here.
for _kind in (Size, Tile, Time, Cuts, TemporalFrames, FlowSource, Rate, Crop, Init, Layers, LossScales):
    _parsed(_kind.parse)(_kind)
for _options, _group in (
    (StyleOptions, PAINTING),
    (PaintOptions, PAINTING),
    (ObjectiveOptions, RECIPE),
    (SourceOptions, FILES),
    (MotionOptions, PAINTING),
    (PictureOptions, FILES),
    (EncodeOptions, ENCODING),
    (PhotoOptions, FILES),
    (MachineOptions, MACHINE),
    (Options, PAINTING),
    (BatchOptions, BATCH),
    (RunOptions, RUN),
):
    Parameter(name="*", group=_group)(_options)
