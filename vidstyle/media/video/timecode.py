"""Timecode: the clock of a recording, which counts frames, `01:00:00:00` (SMPTE ST 12-1)."""

import re
from fractions import Fraction

_FORM = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)")


def advance_timecode(label: str, rate: Fraction, frames: int) -> str | None:
    """Advance a timecode.

    Parameters
    ----------
    label
        `HH:MM:SS:FF`; `;` or `.` before the frames means drop-frame, for 30000/1001 frames per second.
    rate
        Frames per second.
    frames
        Number of frames to advance by.

    Returns
    -------
    str or None
        In the same form, wrapping around after a day; None where `label` is not a timecode.
    """
    found = _FORM.fullmatch(label)
    if not found:
        return None
    hours, minutes, seconds, place = (int(found[group]) for group in (1, 2, 3, 5))
    count, minutes = max(1, round(rate)), 60 * hours + minutes  # Frame numbers per second.
    # Two of thirty frame numbers are dropped in each minute except every tenth.
    dropped = count // 30 * 2 if found[4] != ":" else 0
    number = (60 * minutes + seconds) * count + place - dropped * (minutes - minutes // 10)
    ten_minutes = 600 * count - 9 * dropped
    tens, rest = divmod((number + frames) % (144 * ten_minutes), ten_minutes)
    number = 600 * count * tens + rest + dropped * max(0, (rest - dropped) // (60 * count - dropped))
    minutes, rest = divmod(number, 60 * count)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // count:02}{found[4]}{rest % count:02}"


def convert_timecode(label: str, before: Fraction, after: Fraction) -> str | None:
    """Convert a timecode to another frame rate: the same second, and the frame at the same fraction of it."""
    found = _FORM.fullmatch(label)
    if not found:
        return None
    place = int(found[5]) * max(1, round(after)) // max(1, round(before))
    mark = found[4] if after.denominator == 1001 and round(after) % 30 == 0 else ":"
    return f"{found[1]}:{found[2]}:{found[3]}{mark}{place:02}"
