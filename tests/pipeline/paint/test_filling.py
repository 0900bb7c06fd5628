import time
from dataclasses import replace

import numpy as np
import pytest
from support.shots import FRAMES, Stage, moving_texture

from vidstyle.errors import Interrupted
from vidstyle.events import FrameDone, StopRequest
from vidstyle.media.frame_png import read_frame
from vidstyle.motion.flow import find_motion
from vidstyle.motion.stability import warping_error
from vidstyle.pipeline.paint import filling
from vidstyle.pipeline.paint.multipass import paint_passes
from vidstyle.pipeline.work.workdir import Workdir

pytestmark = pytest.mark.usefixtures("promptly")

KEYFRAMES = 0, 4, 7
BETWEEN = 1, 2, 3, 5, 6
PASSES = pytest.mark.parametrize("passes", [1, 2])


def paint(stage):
    stage.done, stage.events = [], []
    with Workdir(stage.output, "key") as work:
        stage.work = work
        paint_passes(stage.context(work), 0, FRAMES, None, KEYFRAMES)


def painted_in(folder, images=None, passes=1):
    stage = Stage(folder, images, passes=passes)
    paint(stage)
    return stage


@pytest.fixture(scope="module")
def wholes(tmp_path_factory):
    """The film, painted without an interruption, by the number of passes."""
    return {passes: painted_in(tmp_path_factory.mktemp("whole"), passes=passes) for passes in (1, 2)}


def kinds(stage):
    return [stage.work.get(index).metrics["kind"] for index in range(FRAMES)]


def result(stage, index):
    return read_frame(stage.work.frame(index))


def figures(stage):
    """Errors of all frames of the result and of its source, as they are reported."""
    done = [event for event in stage.events if isinstance(event, FrameDone)]
    return [(event.warping_error, event.warping_error_source) for event in done]


@PASSES
def test_frames_between_keyframes_are_filled_and_only_keyframes_painted(wholes, passes):
    whole = wholes[passes]
    assert kinds(whole) == ["filled" if index in BETWEEN else "painted" for index in range(FRAMES)]
    assert whole.painter.painted == [0, 4, 7, 7, 4, 0][: 3 * passes]
    assert len(whole.bytes) == FRAMES
    for index in range(FRAMES):
        metrics = whole.work.get(index).metrics
        assert metrics["iterations"] == (0 if index in BETWEEN else 2 * passes)
        assert (metrics["loss"] is None) == (index in BETWEEN)


@PASSES
def test_frames_are_reported_once_in_the_order_of_the_film(wholes, passes):
    assert wholes[passes].done == [(index, False) for index in range(FRAMES)]


def test_filled_frames_are_reported_while_the_next_keyframe_is_painted(tmp_path):
    stage, reported = Stage(tmp_path), {}

    def before(index, report):
        deadline = time.monotonic() + 10
        # They are saved in the background.
        while len(stage.done) < {0: 0, 4: 1, 7: 5}[index] and time.monotonic() < deadline:
            report()
            time.sleep(0.01)
        reported[index] = [each for each, _ in stage.done]

    stage.painter.before = before
    paint(stage)
    assert reported == {0: [], 4: [0], 7: [0, 1, 2, 3, 4]}


@PASSES
def test_filled_frame_resembles_the_keyframes_moved(wholes, passes):
    whole = wholes[passes]
    # It moves to the left by 2 pixels per frame.
    for index, start, end in ((1, 0, 4), (3, 0, 4), (5, 4, 7), (6, 4, 7)):
        first, last, now = (result(whole, each)[4:26] for each in (start, end, index))
        behind, ahead = 2 * (index - start), 2 * (end - index)
        inside = np.s_[:, 12:28]
        moved = [np.roll(first, -behind, axis=1)[inside], np.roll(last, ahead, axis=1)[inside]]
        share = (index - start) / (end - start)
        expected = (1 - share) * moved[0] + share * moved[1]
        assert np.abs(now[inside] - expected).mean() < 0.01
        assert np.abs(now[inside] - first[inside]).mean() > 0.05


