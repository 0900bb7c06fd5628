"""Contact sheets: pictures in rows, with words beside them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vidstyle.media.photo.writer import write_photo

_MARGIN_PX, _TEXT_PX, _LINE_PX = 6, 13, 17


def write_sheet(
    path: Path, rows: Sequence[Sequence[NDArray[np.float32]]], labels: Sequence[Sequence[str]]
) -> None:
    """Write pictures, each with words below it, in as many lines as its width takes.

    Parameters
    ----------
    path
        Where to; its ending says how.
    rows
        Pictures [H, W, 3], RGB in [0, 1].
    labels
        The words, as many.

    Raises
    ------
    UsageError, OutputError
        As `write_photo`.
    """
    font = ImageFont.load_default(_TEXT_PX)
    wide = max(image.shape[1] for row in rows for image in row)
    below = [["\n".join(_lines(label, font, wide)) for label in words] for words in labels]
    lines = max(text.count("\n") + 1 for words in below for text in words)
    width = wide + _MARGIN_PX
    height = max(image.shape[0] for row in rows for image in row) + lines * _LINE_PX + 2 * _MARGIN_PX
    size = width * max(map(len, rows)) + _MARGIN_PX, height * len(rows) + _MARGIN_PX
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for y, (row, words) in enumerate(zip(rows, below, strict=True)):
        for x, (image, text) in enumerate(zip(row, words, strict=True)):
            place = _MARGIN_PX + x * width, _MARGIN_PX + y * height
            sheet.paste(Image.fromarray(np.rint(255 * image).astype(np.uint8)), place)
            draw.text(
                (place[0], place[1] + image.shape[0] + 2), text, "black", font, spacing=_LINE_PX - _TEXT_PX
            )
    write_photo(path, np.asarray(sheet, np.float32) / np.float32(255))


def _lines(label: str, font: Any, width_px: int) -> list[str]:
    """Break words into lines; a word that is longer than one by itself loses its end."""
    lines = [""]
    for word in label.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
        while font.getlength(lines[-1]) > width_px and len(lines[-1]) > 1:
            lines[-1] = lines[-1].rstrip("…")[:-1] + "…"
    return lines
