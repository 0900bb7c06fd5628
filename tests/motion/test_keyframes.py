from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from support.textures import STILL, smooth_noise

from vidstyle.errors import Interrupted
from vidstyle.motion import keyframes
from vidstyle.motion.fill import fill, plan_filling
from vidstyle.motion.flow import find_dense_flows
from vidstyle.motion.keyframes import (
    can_fill,
    longest_span,
    motions_to_ends,
    plan_keyframes,
    spread_keyframes,
)

STILL_FILM = list(STILL / 255)
WIDE = smooth_noise(2, 140) / 255
PAN = [np.ascontiguousarray(WIDE[:, index : index + 96]) for index in range(12)]
NOISE = [smooth_noise(seed) / 255 for seed in range(10, 17)]


def planned(film, longest=8, fixed=(), start=0, **more):
    return plan_keyframes(iter(film), range(start, start + len(film)), longest, frozenset(fixed), **more)


@pytest.mark.parametrize(
    ("rate", "frames"), [(25, 8), (60, 19), (10, 3), (Fraction(24000, 1001), 8), (1, 1), (Fraction(1, 10), 1)]
)
def test_longest_span_is_a_third_of_a_second_and_at_least_one_frame(rate, frames):
    assert longest_span(Fraction(rate)) == frames


def test_spread_keyframes_are_every_so_many_and_the_last():
    assert spread_keyframes(0, 9, 4) == (0, 4, 8)
    assert spread_keyframes(3, 13, 4) == (3, 7, 11, 12)
    assert spread_keyframes(3, 7, 1) == (3, 4, 5, 6)
    assert spread_keyframes(3, 7, 50) == (3, 6)
    assert spread_keyframes(5, 6, 4) == (5,)


def test_spread_keyframes_include_fixed_ones():
    assert spread_keyframes(0, 9, 4, frozenset({5, 8})) == (0, 4, 5, 8)


def test_still_film_has_the_longest_spans():
    assert planned(STILL_FILM, 4) == (0, 4, 8, 12, 13)
    assert planned(STILL_FILM, 4, start=100) == (100, 104, 108, 112, 113)
    assert planned(STILL_FILM, 50) == (0, 13)


def test_longest_span_of_one_frame_makes_all_frames_keyframes():
    assert planned(STILL_FILM[:5], 1) == (0, 1, 2, 3, 4)


def test_frames_that_have_nothing_in_common_are_all_keyframes():
    assert planned(NOISE) == tuple(range(len(NOISE)))


def test_fixed_frame_is_a_keyframe_and_begins_a_span():
    assert planned(STILL_FILM, 4, {3}) == (0, 3, 7, 11, 13)
    assert planned(STILL_FILM, 4, {103, 104}, start=100) == (100, 103, 104, 108, 112, 113)


def test_slow_pan_is_filled():
    assert planned(PAN) == (0, 8, 11)


def test_flash_is_closed_in_by_bisection():
    film = STILL_FILM[:9]
    film[3] = NOISE[0]
    assert planned(film) == (0, 2, 3, 4, 8)


def test_cut_that_was_missed_needs_no_keyframe_as_each_side_is_filled_from_its_own_end():
    assert planned([*STILL_FILM[:5], *[NOISE[0]] * 4]) == (0, 8)


def test_shot_of_one_frame_gives_that_frame():
    assert planned(NOISE[:1], start=7) == (7,)
    assert planned(NOISE[:2], start=7) == (7, 8)


def test_same_film_has_the_same_plan():
    film = [*PAN[:6], *NOISE[:2], *STILL_FILM[:6]]
    plan = planned(film)
    assert planned(film) == plan
    assert plan[0] == 0
    assert plan[-1] == len(film) - 1
    assert list(plan) == sorted(set(plan))


def test_frames_are_read_one_at_a_time_and_planning_stops_on_request():
    read = []

    def film():
        for index, image in enumerate(STILL_FILM):
            read.append(index)
            yield image

    with pytest.raises(Interrupted):
        plan_keyframes(film(), range(len(STILL_FILM)), 4, should_stop=lambda: len(read) > 5)
    assert read == [0, 1, 2, 3, 4, 5]


def test_motion_to_the_ends_adds_up():
    flows = [find_dense_flows(before, now) for before, now in pairwise(PAN[:9])]
    first, last = motions_to_ends(PAN[:9], flows, 3)
    assert np.median(first.backward_flow[..., 0]) == pytest.approx(3, abs=0.2)
    assert np.median(last.backward_flow[..., 0]) == pytest.approx(-5, abs=0.2)
    assert np.abs(np.median(last.backward_flow[..., 1])) < 0.1
    filling = plan_filling(PAN[3], (PAN[0], PAN[8]), (first, last), 3 / 8)
    assert np.abs(fill(filling, PAN[3], (PAN[0], PAN[8])) - PAN[3]).mean() < 0.01


def test_span_is_filled_unless_a_frame_differs_from_its_ends():
    def fills(film):
        return can_fill(film, [find_dense_flows(*pair) for pair in pairwise(film)])

    assert fills(STILL_FILM[:5])
    assert fills(PAN[:5])
    assert not fills([*STILL_FILM[:3], NOISE[0], STILL_FILM[0]])


@pytest.mark.parametrize(("height", "width", "is_small"), [(6, 8, True), (20, 30, False)])
def test_patch_that_neither_end_shows_is_filled_if_it_is_small(monkeypatch, height, width, is_small):
    monkeypatch.setattr(keyframes, "MIN_ERROR", 1.0)  # Its soft border differs as well.
    film = [image.copy() for image in STILL_FILM[:3]]
    film[1][20 : 20 + height, 30 : 30 + width] = NOISE[0][:height, :width]
    assert planned(film) == ((0, 2) if is_small else (0, 1, 2))
