"""Contract of a painter, held by every implementation."""

import numpy as np
import pytest
from support.clips import QUICK
from support.fakes import FakePainter

from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.optimize.monitor import Monitor
from vidstyle.pipeline.painters.copying import CopyingPainter

IMAGE = np.random.default_rng(2).random((32, 48, 3), np.float32)


@pytest.fixture(params=["optimizing", "copying", "fake"])
def painter(request, painters):
    if request.param == "optimizing":
        return painters.painter(QUICK)
    return CopyingPainter() if request.param == "copying" else FakePainter([IMAGE])


@pytest.fixture
def targets(painter):
    return FrameTargets(IMAGE, painter.prepare([IMAGE[:24, :24]], [1.0]))


def test_painting_has_the_size_type_and_range_of_the_content(painter, targets):
    painted = painter.paint(targets, iterations=1, monitor=Monitor())
    assert (painted.image.shape, painted.image.dtype) == (IMAGE.shape, np.float32)
    assert painted.image.min() >= 0
    assert painted.image.max() <= 1
    assert painted.seconds >= 0
    assert painted.losses is None or painted.losses.total >= 0


def test_painting_is_the_same_each_time(painter, targets):
    first, second = (painter.paint(targets, iterations=1, monitor=Monitor()) for _ in range(2))
    np.testing.assert_array_equal(first.image, second.image)


def test_content_encoded_ahead_changes_nothing(painter, targets):
    ahead = FrameTargets(targets.content, targets.style, features=painter.encode_content(IMAGE))
    first, second = (painter.paint(each, iterations=1, monitor=Monitor()).image for each in (targets, ahead))
    np.testing.assert_array_equal(first, second)


def test_warm_start_is_taken_or_ignored_as_the_painter_says(painter, targets):
    anchor = 1 - IMAGE
    start = WarmStart(anchor, anchor, np.ones(IMAGE.shape[:2], np.float32))
    cold = painter.paint(targets, iterations=1, monitor=Monitor()).image
    warm = painter.paint(targets, start, iterations=1, monitor=Monitor()).image
    assert (np.abs(cold - warm).max() > 0) == painter.uses_predecessors


def test_tiles_of_a_painter_without_any_are_left_alone(painter):
    painter.set_tile_size(None)
    assert painter.use_smaller_tiles(32, 48) is None or painter.uses_style
