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
def test_duration_is_kept_to_half_a_frame(rate):
    video = resampled(SECOND, rate)
    assert video.rate == rate
    assert abs(video.duration - SECOND.duration) <= 1 / (2 * rate)
    assert not video.variable


def test_each_time_shows_the_frame_of_the_source():
    assert resampled(SECOND, Fraction(50)).picks == tuple(i // 2 for i in range(50))
    assert resampled(SECOND, Fraction(10)).picks == tuple(i * 5 // 2 for i in range(10))


def test_rounded_timestamps_drop_no_frame():
    ticks = replace(
        SECOND,
        rate=Fraction(24),
        variable=True,
        timestamps=tuple(Fraction(round(i * 1000 / 24), 1000) for i in range(24)),
    )
    assert resampled(ticks, Fraction(24)).picks == tuple(range(24))


def test_same_rate_changes_nothing():
    assert resampled(SECOND, Fraction(25)) is SECOND


def test_frames_are_duplicated_or_dropped(variable):
    video = probe_video(variable)
    frame = fit(64, 48, Fraction(1), None, even=True)
    with VideoReader(video, frame) as reader:
        frames = list(reader)
    with VideoReader(resampled(video, Fraction(10)), frame, 8, 14) as reader:
        shown = list(reader)
    # The first lasts a second, then there are 30 at 60 per second.
    assert np.array_equal(shown, [frames[index] for index in (0, 0, 1, 7, 13, 19)])
