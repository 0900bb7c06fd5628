"""`vidstyle measure`: figures of a painted film beside those of its source."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from vidstyle._version import __version__
from vidstyle.cli.report.format import count, figure, shown
from vidstyle.cli.report.stats_file import as_json
from vidstyle.cli.streams import Stream
from vidstyle.errors import Interrupted
from vidstyle.options.groups import MachineOptions, MotionOptions, Options, Precision, SourceOptions
from vidstyle.options.values import Cuts, FlowSource, Time

if TYPE_CHECKING:  # Loading it takes a second, which the help does not need.
    from vidstyle.pipeline.measure.figures import Change
    from vidstyle.pipeline.measure.measure import Measurement


def measure(
    source: Annotated[Path, Parameter(name="SOURCE")],
    result: Annotated[Path, Parameter(name="RESULT")],
    /,
    *,
    style: Annotated[list[Path] | None, Parameter(metavar="PICTURE")] = None,
    start: Time | None = None,
    end: Time | None = None,
    cuts: Cuts = Cuts(),  # noqa: B008 - frozen, and the help shows it.
    flow: FlowSource = FlowSource(),  # noqa: B008 - as the cuts.
    as_object: Annotated[bool, Parameter(name="--json")] = False,
    debug: bool = False,
) -> int:
    """Score a painted film, from vidstyle or any other tool, against the film it was painted from.

    Parameters
    ----------
    source
        The film.
    result
        What was painted of it, of any size. A film named measure is written ./measure.
    style
        The picture in whose style it was painted, to measure the style loss too; again for a mixture.
    start
        Where the part that was painted begins: `1.5`, `00:01:02.5`, or `120f` for a frame.
    end
        Where it ends, exclusive.
    cuts
        Where the shots of the source end, across which nothing is compared: `auto`, `off`, or times separated by commas.
    flow
        How the motion of the source is found: `dis`, `farneback`, or a folder of .flo files of the result's size. What was
        carried along the same flow scores better by it; see whether another one puts the films in the same order.
    as_object
        Print one JSON object.
    debug
        Show the traceback of an error.
    """
    from vidstyle.pipeline.measure.measure import measure_film  # noqa: PLC0415

    _ = debug  # Whoever complains looks for the word itself.
    options = Options(
        source=SourceOptions(start=start, end=end, cuts=cuts),
        motion=MotionOptions(flow),
        machine=MachineOptions(precision=Precision.FLOAT32),
    )
    out = Stream(sys.stdout)
    try:
        with _progress() as on_frame:
            measured = measure_film(source, result, style or (), options, on_frame=on_frame)
    except KeyboardInterrupt:
        raise Interrupted("stopped; nothing is known before the last frame.") from None
    if as_object:
        out.line(json.dumps({"version": __version__, **as_json(measured)}, indent=1))
    elif out.isatty():
        _draw(measured, out)
    else:
        out.line(_title(measured))
        for row in _rows(measured):
            out.line(f"{row.name}: {row.result}" + (f" (source {row.source})" if row.source else ""))
    return 0


class _Row(NamedTuple):
    name: str
    result: str
    source: str


def _title(measured: "Measurement") -> str:
    what = f"{measured.width}x{measured.height}, {count(measured.frames, 'frame')}, {count(len(measured.shots), 'shot')}"
    return f"{shown(measured.result)} against {shown(measured.source)}: {what}"


def _rows(measured: "Measurement") -> Iterator[_Row]:
    """Each figure of the result, and that of the source."""
    figures = measured.figures
    yield _row("warping error", figures.warping_error, figures.warping_error_source)
    yield _row("warping error, 10 apart", figures.warping_error_10, figures.warping_error_10_source)
    if measured.style_loss is not None:
        name = f"style loss ({count(measured.style_frames, 'frame')})"
        yield _row(name, measured.style_loss, measured.style_loss_source)
    changes = figures.change, figures.change_source
    yield _Row("drift of R, G, B (levels of 255)", *map(_drift, changes))
    yield _Row("sharpness, last / first", *(_sharpness(change) for change in changes))


def _row(name: str, result: float | None, source: float | None) -> _Row:
    return _Row(name, *("none" if value is None else figure(value) for value in (result, source)))


def _drift(change: "Change | None") -> str:
    return ", ".join(f"{level:+.2f}" for level in change.drift_levels) if change else "none"


def _sharpness(change: "Change | None") -> str:
    return "none" if change is None or change.sharpness is None else f"{change.sharpness:.2f}"


def _draw(measured: "Measurement", out: Stream) -> None:
    table = Table(title=_title(measured), title_justify="left", title_style="")
    table.add_column(no_wrap=True)
    table.add_column("result", justify="right")
    table.add_column("source", justify="right")
    for row in _rows(measured):
        table.add_row(*row)
    _console(out).print(table)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how far it is."""
    err = Stream(sys.stderr)
    if not err.isatty():
        yield lambda _done, _frames: None
        return
    with Progress(console=_console(err), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("measuring", total=None)
        yield lambda done, frames: bar.update(task, completed=done, total=frames)


def _console(stream: Stream) -> Console:
    # File names are no markup: `[red].mp4` is shown as it is written.
    file: Any = stream
    return Console(file=file, force_terminal=True, markup=False, highlight=False, emoji=False)
