"""Image sequences: videos of one file per frame, `frames/%04d.png`, `frames/*.png`, or a folder of them."""

import glob
import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from vidstyle.errors import InputError, quoted
from vidstyle.imaging.types import Image
from vidstyle.media.photo.open import photo_size
from vidstyle.media.photo.reader import read_photo
from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.video import Decoder, Video

_SRGB = ColorTags("bt709", "bt709", "iec61966-2-1", "tv")
_PATTERN = re.compile(r"%(?:0\d+)?d")
_NUMBER = re.compile(r"\d+(?=\D*$)")


def is_sequence_pattern(path: Path) -> bool:
    """Tell whether a name is a pattern, with `%04d` or `*`, and not the name of an existing file."""
    return bool(_PATTERN.search(path.name) or glob.has_magic(path.name)) and not path.exists()


def is_sequence(path: Path) -> bool:
    """Tell whether a name stands for several files: a pattern or a folder."""
    return is_sequence_pattern(path) or path.is_dir()


def list_sequence(path: Path) -> tuple[Path, ...]:
    """List the files of a sequence, by number.

    Parameters
    ----------
    path
        A pattern or a folder, see `is_sequence`.

    Raises
    ------
    InputError
        There are none, or a number is missing between the first and the last.
    """
    folder = path if path.is_dir() else path.parent
    pattern = re.compile(".*" if path.is_dir() else _expression(path.name), re.DOTALL)
    try:
        found = [
            file
            for file in folder.iterdir()
            if not file.name.startswith(".") and pattern.fullmatch(file.name)
        ]
    except OSError:
        found = []
    numbered: dict[int, Path] = {}
    for file in found:
        number = _NUMBER.search(file.stem)
        if number is None:
            raise InputError(
                f"{quoted(file)} has no number, so its place in the sequence is unknown; rename it, or "
                "select the others by a pattern such as %04d.png."
            )
        if int(number[0]) in numbered:
            raise InputError(
                f"{quoted(file)} and {quoted(numbered[int(number[0])].name)} have the same number; select "
                "one by a pattern such as %04d.png."
            )
        numbered[int(number[0])] = file
    if not numbered:
        kind = "file" if glob.has_magic(path.name) else "image"
        raise InputError(f"No {kind} matches {quoted(path)}; check the pattern.")
    order = sorted(numbered)
    for before, after in pairwise(order):
        if after != before + 1:
            missing = str(before + 1) if after == before + 2 else f"{before + 1} to {after - 1}"
            raise InputError(
                f"The sequence {quoted(path)} has a gap: number {missing} is missing after "
                f"{quoted(numbered[before].name)}; add it, or paint the parts separately."
            )
    return tuple(numbered[number] for number in order)


def probe_sequence(path: Path, stills: tuple[Path, ...], rate: Fraction) -> Video:
    """Describe a sequence; its size is that of its first image.

    Parameters
    ----------
    path
        Pattern or folder that names it.
    stills
        Its files, in order.
    rate
        Frames per second.

    Raises
    ------
    InputError
        The first image cannot be read.
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
        decoder=Decoder.IMAGE_SEQUENCE,
        stills=stills,
    )


class ImageSequenceDecoder:
    """Decoder of an image sequence; the error for a damaged image names that file."""

    def __init__(self, video: Video) -> None:
        self._stills = video.stills
        self._index = -1

    def grab(self) -> bool:
        """Advance to the next image; return False at the end."""
        self._index += 1
        return self._index < len(self._stills)

    def retrieve(self) -> Image:
        """Read the image, [h, w, 3], RGB in [0, 1]."""
        return read_photo(self._stills[self._index])

    def release(self) -> None:
        """Close nothing: each file is open only while it is read."""


def _expression(pattern: str) -> str:
    """Convert `%04d` and a shell's wildcards to a regular expression; `%d` matches numbers of any width."""
    parts, place = [], 0
    for match in re.finditer(r"%(?:0(\d+))?d|\*|\?|\[[^\]]+\]", pattern):
        parts.append(re.escape(pattern[place : match.start()]))
        place = match.end()
        if match[0].startswith("%"):
            # Numbers that outgrow their width are longer, as printf writes them.
            parts.append(rf"(?:\d{{{match[1]}}}|[1-9]\d{{{match[1]},}})" if match[1] else r"(?:0|[1-9]\d*)")
        else:
            parts.append({"*": ".*", "?": "."}.get(match[0], match[0].replace("[!", "[^")))
    return "".join([*parts, re.escape(pattern[place:])])
