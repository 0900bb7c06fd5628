"""`vidstyle try`: a sheet of small paintings to choose by."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

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
    debug: bool = False,
) -> int:
    """Paint a photo with each combination of some options, small, and lay the paintings out on a labelled sheet.

    Unless told, it paints with --size 192 and --first-iterations 40.

    Parameters
    ----------
    photo
        The photo. A file named try is painted as ./try.
    style
        The picture whose style is taken.
    grid
        Options and the values to try, as `style-weight=0.3,1,3 style-scale=0.5,1,2`; `style` and `preset` too. The last goes
        along the rows. Values that hold commas are separated by semicolons.
    output
        The sheet.
    debug
        Show the traceback of an error.
    """
    from vidstyle.pipeline.grid import Axis, paint_grid  # noqa: PLC0415

    _ = debug  # Whoever complains looks for the word itself.
    if not grid:
        raise UsageError("no --grid was given; name an option and values, as --grid style-weight=0.3,1,3.")
    axes = [Axis.parse(text) for text in grid]
    if not style and not any(axis.option == "style" for axis in axes):
        raise UsageError("no style was given; add --style PICTURE, with any picture.")
    err = Stream(sys.stderr)
    stop = StopRequest()
    with stoppable(stop, err.line):
        told = lambda done, cells: err.line(f"{done} of {cells} painted")  # noqa: E731
        paint_grid(photo, style, axes, options, output, stop=stop, on_cell=told)
    Stream(sys.stdout).line(f"{output}")
    return 0
