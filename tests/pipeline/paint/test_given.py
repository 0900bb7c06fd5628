from dataclasses import replace

import numpy as np
import pytest
from support.fakes import FakePainter
from support.shots import FRAMES, Stage, living_threads, moving_texture

from vidstyle.errors import Interrupted
from vidstyle.events import FrameDone, StopRequest
from vidstyle.media.frame_png import quantize, read_frame, write_frame
from vidstyle.neural.optimize.monitor import Monitor
from vidstyle.pipeline.paint.given import segments
from vidstyle.pipeline.paint.multipass import paint_passes
from vidstyle.pipeline.painters.copying import CopyingPainter
from vidstyle.pipeline.work.workdir import Workdir

pytestmark = pytest.mark.usefixtures("promptly")

KEYFRAMES = (0, 3, 7)
# As the source's fourth frame, in other colours.
PICTURE = quantize(1 - 0.8 * moving_texture()[3][..., ::-1])


class Painter(FakePainter):
    """Painter that may be called without a monitor, as the real one."""

    def paint(self, targets, start=None, *, iterations=None, monitor=None):
        return super().paint(targets, start, iterations=iterations, monitor=monitor or Monitor())


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "edited.png"
    write_frame(path, PICTURE, durable=False)
    return path


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path, painter=Painter)


def paint(stage, given, keyframes=KEYFRAMES):
    stage.done = []
    with Workdir(stage.output, "key", durable=False) as work:
        stage.work = work
        paint_passes(replace(stage.context(work), given=given), 0, FRAMES, None, keyframes)


def part(shot_pass):
    return shot_pass.start, shot_pass.stop, shot_pass.indices


@pytest.fixture(scope="module")
def whole(tmp_path_factory, picture):
    """Paint the film from its fourth frame in one go."""
    stage = Stage(tmp_path_factory.mktemp("whole"), painter=Painter)
    paint(stage, {3: picture})
    return stage


def test_picture_is_stored_as_its_frame(whole):
    np.testing.assert_array_equal(read_frame(whole.work.frame(3)), PICTURE)
    record = whole.work.get(3)
    assert (record.metrics["kind"], record.metrics["iterations"]) == ("given", 0)
    assert record.metrics["loss"]["content"] > 0


def test_picture_of_another_size_is_resized(stage, tmp_path):
    large = np.repeat(np.repeat(PICTURE, 2, axis=0), 2, axis=1)
    write_frame(tmp_path / "large.png", large, durable=False)
    paint(stage, {3: tmp_path / "large.png"})
    np.testing.assert_allclose(read_frame(stage.work.frame(3)), PICTURE, atol=1e-3)


def test_every_frame_is_made_and_reported_once_in_order(whole):
    assert whole.done == [(index, False) for index in range(FRAMES)]
    assert whole.finished == list(range(FRAMES))
    kinds = [whole.work.get(index).metrics["kind"] for index in range(FRAMES)]
    assert [kinds[index] for index in KEYFRAMES] == ["painted", "given", "painted"]
    assert {kinds[index] for index in range(FRAMES) if index not in KEYFRAMES} == {"filled"}
    assert not living_threads()


def test_painting_goes_backward_and_then_forward_from_the_picture(whole):
    # The picture itself is only evaluated.
    assert whole.painter.painted == [3, 0, 7]
    assert [given.iterations for given in whole.painter.given] == [0, None, None]


def test_neighbours_start_from_the_picture_warped(stage, picture):
    paint(stage, {3: picture}, ())
    assert stage.painter.painted == [3, 2, 1, 0, 4, 5, 6, 7]
    starts = dict(zip(stage.painter.painted, (given.start for given in stage.painter.given), strict=True))
    # The film moves to the left by two pixels.
    np.testing.assert_allclose(starts[2].warped[5:25, 10:30], PICTURE[5:25, 8:28], atol=0.05)
    np.testing.assert_allclose(starts[4].warped[5:25, 10:30], PICTURE[5:25, 12:32], atol=0.05)


