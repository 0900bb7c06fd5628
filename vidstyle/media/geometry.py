"""Size to paint at: scaled, with square pixels, and even where the codec needs it."""

import math
from dataclasses import dataclass
from fractions import Fraction

from vidstyle.errors import InputError

MAX_PIXELS = 2**28


@dataclass(frozen=True)
class FrameSize:
    """Size of frames in pixels, and the pixel aspect ratio that keeps their display aspect ratio."""

    width: int
    height: int
    pixel_aspect: Fraction
    """Width of a pixel over its height."""


def fit(width: int, height: int, pixel_aspect: Fraction, longer_side: int | None, *, even: bool) -> FrameSize:
    """Compute the size to paint at.

    Parameters
    ----------
    width, height
        Stored size in pixels, upright.
    pixel_aspect
        Width of a stored pixel over its height.
    longer_side
        Upper bound for the longer side as displayed, in pixels; None keeps the source's own.
    even
        Whether both sides must be even, as 4:2:0 video needs.

    Returns
    -------
    FrameSize
        Never larger than the source as displayed. Its pixels are square except for rounding.

    Raises
    ------
    InputError
        The result would exceed 2**28 pixels.
    """
    shown = width * pixel_aspect, Fraction(height)
    scale = min(Fraction(1), Fraction(longer_side) / max(shown)) if longer_side else Fraction(1)
    step = 2 if even else 1
    # Halves round down, so that an odd size that is not scaled is not enlarged either.
    sides = [max(step, step * math.ceil(side * scale / step - Fraction(1, 2))) for side in shown]
    if even and longer_side and max(sides) > longer_side >= 2:
        sides[sides.index(max(sides))] -= step
    if sides[0] * sides[1] > MAX_PIXELS:
        raise InputError(
            f"A frame of {sides[0]} x {sides[1]} pixels is too large to paint; give a smaller --size."
        )
    aspect = shown[0] / shown[1] * Fraction(sides[1], sides[0])
    return FrameSize(sides[0], sides[1], _limit_terms(aspect))


def _limit_terms(aspect: Fraction) -> Fraction:
    """Limit both terms to the 16 bits that H.264 has for them."""
    if aspect > 1:
        return 1 / (1 / aspect).limit_denominator(65535)
    return aspect.limit_denominator(65535)
