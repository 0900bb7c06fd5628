"""The size to paint at."""

import math
from dataclasses import dataclass
from fractions import Fraction

from vidstyle.errors import InputError

MAX_PIXELS = 2**28


@dataclass(frozen=True)
class FrameSize:
    """Size to paint at, in pixels, and the shape of a pixel that keeps the picture's own shape."""

    width: int
    height: int
    pixel_aspect: Fraction


def fit(width: int, height: int, pixel_aspect: Fraction, longer_side: int | None, *, even: bool) -> FrameSize:
    """Find the size to paint at.

    Parameters
    ----------
    width, height
        Stored size in pixels, upright.
    pixel_aspect
        Width of a stored pixel over its height.
    longer_side
        Upper bound for the longer side as displayed, in pixels; None keeps the source's own.
    even
        Whether both sides must be even, as 4:2:0 films need.

    Returns
    -------
    Frame
        Never larger than the picture as displayed. Its pixels are square but for what rounding took.

    Raises
    ------
    InputError
        The result would exceed 2**28 pixels.
    """
    shown = width * pixel_aspect, Fraction(height)
    scale = min(Fraction(1), Fraction(longer_side) / max(shown)) if longer_side else Fraction(1)
    step = 2 if even else 1
    # Halves go down, so that an odd picture that is not scaled is not enlarged either.
    sides = [max(step, step * math.ceil(side * scale / step - Fraction(1, 2))) for side in shown]
    if even and longer_side and max(sides) > longer_side >= 2:
        sides[sides.index(max(sides))] -= step
    if sides[0] * sides[1] > MAX_PIXELS:
        raise InputError(
            f"A picture of {sides[0]} x {sides[1]} pixels is too large to paint; give --size a smaller number."
        )
    aspect = shown[0] / shown[1] * Fraction(sides[1], sides[0])
    return FrameSize(sides[0], sides[1], _storable(aspect))


def _storable(aspect: Fraction) -> Fraction:
    """Bring both terms under the 16 bits that H.264 has for them."""
    if aspect > 1:
        return 1 / (1 / aspect).limit_denominator(65535)
    return aspect.limit_denominator(65535)
