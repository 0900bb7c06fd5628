"""Options of the style: style images, their size and crop, colours, masks, strength."""

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
    """Style image with its weight, mask and time."""

    picture: Path
    weight: float = 1.0
    """Weight relative to the other styles of the same mask."""
    mask: Path | None = None
    """Image or film that is bright where the style is painted; None is the rest of the frame."""
    at: Time | None = None
    """Time of the style: between two times, their styles are interpolated. None is all of the film."""

    def __post_init__(self) -> None:
        # Python callers may pass names.
        object.__setattr__(self, "picture", Path(self.picture))
        object.__setattr__(self, "mask", None if self.mask is None else Path(self.mask))
        at_least(f"--style {self.picture.name}: weight", self.weight, 0)

    @classmethod
    def parse(cls, text: str) -> "Style":
        """Read `FILE[@MASK][:WEIGHT]`.

        If the whole text names an existing file, it is that file: names may contain colons and at-signs.
        Otherwise a number after the last colon is the weight. The rest, unless it names an existing file, is
        divided at the last at-sign that has a file before it.
        """
        if not text:
            raise UsageError("invalid --style '': give an image.")
        if is_file(text):
            return cls(Path(text))
        weighted = _WEIGHT.fullmatch(text)
        name, weight = (weighted[1], float(weighted[2])) if weighted else (text, 1.0)
        for at in reversed([index for index, letter in enumerate(name) if letter == "@"]):
            if not is_file(name) and is_file(name[:at]) and name[at + 1 :]:
                return cls(Path(name[:at]), weight, Path(name[at + 1 :]))
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
    """Check if a file or folder of any name exists."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # A name that no file system accepts.
        return False


def as_styles(styles: Sequence[Style | Path | str]) -> tuple[Style, ...]:
    """Convert file names to styles of weight 1."""
    return tuple(style if isinstance(style, Style) else Style(Path(style)) for style in styles)


def files_of(styles: Sequence[Style]) -> tuple[Path, ...]:
    """List the images and masks of styles."""
    return tuple(path for style in styles for path in (style.picture, style.mask) if path)


def check_weights(styles: Sequence[Style]) -> None:
    """Refuse styles of which only some have a time, or whose weights are all 0 for one mask and time.

    Raises
    ------
    UsageError
        The styles cannot be combined.

    """
    if len({style.at is None for style in styles}) > 1:
        raise UsageError(
            "--style and --style-at cannot be combined; give each style a time, such as --style-at 0=FILE."
        )
    for group in {(style.mask, style.at) for style in styles}:
        if sum(style.weight for style in styles if (style.mask, style.at) == group) <= 0:
            raise UsageError(
                "the weights of the styles are all 0, so there is nothing to paint; "
                "give one of them a positive weight, such as --style FILE:1."
            )


@dataclass(frozen=True)
class Crop:
    """Rectangle of an upright image, in pixels."""

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
                f"invalid --style-crop {text!r}: give left, top, width and height in pixels, "
                "such as 100,50,400,300."
            ) from None
        if min(left, top) < 0 or min(width, height) < 1:
            raise UsageError(
                f"--style-crop {text} is out of range; give a left and top of 0 or more, "
                "a width and height of 1 or more."
            )
        return cls(left, top, width, height)

    def __str__(self) -> str:
        return f"{self.left},{self.top},{self.width},{self.height}"


class Colors(StrEnum):
    """Source of a painting's colours."""

    STYLE = "style"
    SOURCE = "source"
    MATCH = "match"
    LUMINANCE = "luminance"


@dataclass(frozen=True)
class StyleOptions:
    """Options of the style image, of colours, masks and strength."""

    style_scale: float = 1.0
    """Size of the strokes: the style image is resized to this multiple of the result's size."""
    style_size: int | None = None
    """Longer side that the style image is resized to, in pixels, times `--style-scale`. By default that of
    the result."""
    style_crop: Crop | None = None
    """Rectangle of each style image that is used: left, top, width and height in its own pixels. By default
    all of it."""
    colors: Colors = Colors.STYLE
    """Colours of the result: those of the `style`; those of the `source`, whose chroma replaces the painted
    one, in Oklab; `match` gives the style image the mean and covariance of the source's colours before
    painting; `luminance` paints lightness alone, with the style's matched to the source's, and takes the
    chroma from the source (Gatys et al. 2017, arXiv:1611.07865, section 5). A film has one palette
    throughout."""
    mask: Path | None = None
    """Paint only where the mask is bright or opaque; the rest keeps the source. An image; for a film also a
    film, matched by time, or a folder or pattern of images, one per frame. It is resized to the size that is
    painted; another shape is refused. By default all of the frame is painted."""
    protect: Path | None = None
    """Keep the painting close to the source, softly, where the mask is bright or opaque: faces, lettering.
    Files as for `--mask`."""
    strength: float = 1.0
    """Opacity of the painting over the source, from 0, the source alone, to 1. With `--keep-frames` another
    strength only recomposes the result."""
    strength_at: tuple[str, ...] = ()
    """Strength at a time of the film, such as `2.5=0.5`; repeat it for other times. It is interpolated
    linearly, and constant before the first time and after the last. Replaces `--strength`."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.style_scale) and 0.01 <= self.style_scale <= 100):
            raise UsageError(
                f"--style-scale {self.style_scale:g} is out of range; give 0.01 to 100, such as 0.5 or 2."
            )
        if self.style_size is not None:
            at_least("--style-size", self.style_size, 16)
        for flag, strength in (
            ("--strength", self.strength),
            *(("--strength-at", s) for _, s in self.strengths),
        ):
            if not 0 <= strength <= 1:
                raise UsageError(
                    f"{flag} {strength:g} is out of range; give 0, the source, to 1, the painting."
                )

    @property
    def strengths(self) -> tuple[tuple[Time, float], ...]:
        """Times and strengths of `--strength-at`."""
        found = []
        for text in self.strength_at:
            time, value = parse_at("--strength-at", text, "0.5")
            try:
                found.append((time, float(value)))
            except ValueError:
                raise UsageError(
                    f"invalid --strength-at {text!r}: give a number from 0 to 1 after the time."
                ) from None
        return tuple(found)
