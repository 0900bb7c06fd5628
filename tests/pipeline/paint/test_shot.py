import numpy as np
import pytest
from support.shots import FRAMES, Stage, living_threads, moving_texture

from vidstyle.errors import PainterError
from vidstyle.events import FrameDone
from vidstyle.media.frame_png import quantize, read_frame
from vidstyle.pipeline.paint.targets import TargetSource
from vidstyle.pipeline.painters.copying import CopyingPainter

pytestmark = pytest.mark.usefixtures("promptly")


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same film, painted in one go."""
    stage = Stage(tmp_path_factory.mktemp("whole"))
    stage.paint()
    return stage


def test_every_frame_is_painted_and_reported_in_order(stage):
    stage.paint()
    assert stage.painter.painted == list(range(FRAMES))
    assert stage.done == [(index, False) for index in range(FRAMES)]
    assert stage.finished == list(range(FRAMES))
    assert not living_threads()


def test_first_frame_has_no_warm_start(stage):
    stage.paint()
    first, *others = stage.painter.given
    assert (first.start, first.iterations) == (None, 1)
    assert all(given.start.is_temporal and given.iterations is None for given in others)


def test_frame_starts_from_its_predecessor_as_stored_and_warped(stage):
    stage.paint()
    stored = read_frame(stage.work.frame(2))
    start = stage.painter.given[3].start
    warped, trust = start.warped, start.trust
    # The texture moves by two pixels to the left.
    assert np.abs(warped[6:-6, 6:30] - stored[6:-6, 8:32]).mean() < 0.01
    assert trust[6:-6, 6:30].mean() > 0.9


def test_frame_starts_with_the_hessian_scale_of_its_predecessor(stage):
    stage.paint()
    scales = [given.start.hessian_scale for given in stage.painter.given[1:4]]
    third = np.float32(1 / 3)
    assert scales == pytest.approx([third, third * 1.9, third * 2.71])


def test_first_frame_of_any_shot_has_no_warm_start(stage):
    stage.paint(3, 6)
    assert stage.painter.painted == [3, 4, 5]
    assert stage.painter.given[0].start is None
    assert sorted(stage.bytes) == ["000003.png", "000004.png", "000005.png"]
    assert stage.opened == [3, "closed"]


def test_single_frame_is_a_shot(tmp_path):
    stage = Stage(tmp_path, moving_texture(1))
    stage.paint()
    assert stage.done == [(0, False)]


def test_copying_painter_copies_the_source(tmp_path):
    stage = Stage(tmp_path, painter=lambda _images: CopyingPainter())
    stage.paint()
    for index, image in enumerate(stage.images):
        np.testing.assert_array_equal(read_frame(stage.work.frame(index)), quantize(image))
    copied = [event for event in stage.events if isinstance(event, FrameDone)]
    assert all(event.loss is None and event.iterations == 0 for event in copied)
    # A copy moves as its source does.
    assert [event.warping_error for event in copied[1:]] == pytest.approx(
        [event.warping_error_source for event in copied[1:]], rel=0.01
    )


def test_warping_errors_are_unknown_for_the_first_frame_alone(whole):
    errors = [(event.warping_error, event.warping_error_source) for event in whole.events]
    assert errors[0] == (None, None)
    assert all(error > 0 and floor > 0 for error, floor in errors[1:])


def test_finished_film_is_not_opened(stage):
    stage.paint()
    stage.opened.clear()
    stage.paint()
    assert stage.opened == []
    assert stage.done == [(index, True) for index in range(FRAMES)]


def test_error_of_the_painter_is_raised(stage):
    def fail(index, _report):
        if index == 2:
            raise PainterError("no memory left")

    stage.painter.before = fail
    with pytest.raises(PainterError):
        stage.paint()
    assert stage.finished in ([0], [0, 1])
    assert stage.opened == [0, "closed"]
    assert not living_threads()


def test_duplicate_frame_is_painted_where_targets_change(tmp_path, monkeypatch):
    images = moving_texture(2)
    images = [images[0], images[0].copy(), images[1]]
    monkeypatch.setattr(TargetSource, "is_constant", False)
    stage = Stage(tmp_path, images)
    stage.paint()
    assert stage.painter.painted == [0, 1, 2]
