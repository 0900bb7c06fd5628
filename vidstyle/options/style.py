"""Options of the style: which pictures, what of them, how large their strokes, how strong in the result."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from vidstyle.errors import UsageError
from vidstyle.options.keyframes import parse_at
from vidstyle.options.values import Time, at_least

_WEIGHT = re.compile(r"(.+):([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|nan|[-+]?inf)", re.DOTALL)


@dataclass(frozen=True)
class Style:
    """A style picture, its share of a mixture, and where it is painted."""

    picture: Path
    weight: float = 1.0
    """Its share relative to those of the other styles of the same place."""
    mask: Path | None = None
    """A picture or film that is bright where it is painted; None is everywhere that no other style's mask covers."""
    at: Time | None = None
    """When it holds: between two times, what lies between their styles. None is always."""

    def __post_init__(self) -> None:
        # From Python a name will do.
        object.__setattr__(self, "picture", Path(self.picture))
        object.__setattr__(self, "mask", None if self.mask is None else Path(self.mask))
        at_least(f"--style {self.picture.name}: weight", self.weight, 0)

    @classmethod
    def parse(cls, text: str) -> "Style":
        """Read `FILE[@MASK][:WEIGHT]`.

        A name may hold colons and at-signs itself: what is a file as a whole is that file; else a number behind the last
        colon is the weight; and what is left, if it is no file as a whole, is divided at the last at-sign that has a file
        before it.
        """
        if not text:
            raise UsageError("--style '' is no style; give a picture.")
        if is_file(text):
            return cls(Path(text))
        weighed = _WEIGHT.fullmatch(text)
        name, weight = (weighed[1], float(weighed[2])) if weighed else (text, 1.0)
        for place in reversed([place for place, letter in enumerate(name) if letter == "@"]):
            if not is_file(name) and is_file(name[:place]) and name[place + 1 :]:
                return cls(Path(name[:place]), weight, Path(name[place + 1 :]))
        return cls(Path(name), weight)

    @classmethod
    def parse_at(cls, text: str) -> "Style":
        """Read `TIME=FILE[@MASK][:WEIGHT]`."""
        time, style = parse_at("--style-at", text, "FILE")
        return replace(cls.parse(style), at=time)

    def __str__(self) -> str:
        at, mask = f"{self.at}=" if self.at else "", f"@{self.mask}" if self.mask else ""
        return f"{at}{self.picture}{mask}" + (f":{self.weight:g}" if self.weight != 1 else "")


def is_file(name: str) -> bool:
    """Whether there is a file or folder of a name, whatever the name holds."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # A name that no file system takes.
        return False


def as_styles(styles: Sequence[Style | Path | str]) -> tuple[Style, ...]:
    """Take plain pictures for styles of weight 1."""
    return tuple(style if isinstance(style, Style) else Style(Path(style)) for style in styles)


def files_of(styles: Sequence[Style]) -> tuple[Path, ...]:
    """Every file that styles are made of."""
    return tuple(path for style in styles for path in (style.picture, style.mask) if path)


def check_weights(styles: Sequence[Style]) -> None:
    """Refuse styles of which some have a time and others none, or whose weights come to nothing in some place.

    Raises
    ------
    UsageError
        They do.

    """
    if len({style.at is None for style in styles}) > 1:
        raise UsageError(
            "--style and --style-at contradict each other; give each style its time, the first as --style-at 0=FILE."
        )
    for place in {(style.mask, style.at) for style in styles}:
        if sum(style.weight for style in styles if (style.mask, style.at) == place) <= 0:
            raise UsageError(
                "The weights of the styles come to 0, so there is nothing to paint; give one of them a positive weight, "
                "as --style FILE:1."
            )


@dataclass(frozen=True)
class Crop:
    """A rectangle of a picture, in its own pixels, upright."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> "Crop":
        """Read `X,Y,WIDTH,HEIGHT`."""
        try:
            left, top, width, height = (int(part) for part in text.split(","))
        except ValueError:
            raise UsageError(
                f"--style-crop {text!r} is no rectangle; write left, top, width and height in pixels, as 100,50,400,300."
            ) from None
        if min(left, top) < 0 or min(width, height) < 1:
            raise UsageError(
                f"--style-crop {text} is out of range; left and top are 0 or more, width and height 1 or more."
            )
        return cls(left, top, width, height)

    def __str__(self) -> str:
        return f"{self.left},{self.top},{self.width},{self.height}"


class Colors(StrEnum):
    """Whose colours a painting has."""

    STYLE = "style"
    SOURCE = "source"
    MATCH = "match"
    LUMINANCE = "luminance"


@dataclass(frozen=True)
class StyleOptions:
    """What of the style is taken, and how strongly the result shows it."""

    style_scale: float = 1.0
    """Size of the strokes: the style picture is brought to so many times the size of the result."""
    style_size: int | None = None
    """Longer side that the style picture is brought to, in pixels, whatever the result's; times `--style-scale`."""
    style_crop: Crop | None = None
    """Take only this rectangle of each style picture: left, top, width and height in its own pixels."""
    colors: Colors = Colors.STYLE
    """Whose colours the result has: the `style`'s; the `source`'s, whose chroma is put over the painted lightness; `match`
    gives the style pictures the source's mean colour and spread of colours before painting; `luminance` paints in lightness
    alone, the style's brought to the source's, and puts the source's chroma over it."""
    mask: Path | None = None
    """Paint only where this is bright, or opaque; the rest is the source. A picture, or for a film also a film or a folder
    of pictures."""
    protect: Path | None = None
    """Hold the source, softly, where this is bright, or opaque: faces, letters. As `--mask`."""
    strength: float = 1.0
    """How much of the painting is shown, from 0, the source itself, to 1."""
    strength_at: tuple[str, ...] = ()
    """How much of it is shown at a time, as `2.5=0.5`; again for other times, between which it goes evenly. Takes the place
    of `--strength`."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.style_scale) and 0.01 <= self.style_scale <= 100):
            raise UsageError(
                f"--style-scale {self.style_scale:g} is out of range; give a number from 0.01 to 100, such as 0.5 or 2."
            )
        if self.style_size is not None:
            at_least("--style-size", self.style_size, 16)
        for flag, strength in (
            ("--strength", self.strength),
            *(("--strength-at", s) for _, s in self.strengths),
        ):
            if not 0 <= strength <= 1:
                raise UsageError(
                    f"{flag} {strength:g} is out of range; give a number from 0, the source, to 1, the painting."
                )

    @property
    def strengths(self) -> tuple[tuple[Time, float], ...]:
        """Strengths at times."""
        found = []
        for text in self.strength_at:
            time, value = parse_at("--strength-at", text, "0.5")
            try:
                found.append((time, float(value)))
            except ValueError:
                raise UsageError(
                    f"--strength-at {text!r}: {value!r} is no number; give one from 0 to 1."
                ) from None
        return tuple(found)