@PASSES
def test_every_frame_but_the_first_is_compared_with_the_one_before_it(wholes, passes):
    whole = wholes[passes]
    first, *others = figures(whole)
    assert first == (None, None)
    for index, found in enumerate(others, 1):
        motion = find_motion(whole.images[index - 1], whole.images[index])
        pairs = (result(whole, index - 1), result(whole, index)), whole.images[index - 1 : index + 1]
        assert found == pytest.approx([warping_error(*pair, motion) for pair in pairs], rel=1e-3)


@PASSES
@pytest.mark.parametrize("lost", [(2,), (5, 6), (4,), (7, 2), (0, 4, 7)])
def test_lost_frames_become_the_same_again(tmp_path, wholes, passes, lost):
    stage = painted_in(tmp_path, passes=passes)
    stage.lose(*lost)
    paint(stage)
    assert stage.bytes == wholes[passes].bytes
    assert kinds(stage) == kinds(wholes[passes])


@PASSES
@pytest.mark.parametrize("lost", [(2,), (4,), (0, 7)])
def test_all_frames_are_reported_again_with_their_errors_when_some_were_lost(tmp_path, wholes, passes, lost):
    stage = painted_in(tmp_path, passes=passes)
    stage.lose(*lost)
    paint(stage)
    assert [index for index, _ in stage.done] == list(range(FRAMES))
    again = {index for index, is_resumed in stage.done if not is_resumed}
    assert set(lost) <= again <= {*lost, *BETWEEN}  # All frames between two keyframes are filled together.
    assert figures(stage) == [pytest.approx(pair) for pair in figures(wholes[passes])]


def test_lost_filled_frame_is_filled_again_without_painting(tmp_path):
    stage = painted_in(tmp_path)
    stage.painter.painted.clear()
    stage.lose(2, 6)
    paint(stage)
    assert stage.painter.painted == []


def test_painted_frame_that_a_stop_left_uncompared_is_compared_later(tmp_path, wholes):
    stage = painted_in(tmp_path)
    with Workdir(stage.output, "key") as work:
        record = work.get(4)
        metrics = {**record.metrics, "warping_error": None, "warping_error_source": None}
        work.record(replace(record, metrics=metrics), shot_start=0)
    stage.lose(6)
    paint(stage)
    assert figures(stage) == [pytest.approx(pair) for pair in figures(wholes[1])]
    assert stage.bytes == wholes[1].bytes


@PASSES
@pytest.mark.parametrize("count", [1, 2, 4])
def test_run_stopped_while_painting_goes_on_to_the_same_bytes(tmp_path, wholes, passes, count):
    stage = Stage(tmp_path, passes=passes)
    left = iter(range(100))
    stage.painter.before = lambda *_: (
        next(left) == min(count, 3 * passes - 1) and (stage.stop(), stage.stop())
    )
    with pytest.raises(Interrupted):
        paint(stage)
    before = list(stage.painter.painted)
    stage.stop, stage.painter.before = StopRequest(), lambda *_: None
    paint(stage)
    assert before + stage.painter.painted[len(before) :] == wholes[passes].painter.painted
    assert [index for index, _ in stage.done] == list(range(FRAMES))
    assert figures(stage) == [pytest.approx(pair) for pair in figures(wholes[passes])]
    assert stage.bytes == wholes[passes].bytes


@PASSES
@pytest.mark.parametrize("stopped_at", [1, 4])
def test_run_stopped_while_filling_goes_on_to_the_same_bytes(
    tmp_path, wholes, monkeypatch, passes, stopped_at
):
    stage, calls, fill = Stage(tmp_path, passes=passes), [], filling.fill

    def counted(*arguments):
        calls.append(arguments)
        if len(calls) == stopped_at:
            stage.stop()
        return fill(*arguments)

    monkeypatch.setattr(filling, "fill", counted)
    with pytest.raises(Interrupted):
        paint(stage)
    assert len(calls) <= stopped_at
    stage.stop = StopRequest()
    paint(stage)
    assert [index for index, _ in stage.done] == list(range(FRAMES))
    assert figures(stage) == [pytest.approx(pair) for pair in figures(wholes[passes])]
    assert stage.painter.painted == wholes[passes].painter.painted
    assert stage.bytes == wholes[passes].bytes


