from fractions import Fraction

import pytest

from vidstyle.errors import UsageError
from vidstyle.options.keyframes import parse_at, shares_at
from vidstyle.options.values import Time


@pytest.mark.parametrize(
    ("now", "shares"),
    [
        (0, [1, 0, 0]),
        (1, [1, 0, 0]),
        (2, [0.5, 0.5, 0]),
        (3, [0, 1, 0]),
        (Fraction(9, 2), [0, 0.25, 0.75]),
        (5, [0, 0, 1]),
        (99, [0, 0, 1]),
    ],
)
def test_shares_go_evenly_from_one_moment_to_the_next(now, shares):
    assert shares_at([Fraction(1), Fraction(3), Fraction(5)], Fraction(now)) == shares


def test_a_moment_alone_has_all():
    assert shares_at([Fraction(4)], Fraction(1)) == [1]


def test_a_time_and_what_is_then_are_read():
    assert parse_at("--style-at", "1:02.5=a=b.jpg", "FILE") == (Time(seconds=Fraction(125, 2)), "a=b.jpg")
    assert parse_at("--style-at", "12f=a.jpg", "FILE") == (Time(frame=12), "a.jpg")


@pytest.mark.parametrize("text", ["", "a.jpg", "=a.jpg", "2=", "soon=a.jpg"])
def test_what_has_no_time_or_nothing_then_is_refused(text):
    with pytest.raises(UsageError, match="--style-at"):
        parse_at("--style-at", text, "FILE")
