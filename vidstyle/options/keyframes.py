"""What changes over time: values at moments, and in between what lies between them."""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from vidstyle.errors import UsageError
from vidstyle.options.values import Time


def parse_at(flag: str, text: str, what: str) -> tuple[Time, str]:
    """Read `TIME=...`; `what` says in an error what belongs behind the sign."""
    time, sign, value = text.partition("=")
    if not (sign and value):
        raise UsageError(f"{flag} {text!r} is no time and {what}; write it as {flag} 2.5={what}.")
    try:
        return Time.parse(time), value
    except UsageError as exc:
        raise UsageError(f"{flag} {text!r}: {exc}") from None


def shares_at(moments: Sequence[Fraction], now: Fraction) -> list[float]:
    """Share of each of some moments at a time; their sum is 1.

    Between two moments the shares go evenly from one to the other; before the first and after the last, that one has all.

    Parameters
    ----------
    moments
        In ascending order, without two that are equal.
    now
        The time.

    """
    after = bisect_right(moments, now)
    shares = [0.0] * len(moments)
    if after in {0, len(moments)}:
        shares[max(0, after - 1)] = 1.0
        return shares
    begin, end = moments[after - 1], moments[after]
    shares[after] = float((now - begin) / (end - begin))
    shares[after - 1] = 1 - shares[after]
    return shares
