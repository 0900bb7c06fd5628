"""Timecode, the clock of a recording, which counts frames: `01:00:00:00` (SMPTE ST 12-1)."""

import re
from fractions import Fraction

_FORM = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)")


def advanced(label: str, rate: Fraction, frames: int) -> str | None:
    """Set a timecode forward.

    Parameters
    ----------
    label
        `HH:MM:SS:FF`; before the frames `;` or `.` where numbers are dropped to keep up with 30000/1001 frames a second.
    rate
        Frames a second.
    frames
        How many.

    Returns
    -------
    str or None
        In the same form, a day being followed by the next; None where it is no timecode.
    """
    found = _FORM.fullmatch(label)
    if not found:
        return None
    hours, minutes, seconds, place = (int(found[group]) for group in (1, 2, 3, 5))
    count, minutes = max(1, round(rate)), 60 * hours + minutes  # Frames that a second counts.
    # Two numbers of thirty are dropped each minute but every tenth.
    dropped = count // 30 * 2 if found[4] != ":" else 0
    number = (60 * minutes + seconds) * count + place - dropped * (minutes - minutes // 10)
    ten_minutes = 600 * count - 9 * dropped
    tens, rest = divmod((number + frames) % (144 * ten_minutes), ten_minutes)
    number = 600 * count * tens + rest + dropped * max(0, (rest - dropped) // (60 * count - dropped))
    minutes, rest = divmod(number, 60 * count)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // count:02}{found[4]}{rest % count:02}"


def counted_at(label: str, before: Fraction, after: Fraction) -> str | None:
    """Write a timecode for another rate: the same second, and the frame at the same part of it."""
    found = _FORM.fullmatch(label)
    if not found:
        return None
    place = int(found[5]) * max(1, round(after)) // max(1, round(before))
    mark = found[4] if after.denominator == 1001 and round(after) % 30 == 0 else ":"
    return f"{found[1]}:{found[2]}:{found[3]}{mark}{place:02}"
