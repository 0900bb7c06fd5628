"""Parameters of the command line: groups of the help, conversion of values, display of defaults."""

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
from vidstyle.options.text import prefix_option
from vidstyle.options.values import (
    Cuts,
    FlowSource,
    Init,
    PaintEvery,
    Size,
    TemporalFrames,
    Tile,
    Time,
    at_least,
)

FILES, BATCH, PAINTING, LOSS, ENCODING, MACHINE, RUN, ABOUT = (
    Group(title, sort_key=position)
    for position, title in enumerate(
        (
            "Input and output",
            "Albums and batches",
            "Painting",
            "Loss function",
            "Encoding",
            "Machine",
            "Run control",
            "Help",
        )
    )
)


@dataclass(frozen=True)
class BatchOptions:
    """Options of several inputs."""

    recursive: bool = False
    """Paint the sub-folders of an album too; results go to sub-folders of the same names."""
    format: Annotated[str | None, Parameter(metavar="FORMAT")] = None
    """Format of photos: `jpg`, `png`, `webp`, `tif`, `avif`, `heic`, `bmp` or `gif`. By default that of the
    source."""
    styles: Annotated[Path | None, Parameter(metavar="FOLDER")] = None
    """Paint each input in each style of a folder of images."""
    name: Annotated[str | None, Parameter(metavar="PATTERN")] = None
    """Name of each result without its extension, made of `{input}` and `{style}`; a `/` makes folders, such
    as `{style}/{input}`. By default `{input}-{style}`, in an album `{input}`."""
    list: Annotated[Path | None, Parameter(metavar="FILE")] = None
    """Read inputs from a file, or from stdin (`-`), one per line, in UTF-8 or UTF-16; `#` begins a comment. A
    line with wildcards stands for the files that it matches."""
    jobs: Annotated[Path | None, Parameter(metavar="FILE.toml")] = None
    """Read jobs from a TOML file: a table `[[job]]` per job, with its `input`, and where needed its `style`,
    `output` and options by name. Values before the first table apply to every job."""
    stop_on_error: bool = False
    """Start no further job after one that failed."""


@dataclass(frozen=True)
class RunOptions:
    """Options of the run that do not change a result."""

    output: Annotated[Path | None, Parameter(alias="-o", metavar="PATH", group=FILES)] = None
    """File of the result; for an album, or for several inputs, their folder. A film without an extension is
    written as a folder of PNG files. By default results are named after input and style, in the current
    folder."""
    overwrite: Annotated[bool, Parameter(group=FILES)] = False
    """Replace an existing output; never an input."""
    stats: Annotated[Path | None, Parameter(metavar="FILE.json", group=FILES)] = None
    """Write statistics of the run to this file: times, losses and warping error of each frame."""
    preset: Annotated[str, Parameter(metavar="NAME", group=PAINTING)] = "default"
    """Settings of a well-known paper or program: `gatys`, `ruder`, `tf-tutorial`, `keras-vgg16`,
    `verydeep-adam` or `cosine`, with their sources in `vidstyle presets`. Options that are given take
    precedence."""
    quality: Annotated[str, Parameter(metavar="NAME", group=PAINTING)] = "good"
    """Quality level: `draft` is 256 pixels, 40 and 8 iterations; `good` is the default; `best` is 1024
    pixels, 200 and 80 iterations, `--stop-below 0.0003`, unless a preset sets them. Options that are given
    take precedence."""
    config: Annotated[Path | None, Parameter(metavar="FILE.toml")] = None
    """Read options from a TOML file, by name: `size = 320`, `style = ["a.jpg:2"]`, also `input`, `output`,
    `preset` and `quality`. The command line takes precedence over the file, the file over `--quality`, and
    that over `--preset`."""
    write_config: Annotated[Path | None, Parameter(metavar="FILE.toml")] = None
    """Write inputs, styles and options to a file for `--config`."""
    dry_run: bool = False
    """Report what would be done: sizes, maximum duration, memory and disk; paint nothing."""
    fresh: bool = False
    """Discard the frames of an interrupted or finished run; by default it is resumed."""
    keep_frames: bool = False
    """Keep the painted frames after the result is made, so that another `--codec`, `--crf` or extension only
    encodes them again."""
    snapshot_every: Annotated[int | None, Parameter(metavar="N")] = None
    """Keep the image at the start and after every Nth iteration, for a photo or the first frame of a shot, in
    the folder `OUTPUT-snapshots`.
    `vidstyle OUTPUT-snapshots --sequence --painter none --style any.jpg -o coming.mp4` makes a film of
    them."""
    quiet: bool = False
    """Report errors only."""
    log_json: bool = False
    """Write events to stdout as JSON, one object per line."""
    debug: bool = False
    """Show the traceback of an error."""

    def __post_init__(self) -> None:
        if self.snapshot_every is not None:
            at_least("--snapshot-every", self.snapshot_every, 1)


def format_default(value: object) -> str | None:
    """Format a default as on the command line; None where the help states it, or for a flag."""
    if value is None or value in ((), Path()) or isinstance(value, bool):
        return None
    if isinstance(value, Enum):
        return str(value.value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _parsed_by(parse: Callable[[str], Any], metavar: str) -> Parameter:
    """Read an option with its type's own `parse`, and put the option's name before its messages."""

    def convert(_: type, tokens: Sequence[Any]) -> Any:
        try:
            return parse(tokens[0].value)
        except UsageError as exc:
            raise UsageError(prefix_option(tokens[0].keyword, str(exc))) from None

    return Parameter(converter=convert, n_tokens=1, accepts_keys=False, metavar=metavar)


def _repeated(parse: Callable[[str], Style], metavar: str) -> Parameter:
    """Read an option that may be repeated."""

    def convert(_: type, tokens: Sequence[Any]) -> tuple[Style, ...]:
        return tuple(parse(token.value) for token in tokens)

    return Parameter(converter=convert, n_tokens=1, accepts_keys=False, metavar=metavar, group=FILES)


STYLES = _repeated(Style.parse, "IMAGE")
STYLES_AT = _repeated(Style.parse_at, "TIME=IMAGE")

# The options package knows nothing of a command line: the parser learns here to read its types.
for _type, _metavar in (
    (Size, "N|full"),
    (Tile, "N|auto|off"),
    (Time, "TIME"),
    (Cuts, "auto|off|TIME,..."),
    (PaintEvery, "auto|N"),
    (TemporalFrames, "N,..."),
    (FlowSource, "dis|farneback|FOLDER"),
    (Rate, "RATE"),
    (Crop, "X,Y,WIDTH,HEIGHT"),
    (Init, "NAME|FILE"),
    (Layers, "LAYER[:X],..."),
    (LossScales, "C,S,V,T"),
):
    _parsed_by(_type.parse, _metavar)(_type)
for _options, _group in (
    (StyleOptions, PAINTING),
    (PaintOptions, PAINTING),
    (ObjectiveOptions, LOSS),
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
