from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support.films import FILM

from vidstyle.media.video.frame_rate import resampled
from vidstyle.media.video.probe import fit, probe_video
from vidstyle.media.video.reader import VideoReader

SECOND = replace(FILM, timestamps=tuple(Fraction(i, 25) for i in range(25)))


@pytest.mark.parametrize("rate", [Fraction(1), Fraction(10), Fraction(24000, 1001), Fraction(50)])
def test_the_duration_stays_to_half_a_picture(rate):
    film = resampled(SECOND, rate)
    assert film.rate == rate
    assert abs(film.duration - SECOND.duration) <= 1 / (2 * rate)
    assert not film.variable


def test_each_moment_shows_what_the_source_shows_then():
    assert resampled(SECOND, Fraction(50)).picks == tuple(i // 2 for i in range(50))
    assert resampled(SECOND, Fraction(10)).picks == tuple(i * 5 // 2 for i in range(10))


def test_rounded_moments_of_a_container_pass_over_nothing():
    ticks = replace(
        SECOND,
        rate=Fraction(24),
        variable=True,
        timestamps=tuple(Fraction(round(i * 1000 / 24), 1000) for i in range(24)),
    )
    assert resampled(ticks, Fraction(24)).picks == tuple(range(24))


def test_the_same_rate_changes_nothing():
    assert resampled(SECOND, Fraction(25)) is SECOND


def test_pictures_are_read_again_or_passed_over(variable):
    video = probe_video(variable)
    film = resampled(video, Fraction(10))
    frame = fit(64, 48, Fraction(1), None, even=True)
    with VideoReader(video, frame) as reader:
        pictures = list(reader)
    with VideoReader(film, frame, 8, 14) as reader:
        shown = list(reader)
    # The first stays a second, then there are 30 at 60 a second.
    assert np.array_equal(shown, [pictures[index] for index in (0, 0, 1, 7, 13, 19)])
