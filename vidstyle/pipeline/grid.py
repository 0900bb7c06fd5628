"""A photo painted in several ways, side by side: a picture to choose by."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from vidstyle.errors import InputError, UsageError, quoted
from vidstyle.events import StopRequest
from vidstyle.media.photo.contact_sheet import write_sheet
from vidstyle.media.photo.reader import read_photo
from vidstyle.media.photo.writer import check_photo_output
from vidstyle.media.video.probe import Kind, kind_of
from vidstyle.options.groups import Options
from vidstyle.options.style import Style
from vidstyle.options.text import apply_preset, replace_from_text
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.run import stylize_many

MOST = 64
"""Pictures on a sheet."""


@dataclass(frozen=True)
class Axis:
    """An option, and what it is tried with."""

    option: str
    values: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Axis":
        """Read `OPTION=X,Y,Z`; values that hold commas themselves are separated by semicolons."""
        option, sign, values = text.removeprefix("--").partition("=")
        parts = values.split(";" if ";" in values else ",")
        if not (option and sign and all(parts)):
            raise UsageError(
                f"--grid {text!r} is no option with its values; write it as style-weight=0.3,1,3."
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
    on_cell: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Paint a photo with each combination of values, and write a labelled sheet of them.

    Parameters
    ----------
    photo
        The photo.
    styles
        Its styles, where no axis says otherwise.
    axes
        Options and their values: the last goes along a row, those before it from row to row. `style` and `preset` are
        among them.
    options
        Those that no axis names.
    output
        Where to write the sheet.
    stop
        How to ask for an end.
    on_cell
        Called with the number of pictures done, and of all.

    Raises
    ------
    UsageError
        An axis names what is no option, or there are too many pictures.
    VidstyleError
        Whatever kept a picture from being painted.

    """
    check_photo_output(output)
    if kind_of(photo) is not Kind.PHOTO:
        raise InputError(f"{quoted(photo)} is a film; give a photo, such as one of its frames.")
    cells = [
        dict(zip((axis.option for axis in axes), cell, strict=True))
        for cell in product(*(a.values for a in axes))
    ]
    if len(cells) > MOST:
        raise UsageError(f"--grid comes to {len(cells)} pictures; give at most {MOST}.")
    planned = [_cell(cell, styles, options) for cell in cells]
    with tempfile.TemporaryDirectory(prefix="vidstyle-") as folder:
        outputs = [Path(folder) / f"{number}.png" for number in range(len(cells))]
        jobs = [
            plan([photo], *what[:1], made, what[1])[0] for what, made in zip(planned, outputs, strict=True)
        ]
        for number, _ in enumerate(stylize_many(jobs, stop=stop, debug=True), 1):
            on_cell(number, len(jobs))
        images = [read_photo(made) for made in outputs]
    width = len(axes[-1].values) if axes else 1
    rows = range(0, len(cells), width)
    labels = [", ".join(_label(option, value) for option, value in cell.items()) for cell in cells]
    write_sheet(
        output, [images[row : row + width] for row in rows], [labels[row : row + width] for row in rows]
    )


def _label(option: str, value: str) -> str:
    """Say what is tried; of pictures and masks the names, without their folders."""
    return f"{option} {re.sub('[^@]*/', '', value) if option == 'style' else value}"


def _cell(
    cell: Mapping[str, str], styles: Sequence[Style], options: Options
) -> tuple[Sequence[Style], Options]:
    """Styles and options of a picture."""
    words = {option.replace("-", "_"): value for option, value in cell.items()}
    if style := words.pop("style", None):
        styles = [Style.parse(style)]
    if preset := words.pop("preset", None):
        options = apply_preset(options, preset)
    try:
        options, unknown = replace_from_text(options, words)
    except (ValueError, TypeError) as exc:
        raise UsageError(f"--grid: {exc}; write the values as on the command line.") from None
    if unknown:
        name = next(iter(unknown)).replace("_", "-")
        raise UsageError(f"--grid: there is no option {name!r}; vidstyle --help lists what there is.")
    return styles, options
