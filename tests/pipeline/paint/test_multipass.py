import numpy as np
import pytest
from support.fakes import FakePainter
from support.shots import FRAMES, Stage

from vidstyle.errors import Interrupted
from vidstyle.events import FrameDone, PassStarted, StopRequest
from vidstyle.media.frame_png import read_frame
from vidstyle.motion.flow import find_motion
from vidstyle.motion.stability import warping_error

pytestmark = pytest.mark.usefixtures("promptly")


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Paint the same film without an interruption."""
    stage = Stage(tmp_path_factory.mktemp("whole"))
    stage.paint()
    return stage


WAYS = [{"passes": 2}, {"passes": 3}, {"distances": (1, 2, 4)}, {"passes": 2, "distances": (1, 3)}]


def order(passes):
    return [index for number in range(passes) for index in list(range(FRAMES))[:: -1 if number % 2 else 1]]


@pytest.mark.parametrize("passes", [1, 2, 3])
def test_passes_alternate_in_direction_and_report_each_frame_once_in_order(tmp_path, passes):
    stage = Stage(tmp_path, passes=passes)
    stage.paint()
    assert stage.painter.painted == order(passes)
    assert stage.done == [(index, False) for index in range(FRAMES)]
    assert len(stage.bytes) == FRAMES


def test_each_of_several_passes_is_announced(tmp_path):
    stage = Stage(tmp_path, passes=2)
    stage.paint()
    announced = [event for event in stage.events if isinstance(event, PassStarted)]
    assert announced == [PassStarted(5, 0, FRAMES, 1, 2), PassStarted(5, 0, FRAMES, 2, 2)]


def test_backward_pass_starts_each_frame_from_the_next_one(tmp_path):
    stage = Stage(tmp_path, passes=2)
    stage.paint()
    last_of_shot, before_it = (given.start for given in stage.painter.given[FRAMES : FRAMES + 2])
    assert last_of_shot.trust is None
    # The film moves to the left: content at its left edge is outside the next frame, so it has no trust.
    trust = before_it.trust
    assert trust[:, 0].max() < 0.5
    assert trust[:, 10:30].min() > 0.5
    next_one = read_frame(stage.work.frame(FRAMES - 1))
    np.testing.assert_allclose(before_it.warped[5:25, 10:30], next_one[5:25, 8:28], atol=0.02)


def test_backward_last_pass_is_measured_as_a_forward_one(tmp_path):
    stage = Stage(tmp_path, passes=2)
    stage.paint()
    images = [read_frame(stage.work.frame(index)) for index in range(FRAMES)]
    figures = [event for event in stage.events if isinstance(event, FrameDone)]
    assert figures[0].warping_error is None
    for index in range(1, FRAMES):
        motion = find_motion(stage.images[index - 1], stage.images[index])
        error = warping_error(images[index - 1], images[index], motion)
        assert figures[index].warping_error == pytest.approx(error, rel=1e-3)
        floor = warping_error(stage.images[index - 1], stage.images[index], motion)
        assert figures[index].warping_error_source == pytest.approx(floor, rel=1e-3)
    assert {event.iterations for event in figures} == {4}


@pytest.mark.parametrize("ways", WAYS)
@pytest.mark.parametrize("after", [1, 3, FRAMES, FRAMES + 1, FRAMES + 4, 2 * FRAMES - 1])
def test_run_stopped_in_any_pass_goes_on_to_the_same_bytes(tmp_path, ways, after):
    whole = Stage(tmp_path / "whole", **ways)
    whole.paint()
    expected = order(ways.get("passes", 1))
    after = min(after, len(expected) - 1)
    stage = Stage(tmp_path / "stopped", **ways)
    count = iter(range(100))
    stage.painter.before = lambda *_: next(count) == after - 1 and stage.stop()
    with pytest.raises(Interrupted):
        stage.paint()
    stage.stop = StopRequest()
    stage.painter = FakePainter(stage.images)
    stage.paint()
    assert stage.painter.painted == expected[after:]
    assert [index for index, _ in stage.done] == list(range(FRAMES))
    assert stage.bytes == whole.bytes


def test_frames_of_earlier_passes_are_removed_when_the_shot_is_done(tmp_path):
    stage = Stage(tmp_path, passes=3)
    stage.paint()
    assert sorted(path.name for path in stage.work.path.rglob("*.png")) == sorted(stage.bytes)
