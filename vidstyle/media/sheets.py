"""Contact sheets: pictures in rows, with words beside them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vidstyle.media.photo_writer import write_photo

_MARGIN_PX, _TEXT_PX = 6, 13


def write_sheet(
    path: Path, rows: Sequence[Sequence[NDArray[np.float32]]], labels: Sequence[Sequence[str]]
) -> None:
    """Write pictures, each with a line below it.

    Parameters
    ----------
    path
        Where to; its ending says how.
    rows
        Pictures [H, W, 3], RGB in [0, 1].
    labels
        The lines, as many.

    Raises
    ------
    UsageError, OutputError
        As `write_photo`.
    """
    font = ImageFont.load_default(_TEXT_PX)
    width = max(image.shape[1] for row in rows for image in row) + _MARGIN_PX
    height = max(image.shape[0] for row in rows for image in row) + _TEXT_PX + 2 * _MARGIN_PX
    size = width * max(map(len, rows)) + _MARGIN_PX, height * len(rows) + _MARGIN_PX
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for y, (row, words) in enumerate(zip(rows, labels, strict=True)):
        for x, (image, label) in enumerate(zip(row, words, strict=True)):
            place = _MARGIN_PX + x * width, _MARGIN_PX + y * height
            sheet.paste(Image.fromarray(np.rint(255 * image).astype(np.uint8)), place)
            draw.text((place[0], place[1] + image.shape[0] + 2), label, "black", font)
    write_photo(path, np.asarray(sheet, np.float32) / np.float32(255))
