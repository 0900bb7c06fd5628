"""A film whose pictures are files of their own: `frames/%04d.png`, `frames/*.png`, or a folder of them."""

import glob
import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import InputError, quoted
from vidstyle.media.photo.open import photo_size
from vidstyle.media.photo.reader import read_photo
from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.video import Decoder, Video

_SRGB = ColorTags("bt709", "bt709", "iec61966-2-1", "tv")
_PATTERN = re.compile(r"%(?:0\d+)?d")
_NUMBER = re.compile(r"\d+(?=\D*$)")


def names_sequence(path: Path) -> bool:
    """Whether a name is a pattern of a sequence, `%04d` or `*`, and no file is really called so."""
    return bool(_PATTERN.search(path.name) or glob.has_magic(path.name)) and not path.exists()


def stills_of(path: Path) -> tuple[Path, ...]:
    """List the files of a sequence, by number.

    Parameters
    ----------
    path
        A pattern, see `names_sequence`, or a folder.

    Raises
    ------
    InputError
        There are none, or a number is missing between the first and the last.
    """
    folder = path if path.is_dir() else path.parent
    fits = re.compile(".*" if path.is_dir() else _expression(path.name), re.DOTALL)
    try:
        found = [
            file for file in folder.iterdir() if not file.name.startswith(".") and fits.fullmatch(file.name)
        ]
    except OSError:
        found = []
    numbered: dict[int, Path] = {}
    for file in found:
        number = _NUMBER.search(file.stem)
        if number is None:
            raise InputError(
                f"{quoted(file)} has no number, so its place in the sequence is unknown; rename it, or name the others by a "
                "pattern such as %04d.png."
            )
        if int(number[0]) in numbered:
            raise InputError(
                f"{quoted(file)} and {quoted(numbered[int(number[0])].name)} have the same number; name one kind by a pattern "
                "such as %04d.png."
            )
        numbered[int(number[0])] = file
    if not numbered:
        raise InputError(f"There is no picture {quoted(path)}; check the pattern of the sequence.")
    order = sorted(numbered)
    for before, after in pairwise(order):
        if after != before + 1:
            missing = str(before + 1) if after == before + 2 else f"{before + 1} to {after - 1}"
            raise InputError(
                f"The sequence {quoted(path)} has a gap: number {missing} is missing after {quoted(numbered[before].name)}; "
                "put it there, or paint the parts one by one."
            )
    return tuple(numbered[number] for number in order)


def probe_sequence(path: Path, stills: tuple[Path, ...], rate: Fraction) -> Video:
    """Look into a sequence: the size is its first picture's.

    Parameters
    ----------
    path
        What it is called by.
    stills
        Its files, in order.
    rate
        Pictures a second.

    Raises
    ------
    InputError
        The first picture cannot be read.
    """
    width, height = photo_size(stills[0])
    return Video(
        path=path,
        width=width,
        height=height,
        pixel_aspect=Fraction(1),
        rotation=0,
        rate=rate,
        timestamps=tuple(index / rate for index in range(len(stills))),
        offset=Fraction(0),
        variable=False,
        color=_SRGB,
        source=Decoder.SEQUENCE,
        stills=stills,
    )


class ImageSequenceDecoder:
    """Reads a sequence. A picture that cannot be read raises an error of its own, which names it."""

    def __init__(self, video: Video) -> None:
        self._stills = video.stills
        self._place = -1

    def grab(self) -> bool:
        """Go to the next picture."""
        self._place += 1
        return self._place < len(self._stills)

    def retrieve(self) -> NDArray[np.float32]:
        """Give the picture [h, w, 3]."""
        return read_photo(self._stills[self._place])

    def release(self) -> None:
        """Close nothing: each file is open only while it is read."""


def _expression(pattern: str) -> str:
    """Turn `%04d` and what a shell expands into a regular expression; a number without a width may have any."""
    parts, place = [], 0
    for match in re.finditer(r"%(?:0(\d+))?d|\*|\?|\[[^\]]+\]", pattern):
        parts.append(re.escape(pattern[place : match.start()]))
        place = match.end()
        if match[0].startswith("%"):
            # Numbers too long for their width are longer, as printf writes them.
            parts.append(rf"(?:\d{{{match[1]}}}|[1-9]\d{{{match[1]},}})" if match[1] else r"(?:0|[1-9]\d*)")
        else:
            parts.append({"*": ".*", "?": "."}.get(match[0], match[0].replace("[!", "[^")))
    return "".join([*parts, re.escape(pattern[place:])])
