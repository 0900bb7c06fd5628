"""`vidstyle keyframes`: a sheet of a film's keyframes, painted small."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from vidstyle.cli.exit_codes import NO_STYLE
from vidstyle.cli.parameters import FILES, STYLES
from vidstyle.cli.report.format import format_count
from vidstyle.cli.signals import stoppable
from vidstyle.cli.streams import Stream
from vidstyle.errors import UsageError
from vidstyle.events import StopRequest
from vidstyle.options.groups import Options
from vidstyle.options.style import Style


def keyframes(
    film: Annotated[Path, Parameter(name="FILM", group=FILES)],
    /,
    *,
    style: Annotated[tuple[Style, ...], STYLES] = (),
    output: Annotated[Path, Parameter(alias="-o", group=FILES)] = Path("keyframes.png"),
    options: Options = Options(),  # noqa: B008 - frozen, and the help shows it.
    debug: bool = False,  # noqa: ARG001 - read from argv by `main`.
) -> int:
    """Find the shots and keyframes of a film, and paint a few of each shot small, on one labelled sheet.

    By default it paints with `--size 192 --first-iterations 20`.

    Parameters
    ----------
    film
        The film. A file named keyframes is written ./keyframes.
    style
        The style image; repeat it for a mixture.
    output
        The sheet.
    debug
        Show the traceback of an error.
    """
    from vidstyle.media.isolation import start as start_isolation  # noqa: PLC0415

    start_isolation()  # While the modules that need it are imported.
    from vidstyle.pipeline.keyframe_sheet import paint_keyframe_sheet  # noqa: PLC0415

    if not style:
        raise UsageError(NO_STYLE)
    err, out, stop = Stream(sys.stderr), Stream(sys.stdout), StopRequest()

    def report_cell(done: int, cells: int) -> None:
        err.line(f"{done} of {cells} painted")

    with stoppable(stop, err.line):
        shots = paint_keyframe_sheet(film, style, options, output, stop=stop, on_cell=report_cell)
    for number, shot in enumerate(shots, 1):
        out.line(
            f"shot {number}: from {shot.start_s:.2f} s, {format_count(shot.frames, 'frame')}, "
            f"{format_count(len(shot.keyframes), 'keyframe')}"
        )
    out.line(f"{output}")
    return 0
