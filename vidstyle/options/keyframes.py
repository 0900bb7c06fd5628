"""Values given at times of a film, and their interpolation."""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from vidstyle.errors import UsageError
from vidstyle.options.values import Time


def parse_at(flag: str, text: str, placeholder: str) -> tuple[Time, str]:
    """Read `TIME=VALUE`.

    Parameters
    ----------
    flag
        The option, for messages.
    text
        The text to read.
    placeholder
        Example of a value, for messages.

    Raises
    ------
    UsageError
        The text has another form.

    """
    time, sign, value = text.partition("=")
    if not (sign and value):
        raise UsageError(f"invalid {flag} {text!r}: write it as {flag} 2.5={placeholder}.")
    try:
        return Time.parse(time), value
    except UsageError as exc:
        raise UsageError(f"invalid {flag} {text!r}: {exc}") from None


def shares_at(times: Sequence[Fraction], time: Fraction) -> list[float]:
    """Interpolate linearly between values given at times: compute the share of each value at a time.

    The shares add up to 1. Before the first time and after the last, the share of that value is 1.

    Parameters
    ----------
    times
        Times of the values, strictly ascending.
    time
        Time between them, or outside.

    """
    following = bisect_right(times, time)
    shares = [0.0] * len(times)
    if following in {0, len(times)}:
        shares[max(0, following - 1)] = 1.0
        return shares
    begin, end = times[following - 1], times[following]
    shares[following] = float((time - begin) / (end - begin))
    shares[following - 1] = 1 - shares[following]
    return shares
