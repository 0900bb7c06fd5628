"""Grid search of options: a photo painted with each combination of values, on one contact sheet."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from vidstyle.errors import InputError, Interrupted, UsageError, quoted
from vidstyle.events import Status, StopRequest
from vidstyle.media.photo.contact_sheet import write_sheet
from vidstyle.media.photo.reader import read_photo
from vidstyle.media.photo.writer import check_photo_output
from vidstyle.media.video.probe import Kind, kind_of
from vidstyle.options.groups import Options
from vidstyle.options.style import Style
from vidstyle.options.text import apply_preset, replace_from_text
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.run import stylize_many

MAX_CELLS = 64
"""Paintings on a sheet."""


@dataclass(frozen=True)
class Axis:
    """An option and its values."""

    option: str
    values: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Axis":
        """Parse `OPTION=X,Y,Z`; values that contain commas are separated by semicolons.

        Raises
        ------
        UsageError
            The text has another form.

        """
        option, sign, values = text.removeprefix("--").partition("=")
        parts = values.split(";" if ";" in values else ",")
        if not (option and sign and all(parts)):
            raise UsageError(
                f"invalid --grid {text!r}: give an option with its values, as style-weight=0.3,1,3."
            )
        return cls(option.replace("_", "-"), tuple(parts))


def paint_grid(
    photo: Path,
    styles: Sequence[Style],
    axes: Sequence[Axis],
    options: Options,
    output: Path,
    *,
    stop: StopRequest | None = None,
    on_cell: Callable[[int, int], None] = lambda _done, _cells: None,
) -> None:
    """Paint a photo with each combination of values, and write a labelled contact sheet.

    Parameters
    ----------
    photo
        The photo.
    styles
        Styles, unless an axis replaces them.
    axes
        Options and their values: the last axis varies along a row, those before it from row to row. `style`
        and `preset` are options too.
    options
        Options that no axis names.
    output
        File of the sheet.
    stop
        Request to stop.
    on_cell
        Called with the number of finished cells, and that of all.

    Raises
    ------
    UsageError
        An axis names an unknown option or an invalid value, or there are too many cells.
    VidstyleError
        Whatever keeps a cell from being painted.

    """
    check_photo_output(output)
    if kind_of(photo) is not Kind.PHOTO:
        raise InputError(f"{quoted(photo)} is a film; give a photo, such as one of its frames.")
    cells = [
        dict(zip((axis.option for axis in axes), cell, strict=True))
        for cell in product(*(a.values for a in axes))
    ]
    if len(cells) > MAX_CELLS:
        raise UsageError(f"--grid has {len(cells)} combinations of values; give at most {MAX_CELLS}.")
    settings = [_apply(cell, styles, options) for cell in cells]
    with tempfile.TemporaryDirectory(prefix="vidstyle-") as folder:
        outputs = [Path(folder) / f"{number}.png" for number in range(len(cells))]
        jobs = [
            plan([photo], cell_styles, path, cell_options)[0]
            for (cell_styles, cell_options), path in zip(settings, outputs, strict=True)
        ]
        for number, result in enumerate(stylize_many(jobs, stop=stop, debug=True), 1):
            if result.status is Status.INTERRUPTED:
                raise Interrupted("Stopped; there is no sheet.")
            on_cell(number, len(jobs))
        images = [read_photo(path) for path in outputs]
    width = len(axes[-1].values) if axes else 1
    rows = range(0, len(cells), width)
    labels = [", ".join(_label(option, value) for option, value in cell.items()) for cell in cells]
    write_sheet(
        output, [images[row : row + width] for row in rows], [labels[row : row + width] for row in rows]
    )


def _label(option: str, value: str) -> str:
    """Label an option and its value; styles and their masks by their names, without folders."""
    return f"{option} {re.sub('[^@]*/', '', value) if option == 'style' else value}"


def _apply(
    cell: Mapping[str, str], styles: Sequence[Style], options: Options
) -> tuple[Sequence[Style], Options]:
    """Replace styles and options by the values of a cell."""
    values = {option.replace("-", "_"): value for option, value in cell.items()}
    if style := values.pop("style", None):
        styles = [Style.parse(style)]
    if preset := values.pop("preset", None):
        options = apply_preset(options, preset)
    try:
        options, unknown = replace_from_text(options, values)
    except (ValueError, TypeError) as exc:
        raise UsageError(f"--grid: {exc}; write the values as on the command line.") from None
    if unknown:
        name = next(iter(unknown)).replace("_", "-")
        raise UsageError(f"unknown option {name!r} in --grid; vidstyle --help lists all options.")
    return styles, options