@pytest.mark.parametrize(("passes", "copied", "original"), [(1, 2, 1), (1, 5, 4), (2, 2, 3), (2, 3, 4)])
def test_frame_that_the_source_repeats_is_repeated_exactly(tmp_path, passes, copied, original):
    images = moving_texture()
    images[copied] = images[original].copy()
    stage = painted_in(tmp_path, images, passes)
    np.testing.assert_array_equal(result(stage, copied), result(stage, original))
    errors = figures(stage)[max(copied, original)]
    assert errors == pytest.approx((0, 0), abs=1e-9)
    assert kinds(stage)[copied] == "held"


def test_still_film_is_one_painting(tmp_path):
    images = [image.copy() for image in [moving_texture()[0]] * FRAMES]
    stage = painted_in(tmp_path, images)
    assert stage.painter.painted == [0]
    assert len(set(stage.bytes.values())) == 1
    assert [kinds(stage)[index] for index in KEYFRAMES] == ["painted", "held", "held"]


@pytest.fixture
def all_repaired(monkeypatch):
    """Repair every frame, however little is unseen."""
    monkeypatch.setattr(filling, "REPAIR_SHARE", -1)


@pytest.mark.usefixtures("all_repaired")
@pytest.mark.parametrize(
    ("passes", "order"), [(1, [0, 4, 1, 2, 3, 7, 5, 6]), (2, [0, 4, 7, 7, 4, 6, 5, 0, 3, 2, 1])]
)
def test_frame_with_much_unseen_is_repaired_from_what_is_filled(tmp_path, wholes, passes, order):
    stage = painted_in(tmp_path, passes=passes)
    assert kinds(stage) == ["repaired" if index in BETWEEN else "painted" for index in range(FRAMES)]
    assert stage.painter.painted == order
    assert stage.done == [(index, False) for index in range(FRAMES)]
    given = dict(zip(order[3 * (passes - 1) :], stage.painter.given[3 * (passes - 1) :], strict=True))
    for index in BETWEEN:
        start = given[index].start
        assert given[index].iterations == filling.REPAIR_ITERATIONS
        assert 0.99 < start.trust.mean() <= 1  # All is seen here, and held.
        np.testing.assert_array_equal(start.image, start.warped)
        assert np.abs(start.image - result(wholes[passes], index)).max() < 1e-4
        assert np.abs(start.image - result(stage, index)).max() > 0.01
        assert stage.work.get(index).metrics["iterations"] == 2
        assert stage.work.get(index).metrics["loss"] is not None


@pytest.mark.usefixtures("all_repaired")
@pytest.mark.parametrize("lost", [(2,), (1, 2, 3), (5, 7)])
def test_repaired_frame_that_is_lost_becomes_the_same_again(tmp_path, lost):
    whole, stage = painted_in(tmp_path / "whole"), painted_in(tmp_path / "lost")
    stage.lose(*lost)
    paint(stage)
    assert stage.bytes == whole.bytes
    assert kinds(stage) == kinds(whole)


def test_only_a_frame_with_enough_unseen_is_repaired_and_only_there(tmp_path, monkeypatch):
    monkeypatch.setattr(filling, "REPAIR_SHARE", 0.04)
    images, flash = moving_texture(), np.s_[10:20, 15:25]
    images[5][flash] = 1 - np.round(images[5][flash])
    stage = painted_in(tmp_path, images)
    assert [index for index, kind in enumerate(kinds(stage)) if kind == "repaired"] == [5]
    trust = stage.painter.given[stage.painter.painted.index(5)].start.trust
    assert trust[flash].mean() < 0.2
    assert trust[:6].mean() > 0.95
