from fractions import Fraction

import pytest

from vidstyle.errors import UsageError
from vidstyle.options.keyframes import parse_at, shares_at
from vidstyle.options.values import Time


@pytest.mark.parametrize(
    ("time", "shares"),
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
def test_shares_are_interpolated_linearly(time, shares):
    assert shares_at([Fraction(1), Fraction(3), Fraction(5)], Fraction(time)) == shares


def test_single_time_has_the_whole_share():
    assert shares_at([Fraction(4)], Fraction(1)) == [1]


def test_time_and_value_are_read():
    assert parse_at("--style-at", "1:02.5=a=b.jpg", "FILE") == (Time(seconds=Fraction(125, 2)), "a=b.jpg")
    assert parse_at("--style-at", "12f=a.jpg", "FILE") == (Time(frame=12), "a.jpg")


@pytest.mark.parametrize("text", ["", "a.jpg", "=a.jpg", "2=", "soon=a.jpg"])
def test_text_without_time_or_value_is_refused(text):
    with pytest.raises(UsageError, match="invalid --style-at"):
        parse_at("--style-at", text, "FILE")
