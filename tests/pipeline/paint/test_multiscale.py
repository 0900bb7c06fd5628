from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest

from vidstyle.events import Losses
from vidstyle.imaging.resize import resize
from vidstyle.neural.optimize.monitor import Progress
from vidstyle.neural.result import Painted
from vidstyle.pipeline.paint.multiscale import paint_multiscale
from vidstyle.pipeline.paint.scales import Scale
from vidstyle.pipeline.paint.targets import TargetSource

draw = np.random.default_rng(5)
SOURCE = 0.3 + 0.3 * draw.random((24, 32, 3), np.float32)
SIZES = Scale(8, 6, 9), Scale(16, 12, 3), Scale(32, 24, 3)


@dataclass
class Brush:
    """Brightens what it starts from, tells of one iteration, and notes what it was handed."""

    by: float = 0.1
    seen: list = field(default_factory=list)

    def paint(self, content, style, *, start=None, iterations, on_progress, should_stop, on_image, **more):
        assert not should_stop()
        start = content if start is None else start() if callable(start) else start
        self.seen.append((content, style, start, iterations, more))
        on_progress(Progress(2, iterations, 1.0, 0.5, 2, iterations - 2))
        if on_image:
            on_image[1](start)
        terms = Losses(content=1, style=2, tv=3, temporal=4)
        return Painted(start + np.float32(self.by), lambda: terms, iterations - 1, 1, 0.5, 2.0)


def climb(brush, guides, **more):
    told = []
    end = paint_multiscale(brush, guides, 7, SOURCE, told.append, lambda: False, **more)
    return end, told


def guides(*sizes, **more):
    return [TargetSource((f"style at {size.width}",), size, **more) for size in sizes]


def test_each_size_is_painted_by_its_own_targets_and_starts_from_the_one_before():
    brush = Brush()
    end, _ = climb(brush, guides(*SIZES))
    assert [(style, iterations) for _, style, _, iterations, _ in brush.seen] == [
        (("style at 8",), 9),
        (("style at 16",), 3),
        (("style at 32",), 3),
    ]
    for (content, _, start, _, _), size, times in zip(brush.seen, SIZES, range(3), strict=True):
        np.testing.assert_allclose(content, resize(SOURCE, size.width, size.height), atol=1e-6)
        # What was changed below is carried up, and what only this size shows is there too.
        np.testing.assert_allclose(start, content + 0.1 * times, atol=1e-5)
    np.testing.assert_allclose(end.image, SOURCE + 0.3, atol=1e-5)


def test_iterations_steps_undone_and_seconds_are_those_of_all_sizes():
    end, told = climb(Brush(), guides(*SIZES))
    assert (end.iterations, end.undone, end.seconds, end.gamma) == (8 + 2 + 2, 3, 6.0, 0.5)
    assert [(progress.iteration, progress.iterations) for progress in told] == [(2, 15), (11, 15), (14, 15)]
    # A step at the next size takes four times as long.
    assert [progress.left for progress in told] == pytest.approx([7 + 3 * 4 + 3 * 16, 1 + 3 * 4, 1])


def test_the_scale_of_steps_is_carried_up_by_the_number_of_pixels():
    brush = Brush()
    climb(brush, guides(*SIZES))
    assert [more.get("gamma", 0) for *_, more in brush.seen] == [0, 0.5 * 4, 0.5 * 4]


def test_smaller_sizes_are_painted_in_the_memory_of_the_last():
    brush = Brush()
    climb(brush, guides(*SIZES))
    size = SIZES[-1].height, SIZES[-1].width
    assert [more.get("below") for *_, more in brush.seen] == [size, size, None]


def test_pictures_on_the_way_are_of_the_frames_size():
    kept = []
    climb(Brush(), guides(*SIZES), on_image=(1, kept.append))
    assert [image.shape for image in kept] == [SOURCE.shape] * 3


def test_a_single_size_is_painted_as_it_is():
    brush = Brush()
    end, told = climb(brush, guides(SIZES[-1]))
    assert brush.seen[0][0] is SOURCE or np.array_equal(brush.seen[0][0], SOURCE)
    assert (end.iterations, told[0].left) == (2, 1)


def test_masks_and_the_start_are_brought_to_each_size():
    plane = np.zeros((24, 32), np.float32)
    plane[:, 16:] = 1
    masks = SimpleNamespace(regions=lambda index: [plane * (index == 7)], protected=lambda _: None)
    start = np.full((24, 32, 3), 0.25, np.float32)
    brush = Brush(by=0.0)
    made = [
        TargetSource((SimpleNamespace(_replace=lambda mask: mask),), size, masks=masks, start=start)
        for size in SIZES
    ]
    climb(brush, made)
    for (_, (mask,), begun, *_), size in zip(brush.seen, SIZES, strict=True):
        assert mask.shape == (size.height, size.width)
        assert (mask[:, -2:] == 1).all()
        assert (mask[:, :2] == 0).all()
        np.testing.assert_allclose(begun, 0.25, atol=1e-6)


class Kept:
    def __init__(self, *, kept):
        self.kept = kept

    def load(self):
        return {} if self.kept else None


def test_a_painting_goes_on_at_the_largest_size_that_was_begun():
    brush, kept = Brush(), [Kept(kept=True), Kept(kept=True), Kept(kept=False)]
    climb(brush, guides(*SIZES), checkpoints=kept)
    assert [style for _, style, *_ in brush.seen] == [("style at 16",), ("style at 32",)]
    assert [more["checkpoints"] for *_, more in brush.seen] == kept[1:]
