"""`vidstyle try`: a contact sheet of small paintings with different options."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from vidstyle.cli.exit_codes import NO_STYLE
from vidstyle.cli.parameters import FILES, STYLES
from vidstyle.cli.signals import stoppable
from vidstyle.cli.streams import Stream
from vidstyle.errors import UsageError
from vidstyle.events import StopRequest
from vidstyle.options.groups import Options
from vidstyle.options.style import Style


def try_(
    photo: Annotated[Path, Parameter(name="PHOTO", group=FILES)],
    /,
    *,
    style: Annotated[tuple[Style, ...], STYLES] = (),
    grid: Annotated[
        tuple[str, ...], Parameter(metavar="OPTION=X,Y,Z", consume_multiple=True, group=FILES)
    ] = (),
    output: Annotated[Path, Parameter(alias="-o", group=FILES)] = Path("sheet.png"),
    options: Options = Options(),  # noqa: B008 - frozen, and the help shows it.
    debug: bool = False,  # noqa: ARG001 - read from argv by `main`.
) -> int:
    """Paint a photo small with each combination of option values, and arrange them on a labelled sheet.

    By default it paints with `--size 192 --first-iterations 40`.

    Parameters
    ----------
    photo
        The photo. A file named try is written ./try.
    style
        The style image; repeat it for a mixture.
    grid
        Options and their values, such as `style-weight=0.3,1,3 style-scale=0.5,1,2`; `style` and `preset`
        too; at most 64 combinations. The last option varies along the rows. Values that contain commas are
        separated by semicolons.
    output
        The sheet.
    debug
        Show the traceback of an error.
    """
    from vidstyle.media.isolation import start as start_isolation  # noqa: PLC0415

    start_isolation()  # While the modules that need it are imported.
    from vidstyle.pipeline.grid import Axis, paint_grid  # noqa: PLC0415

    if not grid:
        raise UsageError(
            "no --grid was given; name an option and values, such as --grid style-weight=0.3,1,3."
        )
    axes = [Axis.parse(text) for text in grid]
    if not style and not any(axis.option == "style" for axis in axes):
        raise UsageError(NO_STYLE)
    err, stop = Stream(sys.stderr), StopRequest()

    def report_cell(done: int, cells: int) -> None:
        err.line(f"{done} of {cells} painted")

    with stoppable(stop, err.line):
        paint_grid(photo, style, axes, options, output, stop=stop, on_cell=report_cell)
    Stream(sys.stdout).line(f"{output}")
    return 0
