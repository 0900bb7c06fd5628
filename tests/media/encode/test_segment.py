from dataclasses import replace
from fractions import Fraction

import pytest
from support.films import FILM

from vidstyle.media.encode.segment import Segment, timescale

FOUR = replace(FILM, timestamps=tuple(Fraction(i, 25) for i in range(4)), offset=Fraction(1, 2))


def test_segment_ends_where_the_next_frame_begins():
    assert [Segment(FOUR, 0, stop).end for stop in (1, 2, 4)] == [
        Fraction(1, 25),
        Fraction(2, 25),
        Fraction(4, 25),
    ]


def test_whole_film_keeps_its_late_start_and_a_part_begins_at_once():
    whole, part = Segment(FOUR, 0, 4), Segment(FOUR, 1, 3)
    assert (whole.is_whole, whole.offset, whole.frames) == (True, Fraction(1, 2), 4)
    assert (part.is_whole, part.offset, part.frames) == (False, 0, 2)
    assert part.file_range == (Fraction(1, 2) + Fraction(1, 25), Fraction(1, 2) + Fraction(3, 25))


def test_times_of_a_constant_rate_are_exact():
    rounded = replace(
        FOUR, rate=Fraction(24), timestamps=(Fraction(0), *(Fraction(n, 1000) for n in (42, 83)))
    )
    assert Segment(rounded, 1, 3).times == (0, Fraction(1, 24))


def test_times_of_a_variable_rate_count_from_the_first_frame():
    times = (Fraction(0), Fraction(1), Fraction(5, 2))
    segment = Segment(replace(FOUR, variable=True, timestamps=times, last=Fraction(3)), 1, 3)
    assert segment.times == (0, Fraction(3, 2))
    assert (segment.duration, segment.last_duration) == (Fraction(9, 2), 3)


@pytest.mark.parametrize("rate", ["25", "30000/1001", "24000/1001", "7/3"])
def test_ticks_represent_the_rate_exactly(rate):
    assert (timescale(replace(FILM, rate=Fraction(rate))) / Fraction(rate)).denominator == 1


def test_ticks_of_a_variable_rate_fit_the_longest_frame():
    slow = replace(FILM, variable=True, timestamps=(Fraction(0), Fraction(3000)), last=Fraction(1))
    assert timescale(replace(slow, timestamps=(Fraction(0), Fraction(1)))) == 1_000_000
    assert timescale(slow) * 3000 < 2**31
