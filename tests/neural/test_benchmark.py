from dataclasses import replace

import numpy as np
import pytest

from vidstyle.neural import benchmark as module
from vidstyle.neural.benchmark import QUICK_PX, SAMPLE_PX, Rate, sample, timed
from vidstyle.neural.inputs import FrameTargets
from vidstyle.neural.objective.style_targets import Region
from vidstyle.neural.painter import OptimizingPainter
from vidstyle.options.groups import MachineOptions, Optimizer, PaintOptions, Precision
from vidstyle.options.layers import Layers
from vidstyle.options.objective import ObjectiveOptions
from vidstyle.options.values import Tile

OPTIONS = ObjectiveOptions(
    content_layers=Layers.parse("conv2_1"), style_layers=Layers.parse("conv1_1,conv2_1")
)
MACHINE = MachineOptions(device="cpu", precision=Precision.FLOAT32)
PAINT = PaintOptions(first_iterations=4, stop_below=0)
draw = np.random.default_rng(5)
CONTENT, STYLE = (draw.random((48, 64, 3)).astype(np.float32) for _ in range(2))


class Clock:
    """Clock that goes on only where work is done."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        return self.now

    def takes(self, *seconds):
        durations = iter(seconds)

        def work():
            self.now += next(durations)

        return work


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_mean_counts_without_the_time_of_compiling(clock):
    assert timed(clock.takes(9.0, 0.5, 0.25, 0.75), clock.takes(7.0, 0.25)) == Rate(0.5, 0.25)


def test_quick_steps_are_timed_several_times(clock):
    steps = [9.0, *[0.001] * 5, *[0.003] * 5]
    assert timed(clock.takes(*steps), clock.takes(7.0, 0.25)) == Rate(pytest.approx(0.002), 0.25)


def test_slow_step_is_timed_once(clock):
    assert timed(clock.takes(9.0, 20.0), clock.takes(7.0, 0.25)) == Rate(20.0, 0.25)


def test_image_takes_its_iterations_its_start_and_the_overhead():
    assert Rate(2.0, 3.0).seconds(10) == 25
    assert Rate(2.0, 3.0).scaled(2).seconds(10) == 50


def test_part_of_a_large_image_is_timed_with_its_masks():
    side = int(QUICK_PX**0.5) + 1
    large, plane = np.zeros((side, side, 3), np.float32), np.zeros((side, side), np.float32)
    part = sample(FrameTargets(large, (Region((), mask=plane), Region(())), plane))
    assert part.content.shape == (SAMPLE_PX, SAMPLE_PX, 3)
    assert part.style[0].mask.shape == part.protect.shape == (SAMPLE_PX, SAMPLE_PX)
    assert part.style[1].mask is None
    assert sample(part) is part


@pytest.mark.parametrize("optimizer", list(Optimizer))
def test_painting_after_a_benchmark_has_the_same_bytes_and_uses_what_it_compiled(optimizer):
    paint = replace(PAINT, optimizer=optimizer)
    plain, timed_first = (OptimizingPainter(paint, MACHINE, OPTIONS) for _ in range(2))
    targets = FrameTargets(CONTENT, plain.prepare([STYLE]))
    rate = timed_first.rate(targets)
    assert rate.step_s > 0
    assert rate.overhead_s > 0
    traced = []
    objective = timed_first.objective
    objective.loss = lambda *args, loss=objective.loss: traced.append(args) or loss(*args)
    again = timed_first.paint(targets)
    assert traced == []
    assert again.image.tobytes() == plain.paint(targets).image.tobytes()


def test_image_in_tiles_takes_the_time_of_their_pixels(monkeypatch):
    painter = OptimizingPainter(PAINT, replace(MACHINE, tile=Tile(256)), OPTIONS)
    monkeypatch.setattr(module, "timed", lambda *_: Rate(1.0, 1.0))
    encoded_px = painter._functions.encoded_px(48, 1600)
    assert encoded_px > 48 * 1600
    assert painter._functions.encoded_px(48, 64) == 48 * 64
    monkeypatch.setattr(module, "QUICK_PX", 48 * 100)
    monkeypatch.setattr(module, "SAMPLE_PX", 64)
    long = np.zeros((48, 1600, 3), np.float32)
    assert painter.rate(FrameTargets(long, painter.prepare([STYLE]))).step_s == pytest.approx(
        encoded_px / (48 * 64)
    )