def test_figures_are_those_of_the_film_in_its_own_time(whole):
    figures = [event for event in whole.events if isinstance(event, FrameDone)]
    assert [event.index for event in figures] == list(range(FRAMES))
    assert (figures[0].warping_error, figures[0].warping_error_source) == (None, None)
    assert all(event.warping_error > 0 and event.warping_error_source > 0 for event in figures[1:])


@pytest.mark.parametrize(
    ("given", "order"),
    [((0,), [0, 3, 7]), ((7,), [7, 3, 0]), ((3, 7), [3, 7, 0]), ((0, 3, 7), [0, 3, 7])],
)
def test_picture_may_be_any_keyframe(stage, picture, given, order):
    paint(stage, dict.fromkeys(given, picture))
    assert stage.painter.painted == order
    assert stage.done == [(index, False) for index in range(FRAMES)]
    for index in given:
        np.testing.assert_array_equal(read_frame(stage.work.frame(index)), PICTURE)


def test_picture_of_another_shot_changes_nothing(stage, picture):
    paint(stage, {FRAMES: picture}, ())
    assert stage.painter.painted == list(range(FRAMES))


def test_copying_painter_keeps_the_picture(tmp_path, picture):
    stage = Stage(tmp_path, painter=lambda _images: CopyingPainter())
    paint(stage, {3: picture}, ())
    for index, image in enumerate(stage.images):
        expected = PICTURE if index == 3 else quantize(image)
        np.testing.assert_array_equal(read_frame(stage.work.frame(index)), expected)


@pytest.mark.parametrize("lost", [[0], [1], [3], [5], [7], [2, 3, 4], [0, 3], list(range(FRAMES))])
def test_lost_frames_are_made_again_to_the_same_bytes(stage, picture, whole, lost):
    paint(stage, {3: picture})
    stage.lose(*lost)
    paint(stage, {3: picture})
    assert [index for index, _ in stage.done] == list(range(FRAMES))
    assert not any(resumed for index, resumed in stage.done if index in lost)
    assert stage.bytes == whole.bytes


def test_finished_shot_is_reported_and_not_opened(stage, picture):
    paint(stage, {3: picture})
    stage.opened.clear()
    paint(stage, {3: picture})
    assert stage.opened == []
    assert stage.done == [(index, True) for index in range(FRAMES)]


@pytest.mark.parametrize("during", [0, 3, 7])
def test_stopped_run_goes_on_to_the_same_bytes(stage, picture, whole, during):
    stage.painter.before = lambda index, _: index == during and stage.stop()
    with pytest.raises(Interrupted):
        paint(stage, {3: picture})
    assert not living_threads()
    stage.stop = StopRequest()
    stage.painter = Painter(stage.images)
    paint(stage, {3: picture})
    assert [index for index, _ in stage.done] == list(range(FRAMES))
    assert stage.bytes == whole.bytes


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((0,), [(0, 8, (0, 3, 5, 7))]),
        ((3,), [(0, 4, (3, 0)), (3, 8, (3, 5, 7))]),
        ((7,), [(0, 8, (7, 5, 3, 0))]),
        ((3, 5), [(0, 4, (3, 0)), (3, 6, (3, 5)), (5, 8, (5, 7))]),
        ((0, 7), [(0, 8, (0, 3, 5, 7))]),
    ],
)
def test_segment_leads_from_each_picture_to_the_next_or_to_an_end(given, expected):
    found = list(segments((0, 3, 5, 7), given, 1))
    assert [part(each) for each in found] == expected
    assert {each.journal for each in found} == {0}
    assert {each.number for each in found} == {1}


def test_segments_of_a_later_shot_share_its_journal():
    assert [each.journal for each in segments((10, 12, 15), (12,), 1)] == [10, 10]


def test_shot_of_one_frame_has_no_segment():
    assert list(segments((4,), (4,), 1)) == []
