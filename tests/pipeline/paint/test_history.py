import numpy as np
import pytest
from support.fakes import FakePainter
from support.shots import FRAMES, Stage, living_threads, moving_texture

from vidstyle.errors import Interrupted
from vidstyle.events import StopRequest
from vidstyle.media.frame_png import read_frame
from vidstyle.motion.flow import find_motion
from vidstyle.motion.warp import warp
from vidstyle.neural.objective.style_targets import Region
from vidstyle.pipeline.flow_source import ComputedFlow
from vidstyle.pipeline.paint.scales import Scale
from vidstyle.pipeline.paint.targets import TargetSource

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


@pytest.mark.parametrize(
    "lost", [[0], [1], [7], [0, 1, 2], [3], [3, 4], [2, 5], [1, 3, 5, 7], [0, 7], list(range(8))]
)
def test_lost_frames_alone_are_painted_again_to_the_same_bytes(tmp_path, whole, lost):
    stage = Stage(tmp_path)
    stage.paint()
    stage.lose(*lost)
    stage.painter.painted.clear()
    stage.paint()
    assert stage.painter.painted == lost
    assert stage.done == [(index, index not in lost) for index in range(FRAMES)]
    assert stage.bytes == whole.bytes


@pytest.mark.parametrize("after", range(1, FRAMES))
def test_run_stopped_after_any_frame_goes_on_to_the_same_bytes(tmp_path, whole, after):
    stage = Stage(tmp_path)
    stage.painter.before = lambda index, _: index == after - 1 and stage.stop()
    with pytest.raises(Interrupted):
        stage.paint()
    # The frame at hand was finished, and none begun after it.
    assert stage.painter.painted == list(range(after))
    assert stage.done == [(index, False) for index in range(after)]
    assert not living_threads()
    stage.stop = StopRequest()
    stage.painter = FakePainter(stage.images)
    stage.paint()
    assert stage.painter.painted == list(range(after, FRAMES))
    assert stage.done == [(index, index < after) for index in range(FRAMES)]
    assert stage.bytes == whole.bytes


def test_references_reach_further_back_as_soon_as_there_are_frames(tmp_path):
    stage = Stage(tmp_path, distances=(1, 2, 4))
    asked = []

    class Asked(ComputedFlow):
        def pair(self, previous_index, current_index, previous, current):
            asked.append((previous_index, current_index))
            return super().pair(previous_index, current_index, previous, current)

    stage.flow = Asked()
    stage.paint()
    expected = [(index - back, index) for index in range(FRAMES) for back in (1, 2, 4) if back <= index]
    assert asked == expected


class Growing:
    """A mask that covers ten more columns in each frame."""

    moves = True

    def regions(self, index):
        plane = np.zeros((30, 40), np.float32)
        plane[:, : 10 * (index + 1)] = 1
        return [plane]

    def protected(self, _index):
        return None


def test_pixels_that_come_under_a_mask_are_painted_as_new(tmp_path):
    stage = Stage(tmp_path, moving_texture(2, shift_px=0))
    stage.targets = TargetSource((Region(()),), Scale(40, 30, 1), masks=Growing())
    stage.paint()
    start = stage.painter.given[1].start
    painted, source = read_frame(stage.work.frame(0)), stage.images[1]
    new, old = np.s_[:, 11:19], np.s_[:, :9]
    assert start.trust[old].min() > 0.9
    np.testing.assert_allclose(start.image[old], painted[old], atol=1e-3)
    assert start.trust[new].max() < 0.05
    assert np.corrcoef(start.image[new].ravel(), source[new].ravel())[0, 1] > 0.95
    assert start.trust[:, 22:].min() > 0.9


def to_and_fro():
    """Three frames of a place, three of another, and three of the first again."""
    here, there = moving_texture(6), [image[::-1, ::-1] * np.float32(0.4) for image in moving_texture(3, 2)]
    return [*here[:3], *map(np.ascontiguousarray, there), *here[3:]]


def paint_to_and_fro(stage):
    for start, ends in ((0, ()), (3, (2,)), (6, (2, 5))):
        stage.paint(start, start + 3, ends)
    return stage.painter.given


def test_shot_that_returns_to_a_place_starts_from_its_painting(tmp_path):
    stage = Stage(tmp_path, to_and_fro())
    given = paint_to_and_fro(stage)
    assert given[3].start is None
    back = given[6].start
    assert back.trust.mean() > 0.6
    motion = find_motion(stage.images[2], stage.images[6])
    carried = warp(read_frame(stage.work.frame(2)), motion.backward_flow)
    trusted = motion.trust > 0.99
    np.testing.assert_allclose(back.warped[trusted], carried[trusted], atol=1e-5)


def test_recurring_shot_resumes_to_the_same_bytes(tmp_path):
    whole, stage = Stage(tmp_path / "whole", to_and_fro()), Stage(tmp_path / "cut", to_and_fro())
    for each in (whole, stage):
        each.output.parent.mkdir(exist_ok=True)
        paint_to_and_fro(each)
    stage.lose(6, 7, 8)
    stage.paint(6, 9, (2, 5))
    assert stage.bytes == whole.bytes


@pytest.mark.parametrize(
    "more", [{"seed": 1}, {"start": np.zeros((30, 40, 3), np.float32)}, {"skips_warp": True}]
)
def test_shot_with_an_initial_image_of_its_own_does_not_recur(tmp_path, more):
    stage = Stage(tmp_path, to_and_fro())
    stage.targets = TargetSource(object(), Scale(40, 30, 1), **more)
    assert paint_to_and_fro(stage)[6].start is None
