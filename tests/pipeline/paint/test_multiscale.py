from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from support.fakes import BrighteningPainter

from vidstyle.imaging.resize import resize
from vidstyle.neural.optimize.monitor import Monitor, SnapshotCallback
from vidstyle.pipeline.paint.motion_steps import FrameWithMotion
from vidstyle.pipeline.paint.multiscale import paint_multiscale
from vidstyle.pipeline.paint.scales import Scale
from vidstyle.pipeline.paint.targets import TargetSource

draw = np.random.default_rng(5)
SOURCE = 0.3 + 0.3 * draw.random((24, 32, 3), np.float32)
SIZES = Scale(8, 6, 9), Scale(16, 12, 3), Scale(32, 24, 3)


def climb(painter, guides, **more):
    told = []
    *coarser, last = guides
    snapshots, checkpoints = more.get("snapshots"), more.get("checkpoints", ())
    monitor = Monitor(told.append, lambda: False, snapshots)
    targets = replace(last, coarser=tuple(coarser))
    end = paint_multiscale(painter, targets, FrameWithMotion(7, SOURCE), monitor, checkpoints)
    return end, told


def guides(*sizes, **more):
    return [TargetSource((f"style at {size.width}",), size, **more) for size in sizes]


def test_each_size_is_painted_by_its_own_targets_and_starts_from_the_one_before():
    painter = BrighteningPainter()
    end, _ = climb(painter, guides(*SIZES))
    assert [(given.targets.style, given.iterations) for given in painter.given] == [
        (("style at 8",), 9),
        (("style at 16",), 3),
        (("style at 32",), 3),
    ]
    for given, start, size, times in zip(painter.given, painter.begun, SIZES, range(3), strict=True):
        content = given.targets.content
        np.testing.assert_allclose(content, resize(SOURCE, size.width, size.height), atol=1e-6)
        # What was changed below is carried up, and what only this size shows is there too.
        np.testing.assert_allclose(start, content + 0.1 * times, atol=1e-5)
    np.testing.assert_allclose(end.image, SOURCE + 0.3, atol=1e-5)


def test_iterations_rejected_steps_and_seconds_are_those_of_all_scales():
    end, told = climb(BrighteningPainter(), guides(*SIZES))
    assert (end.iterations, end.rejected, end.seconds, end.hessian_scale) == (8 + 2 + 2, 3, 6.0, 0.5)
    assert [(progress.iteration, progress.iterations) for progress in told] == [(2, 15), (11, 15), (14, 15)]
    # A step at the next size takes four times as long.
    assert [progress.left for progress in told] == pytest.approx([7 + 3 * 4 + 3 * 16, 1 + 3 * 4, 1])


def test_scale_of_steps_is_carried_up_by_the_number_of_pixels():
    painter = BrighteningPainter()
    climb(painter, guides(*SIZES))
    assert [given.start.hessian_scale if given.start else 0 for given in painter.given] == [
        0,
        0.5 * 4,
        0.5 * 4,
    ]


def test_smaller_sizes_are_painted_in_the_memory_of_the_last():
    painter = BrighteningPainter()
    climb(painter, guides(*SIZES))
    size = SIZES[-1].height, SIZES[-1].width
    assert [given.targets.full_size for given in painter.given] == [size, size, None]


def test_snapshots_have_the_size_of_the_frame():
    kept = []
    climb(BrighteningPainter(), guides(*SIZES), snapshots=SnapshotCallback(1, kept.append))
    assert [image.shape for image in kept] == [SOURCE.shape] * 3


def test_single_size_is_painted_as_it_is():
    painter = BrighteningPainter()
    end, told = climb(painter, guides(SIZES[-1]))
    np.testing.assert_array_equal(painter.given[0].targets.content, SOURCE)
    assert (end.iterations, told[0].left) == (2, 1)


def test_masks_and_the_start_are_brought_to_each_size():
    plane = np.zeros((24, 32), np.float32)
    plane[:, 16:] = 1
    masks = SimpleNamespace(regions=lambda index: [plane * (index == 7)], protected=lambda _: None)
    start = np.full((24, 32, 3), 0.25, np.float32)
    painter = BrighteningPainter(by=0.0)
    made = [
        TargetSource((SimpleNamespace(_replace=lambda mask: mask),), size, masks=masks, start=start)
        for size in SIZES
    ]
    climb(painter, made)
    for given, begun, size in zip(painter.given, painter.begun, SIZES, strict=True):
        (mask,) = given.targets.style
        assert mask.shape == (size.height, size.width)
        assert (mask[:, -2:] == 1).all()
        assert (mask[:, :2] == 0).all()
        np.testing.assert_allclose(begun, 0.25, atol=1e-6)


class Kept:
    def __init__(self, *, kept):
        self.kept = kept

    def load(self):
        return {} if self.kept else None


def test_painting_goes_on_at_the_largest_size_that_was_begun():
    painter, kept = BrighteningPainter(), [Kept(kept=True), Kept(kept=True), Kept(kept=False)]
    climb(painter, guides(*SIZES), checkpoints=kept)
    assert [given.targets.style for given in painter.given] == [("style at 16",), ("style at 32",)]
    assert [given.monitor.checkpoints for given in painter.given] == kept[1:]
