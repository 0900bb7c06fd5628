import numpy as np
import pytest

from vidstyle.motion.flow import find_motion
from vidstyle.motion.stability import PairErrors
from vidstyle.pipeline.measure.figures import (
    FAR_PAIRS,
    Change,
    ShotMetrics,
    far_errors,
    mean,
    metrics_of,
)


def motion_between(before, now, previous, current):
    assert (before, now) == (104, 105)
    return find_motion(previous, current)


def plain(level):
    return np.full((8, 8, 3), level / 255, np.float32)


def test_shot_metrics_pass_every_frame_on_with_its_index():
    pairs = iter([(plain(level), plain(level + 1)) for level in (10, 20, 30)])
    metrics = ShotMetrics(4, 6)
    passed = [
        (index, round(source.mean() * 255)) for index, source, _ in metrics.watch(pairs, motion_between, 100)
    ]
    assert passed == [(4, 10), (5, 20)]
    assert round(next(pairs)[0].mean() * 255) == 30  # The next shot's are left to it.
    assert metrics.change.drift_levels == pytest.approx((10, 10, 10), abs=1e-3)


def test_warping_error_is_the_mean_over_pairs_not_over_shots():
    long = ShotMetrics(0, 4, near=[PairErrors(0.1, 0.0)] * 3)
    short = ShotMetrics(4, 6, near=[PairErrors(0.5, 0.2)])
    figures = metrics_of([long, short])
    assert (figures.warping_error, figures.warping_error_source) == pytest.approx((0.2, 0.05))
    assert figures.warping_error_10 is None


def test_change_is_the_mean_over_shots():
    halved, doubled = Change((2, 0, -4), 0.5), Change((4, 0, 0), 2.0)
    shots = [ShotMetrics(0, 2, change=halved), ShotMetrics(2, 4, change=doubled), ShotMetrics(4, 5)]
    assert metrics_of(shots).change == Change((3, 0, -2), pytest.approx(1.0))


@pytest.mark.parametrize(
    ("ratios", "expected"), [((None, None), None), ((None, 0.5), 0.5), ((0.0, 2.0), 0.0)]
)
def test_unknown_sharpness_is_left_out_of_the_mean(ratios, expected):
    shots = [ShotMetrics(0, 2, change=Change((0, 0, 0), ratio)) for ratio in ratios]
    assert metrics_of(shots).change.sharpness == (expected and pytest.approx(expected))


def test_unknown_values_are_left_out_of_a_mean():
    assert mean([None, 1.0, 3.0]) == 2
    assert mean([None]) is None


def test_far_pairs_lie_within_shots_and_use_source_indices():
    asked = []

    def between(before, now, previous, current):
        asked.append((before, now, round(previous.mean() * 255), round(current.mean() * 255)))
        return find_motion(previous, current)

    sources = [plain(index) for index in range(40, 70)]
    errors = far_errors(sources, lambda index: plain(2 * index), [(40, 52), (52, 57), (57, 70)], between)
    assert asked == [(now - 10, now, now - 10, now) for now in (50, 51, 67, 68, 69)]
    assert errors == pytest.approx(((20 / 255) ** 2, (10 / 255) ** 2), rel=1e-4)


def test_far_pairs_of_long_film_are_bounded():
    asked = []

    def between(_before, now, previous, current):
        asked.append(now)
        return find_motion(previous, current)

    far_errors((plain(0) for _ in range(1000)), lambda _: plain(0), [(0, 1000)], between)
    assert len(asked) == FAR_PAIRS
    assert (asked[0], asked[-1]) == (10, 999)


def test_short_film_has_no_far_pairs():
    assert far_errors([plain(0)] * 9, plain, [(0, 9)], motion_between) == (None, None)
