"""Contact sheets: images in rows, with labels below them."""

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
    """Write images with a label below each, wrapped at the width of an image.

    Parameters
    ----------
    path
        File to write; its ending names the format.
    rows
        Images [H, W, 3], RGB in [0, 1].
    labels
        One label per image.

    Raises
    ------
    UsageError, OutputError
        As `write_photo`.
    """
    font = ImageFont.load_default(_TEXT_PX)
    wide = max(image.shape[1] for row in rows for image in row)
    wrapped = [["\n".join(_wrap(label, font, wide)) for label in row] for row in labels]
    lines = max(text.count("\n") + 1 for row in wrapped for text in row)
    width = wide + _MARGIN_PX
    height = max(image.shape[0] for row in rows for image in row) + lines * _LINE_PX + 2 * _MARGIN_PX
    size = width * max(map(len, rows)) + _MARGIN_PX, height * len(rows) + _MARGIN_PX
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for y, (row, texts) in enumerate(zip(rows, wrapped, strict=True)):
        for x, (image, text) in enumerate(zip(row, texts, strict=True)):
            place = _MARGIN_PX + x * width, _MARGIN_PX + y * height
            sheet.paste(Image.fromarray(np.rint(255 * image).astype(np.uint8)), place)
            draw.text(
                (place[0], place[1] + image.shape[0] + 2), text, "black", font, spacing=_LINE_PX - _TEXT_PX
            )
    write_photo(path, np.asarray(sheet, np.float32) / np.float32(255))


def _wrap(label: str, font: Any, width_px: int) -> list[str]:
    """Break a label into lines; a word that does not fit into one loses its end."""
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
