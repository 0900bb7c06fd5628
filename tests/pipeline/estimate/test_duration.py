import dataclasses
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED, QUICK
from support.fakes import FakePainter

from vidstyle.events import DurationEstimated
from vidstyle.neural.benchmark import Rate
from vidstyle.options.groups import MotionOptions, Options, PaintOptions, SourceOptions
from vidstyle.options.values import Size, Time
from vidstyle.pipeline.estimate.duration import (
    SAFETY,
    Work,
    count_remaining,
    estimate_work,
    fill_seconds,
    measure_rate,
    predict_duration,
)
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.paint.scales import Scale
from vidstyle.pipeline.paint.targets import TargetSource
from vidstyle.pipeline.painters.copying import CopyingPainter
from vidstyle.pipeline.plan.jobs import plan

OPTIONS = Options(PaintOptions(first_iterations=100, iterations=10))


class Store:
    """Frames of a pass, of which some are painted."""

    def __init__(self, *painted):
        self.painted = set(painted)

    def missing(self, indices):
        return [index for index in indices if index not in self.painted]


def timed_painter():
    painter = FakePainter()
    painter.rate_of_all = Rate(0.5, 1.0)
    return painter


def retry(_height, _width, do):
    return do()


def session(painter, passes=1, first=0):
    known = {
        "job": 3,
        "first": first,
        "painter": painter,
        "targets": TargetSource(object(), Scale(64, 48, 100)),
        "passes": passes,
    }
    return SimpleNamespace(**known, store=lambda _: Store(), fitted=retry)


def test_shot_has_one_cold_frame_and_the_others_are_warm():
    assert count_remaining([Store()], [(5, 9), (9, 10)]) == Work(2, 3)


def test_painted_frames_are_not_counted():
    assert count_remaining([Store(0, 1, 2)], [(0, 4)]) == Work(0, 1)
    assert count_remaining([Store(0, 1, 2, 3)], [(0, 4)]) == Work(0, 0)


def test_frames_between_keyframes_are_filled():
    keyframes = [(5, 8), (9,)]
    assert count_remaining([Store()], [(5, 9), (9, 10)], keyframes) == Work(2, 1, 2)
    assert count_remaining([Store(5, 6)], [(5, 9), (9, 10)], keyframes) == Work(1, 1, 1)


def test_time_of_filled_frames_is_added(monkeypatch):
    monkeypatch.setattr("vidstyle.pipeline.estimate.duration.fill_seconds", lambda *_size: 0.25)
    one, other = (Work(1, 2, filled).seconds(Rate(0.5, 1.0), OPTIONS, (64, 48)) for filled in (0, 4))
    assert other - one == pytest.approx(SAFETY * 4 * 0.25)


def test_filling_is_timed_by_the_pixel():
    assert fill_seconds(64, 48) > 0
    part, whole = fill_seconds(320, 320), fill_seconds(3200, 3200)
    assert whole > 10 * part  # Of a large frame a part is timed.


def test_frames_of_later_passes_are_warm():
    assert count_remaining([Store(), Store(), Store()], [(0, 4)]) == Work(1, 3 + 4 + 4)


def test_complete_later_pass_needs_none_before_it():
    assert count_remaining([Store(), Store(0, 1, 2, 3), Store(0)], [(0, 4)]) == Work(0, 3)


def test_time_is_that_of_evaluations_and_overhead_per_frame():
    cold, warm = SAFETY * (101 * 0.5 + 1), SAFETY * (11 * 0.5 + 1)
    assert Work(2, 3).seconds(Rate(0.5, 1.0), OPTIONS, (64, 48)) == pytest.approx(2 * cold + 3 * warm)


def test_coarser_scales_of_cold_frame_take_their_share():
    options = replace(OPTIONS, paint=replace(OPTIONS.paint, coarse_size=40))
    half, full = 101 * 0.125 + 0.25, 35 * 0.5 + 1
    assert Work(1, 0).seconds(Rate(0.5, 1.0), options, (64, 48)) == pytest.approx(SAFETY * (half + full))
    assert Work(2, 1).iterations(options, (64, 48)) == 2 * (25 + 34) + 10


def test_estimate_names_cold_frames():
    painter = timed_painter()
    event = predict_duration(PainterCache(), session(painter, first=5), OPTIONS, [(5, 9), (9, 10)], (64, 48))
    assert event == DurationEstimated(3, Work(2, 3).seconds(Rate(0.5, 1.0), OPTIONS, (64, 48)), (0, 4), 100)
    assert painter.rated == [((48, 64, 3), None)]


@pytest.mark.parametrize("painter", [CopyingPainter(), timed_painter()])
def test_copying_and_few_iterations_are_not_estimated(painter):
    options = OPTIONS if isinstance(painter, CopyingPainter) else replace(OPTIONS, paint=QUICK.paint)
    assert predict_duration(PainterCache(), session(painter), options, [(0, 1)], (64, 48)) is None


def test_similar_sizes_are_timed_once():
    painter, painters, guide = timed_painter(), PainterCache(), TargetSource(object(), Scale(64, 48, 100))
    assert measure_rate(painters, painter, guide, 0, (60, 40), retry) == Rate(0.5, 1.0)
    assert measure_rate(painters, painter, guide, 0, (40, 90), retry) == Rate(0.75, 1.5)
    measure_rate(painters, painter, guide, 0, (80, 90), retry)
    assert [shape for shape, _ in painter.rated] == [(40, 60, 3), (90, 80, 3)]


def estimated(path, style, folder, options):
    return estimate_work(plan([path], [style], folder / f"out{path.suffix}", options)[0])


def test_work_of_photo_is_pixels_times_iterations(tmp_path, style):
    Image.fromarray(np.zeros((30, 40, 3), np.uint8)).save(tmp_path / "in.png")
    assert estimated(tmp_path / "in.png", style, tmp_path, QUICK) == 40 * 30 * 3
    small = dataclasses.replace(QUICK, source=SourceOptions(Size(20)))
    assert estimated(tmp_path / "in.png", style, tmp_path, small) == 20 * 15 * 3


def test_work_of_film_counts_frames_passes_and_range(tmp_path, style, short):
    assert estimated(short, style, tmp_path, QUICK) == 48 * 32 * (3 + 5 * 2)
    assert estimated(short, style, tmp_path, COPIED) == 48 * 32 * 6
    again = dataclasses.replace(QUICK, motion=MotionOptions(passes=2))
    assert estimated(short, style, tmp_path, again) == 48 * 32 * (3 + 5 * 2 + 6 * 2)
    part = dataclasses.replace(
        COPIED, source=SourceOptions(start=Time(frame=2), end=Time(seconds=Fraction(2, 15)))
    )
    assert estimated(short, style, tmp_path, part) == 48 * 32 * 2


def test_work_of_existing_output_is_zero(tmp_path, style, short):
    (tmp_path / "out.mp4").touch()
    assert estimated(short, style, tmp_path, COPIED) == 0
