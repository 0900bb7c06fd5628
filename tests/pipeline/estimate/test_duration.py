import dataclasses
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED, QUICK

from vidstyle.events import DurationEstimated
from vidstyle.neural.benchmark import Rate
from vidstyle.options.groups import MotionOptions, Options, PaintOptions, SourceOptions
from vidstyle.options.values import Size, Time
from vidstyle.pipeline.estimate.duration import (
    MARGIN,
    Work,
    estimate_work,
    predict_duration,
    rate_of,
    work_left,
)
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.paint.scales import Scale
from vidstyle.pipeline.paint.targets import TargetSource
from vidstyle.pipeline.plan.jobs import plan

OPTIONS = Options(PaintOptions(first_iterations=100, iterations=10))


class Store:
    """Frames of a pass, of which some are finished."""

    def __init__(self, *finished):
        self.finished = set(finished)

    def missing(self, indices):
        return [index for index in indices if index not in self.finished]


class Painter:
    def __init__(self):
        self.seen = []

    def rate(self, content, _style, *, held):
        self.seen.append((content.shape, held))
        return Rate(0.5, 1.0)


def fitted(_height, _width, do):
    return do()


def session(painter, passes=1, first=0):
    known = {
        "job": 3,
        "first": first,
        "painter": painter,
        "guide": TargetSource(object(), Scale(64, 48, 100)),
        "passes": passes,
    }
    return SimpleNamespace(**known, store=lambda _: Store(), fitted=fitted)


def test_each_shot_has_a_first_frame_and_the_others_are_carried():
    assert work_left([Store()], [(5, 9), (9, 10)]) == Work(2, 3)


def test_what_is_painted_is_not_left():
    assert work_left([Store(0, 1, 2)], [(0, 4)]) == Work(0, 1)
    assert work_left([Store(0, 1, 2, 3)], [(0, 4)]) == Work(0, 0)


def test_every_pass_but_the_first_carries_all_frames():
    assert work_left([Store(), Store(), Store()], [(0, 4)]) == Work(1, 3 + 4 + 4)


def test_a_later_pass_that_is_complete_needs_none_before_it():
    assert work_left([Store(), Store(0, 1, 2, 3), Store(0)], [(0, 4)]) == Work(0, 3)


def test_time_is_that_of_the_evaluations_and_of_what_each_frame_takes_around_them():
    first, carried = MARGIN * (101 * 0.5 + 1), MARGIN * (11 * 0.5 + 1)
    assert Work(2, 3).seconds(Rate(0.5, 1.0), OPTIONS, (64, 48)) == pytest.approx(2 * first + 3 * carried)


def test_smaller_sizes_that_a_first_frame_is_painted_at_before_take_their_share():
    options = replace(OPTIONS, paint=replace(OPTIONS.paint, coarse_size=40))
    half, full = 101 * 0.125 + 0.25, 35 * 0.5 + 1
    assert Work(1, 0).seconds(Rate(0.5, 1.0), options, (64, 48)) == pytest.approx(MARGIN * (half + full))
    assert Work(2, 1).iterations(options, (64, 48)) == 2 * (25 + 34) + 10


def test_an_estimate_names_the_frames_that_are_carried_from_no_other():
    painter = Painter()
    told = predict_duration(PainterCache(), session(painter, first=5), OPTIONS, [(5, 9), (9, 10)], (64, 48))
    assert told == DurationEstimated(3, Work(2, 3).seconds(Rate(0.5, 1.0), OPTIONS, (64, 48)), (0, 4), 100)
    assert painter.seen == [((48, 64, 3), None)]


@pytest.mark.parametrize("painter", [None, Painter()])
def test_nothing_is_foretold_of_what_is_over_at_once(painter):
    options = OPTIONS if painter is None else replace(OPTIONS, paint=QUICK.paint)
    assert predict_duration(PainterCache(), session(painter), options, [(0, 1)], (64, 48)) is None


def test_pictures_of_nearly_one_size_are_timed_once():
    painter, painters, guide = Painter(), PainterCache(), TargetSource(object(), Scale(64, 48, 100))
    assert rate_of(painters, painter, guide, 0, (60, 40), fitted) == Rate(0.5, 1.0)
    assert rate_of(painters, painter, guide, 0, (40, 90), fitted) == Rate(0.75, 1.5)
    rate_of(painters, painter, guide, 0, (80, 90), fitted)
    assert [shape for shape, _ in painter.seen] == [(40, 60, 3), (90, 80, 3)]


def weighed(path, style, folder, options):
    return estimate_work(plan([path], [style], folder / f"out{path.suffix}", options)[0])


def test_a_photo_weighs_its_pixels_and_iterations(tmp_path, style):
    Image.fromarray(np.zeros((30, 40, 3), np.uint8)).save(tmp_path / "in.png")
    assert weighed(tmp_path / "in.png", style, tmp_path, QUICK) == 40 * 30 * 3
    small = dataclasses.replace(QUICK, source=SourceOptions(Size(20)))
    assert weighed(tmp_path / "in.png", style, tmp_path, small) == 20 * 15 * 3


def test_a_film_weighs_its_frames(tmp_path, style, short):
    assert weighed(short, style, tmp_path, QUICK) == 48 * 32 * (3 + 5 * 2)
    assert weighed(short, style, tmp_path, COPIED) == 48 * 32 * 6
    again = dataclasses.replace(QUICK, motion=MotionOptions(passes=2))
    assert weighed(short, style, tmp_path, again) == 48 * 32 * (3 + 5 * 2 + 6 * 2)
    part = dataclasses.replace(
        COPIED, source=SourceOptions(start=Time(frame=2), end=Time(seconds=Fraction(2, 15)))
    )
    assert weighed(short, style, tmp_path, part) == 48 * 32 * 2


def test_what_is_there_already_weighs_nothing(tmp_path, style, short):
    (tmp_path / "out.mp4").touch()
    assert weighed(short, style, tmp_path, COPIED) == 0
