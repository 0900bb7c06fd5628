"""`vidstyle measure`: metrics of a painted film next to those of its source."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from cyclopts import Parameter

from vidstyle._version import __version__
from vidstyle.cli.report.format import format_count, format_number, printable
from vidstyle.cli.report.json_values import to_json
from vidstyle.cli.streams import Stream
from vidstyle.errors import Interrupted
from vidstyle.options.groups import MachineOptions, MotionOptions, Options, Precision, SourceOptions
from vidstyle.options.values import Cuts, FlowSource, Time

if TYPE_CHECKING:  # Slow to import, and not needed for the help.
    from vidstyle.pipeline.measure.figures import Change
    from vidstyle.pipeline.measure.measure import Measurement


def measure(
    source: Annotated[Path, Parameter(name="SOURCE")],
    result: Annotated[Path, Parameter(name="RESULT")],
    /,
    *,
    style: Annotated[list[Path] | None, Parameter(metavar="IMAGE")] = None,
    start: Time | None = None,
    end: Time | None = None,
    cuts: Cuts = Cuts(),  # noqa: B008 - frozen, and the help shows it.
    flow: FlowSource = FlowSource(),  # noqa: B008 - as the cuts.
    as_object: Annotated[bool, Parameter(name="--json")] = False,
    debug: bool = False,  # noqa: ARG001 - read from argv by `main`.
) -> int:
    """Measure the stability of a painted film, from vidstyle or any other tool, against its source.

    Parameters
    ----------
    source
        The source film.
    result
        The painted film, of any size. A film named measure is written ./measure.
    style
        The style image, to measure the style loss too, at up to 12 evenly spaced frames; repeat it for a
        mixture.
    start
        Start of the part that was painted: `1.5`, `00:01:02.5`, or `120f` for frame 120, counted from 0.
    end
        End of the part that was painted, exclusive.
    cuts
        Cuts of the source, across which nothing is compared: `auto`, `off`, or times separated by commas.
    flow
        Optical flow of the source: `dis`, `farneback`, or a FOLDER of .flo files of the result's size. A film
        that was painted with the same flow scores better with it; check if another one ranks the films in the
        same order.
    as_object
        Print one JSON object, with the metrics of each shot.
    debug
        Show the traceback of an error.
    """
    from vidstyle.media.isolation import start as start_isolation  # noqa: PLC0415

    start_isolation()  # While the modules that need it are imported.
    from vidstyle.pipeline.measure.measure import measure_film  # noqa: PLC0415

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
        raise Interrupted("stopped; a measurement has no result before its last frame.") from None
    if as_object:
        out.line(json.dumps({"version": __version__, **to_json(measured)}, indent=1))
    elif out.isatty():
        _print_table(measured, out)
    else:
        out.line(_title(measured))
        for row in _rows(measured):
            out.line(f"{row.name}: {row.result}" + (f" (source {row.source})" if row.source else ""))
    return 0


class _Row(NamedTuple):
    """Metric of the result and of the source, as text."""

    name: str
    result: str
    source: str


def _title(measured: "Measurement") -> str:
    frames, shots = format_count(measured.frames, "frame"), format_count(len(measured.shots), "shot")
    return (
        f"{printable(measured.result)} against {printable(measured.source)}: "
        f"{measured.width}x{measured.height}, {frames}, {shots}"
    )


def _rows(measured: "Measurement") -> Iterator[_Row]:
    metrics = measured.figures
    yield _row("warping error", metrics.warping_error, metrics.warping_error_source)
    yield _row("warping error, 10 apart", metrics.warping_error_10, metrics.warping_error_10_source)
    if measured.style_loss is not None:
        name = f"style loss ({format_count(measured.style_frames, 'frame')})"
        yield _row(name, measured.style_loss, measured.style_loss_source)
    changes = metrics.change, metrics.change_source
    yield _Row("drift of R, G, B (levels of 255)", *map(_format_drift, changes))
    yield _Row("sharpness, last / first", *map(_format_sharpness, changes))


def _row(name: str, result: float | None, source: float | None) -> _Row:
    return _Row(name, *("none" if value is None else format_number(value) for value in (result, source)))


def _format_drift(change: "Change | None") -> str:
    return ", ".join(f"{level:+.2f}" for level in change.drift_levels) if change else "none"


def _format_sharpness(change: "Change | None") -> str:
    return "none" if change is None or change.sharpness is None else f"{change.sharpness:.2f}"


def _print_table(measured: "Measurement", out: Stream) -> None:
    from rich.table import Table  # noqa: PLC0415 - not needed for the help.

    from vidstyle.cli.report.bars import terminal_console  # noqa: PLC0415

    table = Table(title=_title(measured), title_justify="left", title_style="")
    table.add_column(no_wrap=True)
    table.add_column("result", justify="right")
    table.add_column("source", justify="right")
    for row in _rows(measured):
        table.add_row(*row)
    terminal_console(out).print(table)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show the progress on a terminal."""
    err = Stream(sys.stderr)
    if not err.isatty():
        yield lambda _done, _frames: None
        return
    from rich.progress import Progress  # noqa: PLC0415 - not needed for the help.

    from vidstyle.cli.report.bars import terminal_console  # noqa: PLC0415

    with Progress(console=terminal_console(err), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("measuring", total=None)
        yield lambda done, frames: bar.update(task, completed=done, total=frames)
