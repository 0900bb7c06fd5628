import threading
import time
from contextlib import contextmanager

import cv2
import numpy as np
import pytest

from vidstyle.errors import DecodeError, DeviceFullError, Interrupted, OutputError, PainterError, WorkdirError
from vidstyle.events import FrameDone, Iterated, Losses, Notice, PassStarted, StopRequest
from vidstyle.media.frame_png import quantize, read_frame
from vidstyle.motion.flow import find_motion
from vidstyle.motion.stability import warping_error
from vidstyle.motion.warp import warp
from vidstyle.neural.objective.style_targets import Region
from vidstyle.neural.optimize.monitor import Progress
from vidstyle.neural.result import Painted
from vidstyle.options.groups import MotionOptions, PaintOptions
from vidstyle.options.values import TemporalFrames
from vidstyle.pipeline.flow_source import ComputedFlow
from vidstyle.pipeline.paint.painting import DEPTH
from vidstyle.pipeline.paint.scales import Scale
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.paint.shot import paint_shot
from vidstyle.pipeline.paint.targets import TargetSource
from vidstyle.pipeline.results import Stages
from vidstyle.pipeline.work.workdir import Workdir

pytestmark = pytest.mark.usefixtures("promptly")

FRAMES = 8


def film(frames=FRAMES, shift_px=2):
    """A texture that moves to the left, and uncovers more of itself at the right."""
    rough = np.random.default_rng(3).random((30, 200, 3), np.float32)
    texture = np.clip(cv2.GaussianBlur(rough, (0, 0), 1.5) * 3 - 1, 0, 1)
    return [np.ascontiguousarray(texture[:, t * shift_px : t * shift_px + 40]) for t in range(frames)]


class Painter:
    """Stands in for the real one: its picture depends on everything that it is handed."""

    def __init__(self, images):
        self.images, self.painted, self.handed, self.before = images, [], [], lambda _index, _report: None
        self.looked, self.seen = [], []
        self.options = PaintOptions()

    def encode_content(self, content):
        self.looked.append(self._index(content))
        return self.looked[-1]

    def _index(self, content):
        return next(number for number, image in enumerate(self.images) if image is content)

    def paint(self, content, _style, *, on_progress, should_stop, seen=None, **handed):
        index = self._index(content)
        assert seen in (None, index)
        self.seen.append(seen)
        progress = Progress(iteration=1, iterations=2, loss=3.0, seconds=0.5, steps=1, left=1)
        self.before(index, lambda: on_progress(progress))
        if should_stop():
            raise Interrupted("now")
        self.painted.append(index)
        self.handed.append(handed)
        image = 0.5 * content + 0.4 * handed.get("start", content)
        for name in ("warped", "trust"):
            if handed.get(name) is not None:
                value = handed[name]
                image = image + 0.02 * (value if value.ndim == 3 else value[..., None])
        gamma = float(np.float32(0.9) * np.float32(handed.get("gamma", 0.0)) + np.float32(1 / 3))
        standard = sum(handed.get("standard") or (0.0,))
        image = np.clip(image + 0.01 * np.sin(gamma + standard + handed.get("firmness", 1.0)), 0, 1).astype(
            np.float32
        )
        losses = Losses(content=float(image[0, 0, 0]), style=float(image[1, 1, 1]), tv=0.0, temporal=0.0)
        reached = losses["content"], losses["style"]
        return Painted(image, lambda: losses, 2, 0, gamma, 0.25, reached)


class Stage:
    """A film, a painter and a work folder, and what came of them."""

    def __init__(self, folder, images=None, painter=Painter, *, passes=1, distances=(1,)):
        self.images = images or film()
        self.output = folder / "out.mp4"
        self.painter = painter and painter(self.images)
        self.opened, self.read, self.events, self.done = [], [], [], []
        self.stop, self.stages = StopRequest(), Stages()
        self.on_done = lambda _figures: None
        self.flows = ComputedFlow()
        self.read_error = {}
        self.motion = MotionOptions(passes=passes, temporal_frames=TemporalFrames(distances))
        self.guide = TargetSource(object(), Scale(40, 30, 1))

    @contextmanager
    def source(self, index):
        def frames():
            for number in range(index, len(self.images)):
                if error := self.read_error.get(number):
                    raise error
                self.read.append(number)
                yield self.images[number]

        self.opened.append(index)
        try:
            yield frames()
        finally:
            self.opened.append("closed")

    def paint(self, start=0, stop=None, ends=()):
        def done(figures):
            self.done.append((figures.index, figures.resumed))
            self.events.append(figures.event(5, start))
            self.on_done(figures)

        self.done = []
        with Workdir(self.output, "key") as work:
            self.work = work
            session = JobContext(
                5,
                start,
                work,
                self.painter,
                self.guide,
                self.events.append,
                self.stop,
                done,
                self.flows,
                self.motion,
            )
            paint_shot(session, self.source, start, stop or len(self.images), self.stages, ends)

    def lose(self, *indices):
        for index in indices:
            self.work.frame(index).write_bytes(b"damaged")

    @property
    def bytes(self):
        return {path.name: path.read_bytes() for path in self.work.frames.iterdir()}

    @property
    def finished(self):
        with Workdir(self.output, "key") as work:
            return [index for index in range(len(self.images)) if work.finished(index)]


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same film, painted in one go."""
    stage = Stage(tmp_path_factory.mktemp("whole"))
    stage.paint()
    return stage


def alive():
    return [t for t in threading.enumerate() if t.name.startswith(("decode", "flow", "look", "save"))]


def test_frames_that_are_carried_on_were_looked_at_ahead(whole):
    assert whole.painter.seen == [None, *range(1, FRAMES)]
    assert whole.painter.looked == [*range(1, FRAMES)]


def test_what_is_not_painted_is_not_looked_at(tmp_path):
    images = film(3)
    stage = Stage(tmp_path, [images[0], images[0].copy(), images[1], images[2]])
    stage.paint(stop=3)
    assert stage.painter.looked == [2]
    stage.painter.looked.clear()
    stage.paint()
    assert stage.painter.looked == [3]


class Full(Painter):
    """One whose device is full at the fourth frame, until it takes windows."""

    side_px = None

    def use_smaller_tiles(self, _height, _width):
        self.side_px = 256
        return self.side_px

    def paint(self, content, style, **handed):
        if content is self.images[3] and not self.side_px:
            raise DeviceFullError("It is full.")
        return super().paint(content, style, **handed)


def test_a_device_that_is_full_is_said_and_noted_and_the_frame_painted_again(tmp_path, whole):
    stage = Stage(tmp_path, painter=Full)
    stage.paint()
    assert stage.bytes == whole.bytes
    (notice,) = [event.message for event in stage.events if isinstance(event, Notice)]
    assert notice == (
        "The device has too little memory for 40 x 30 pixels at once; painting goes on in windows of 256."
    )
    assert stage.work.tile_px == 256


def test_every_frame_is_painted_in_order_and_told_of(stage):
    stage.paint()
    assert stage.painter.painted == list(range(FRAMES))
    assert stage.done == [(index, False) for index in range(FRAMES)]
    assert stage.finished == list(range(FRAMES))
    assert not alive()


def test_nothing_is_carried_into_the_first_frame(stage):
    stage.paint()
    first, *others = stage.painter.handed
    assert first["iterations"] == 1
    assert {"start", "warped", "trust", "gamma"}.isdisjoint(first)
    assert all({"start", "warped", "trust", "gamma"} <= set(handed) for handed in others)


def test_a_frame_is_handed_its_predecessor_as_it_is_stored_carried_along(stage):
    stage.paint()
    stored = read_frame(stage.work.frame(2))
    warped, trust = stage.painter.handed[3]["warped"], stage.painter.handed[3]["trust"]
    # The texture moves by two pixels to the left.
    assert np.abs(warped[6:-6, 6:30] - stored[6:-6, 8:32]).mean() < 0.01
    assert trust[6:-6, 6:30].mean() > 0.9


def test_a_frame_is_handed_what_its_predecessor_found_of_the_curvature(stage):
    stage.paint()
    gammas = [handed["gamma"] for handed in stage.painter.handed[1:4]]
    third = np.float32(1 / 3)
    assert gammas == pytest.approx([third, third * 1.9, third * 2.71])


def test_a_shot_begins_anew_wherever_it_lies(stage):
    stage.paint(3, 6)
    assert stage.painter.painted == [3, 4, 5]
    assert {"start", "warped", "trust", "gamma"}.isdisjoint(stage.painter.handed[0])
    assert sorted(stage.bytes) == ["000003.png", "000004.png", "000005.png"]
    assert stage.opened == [3, "closed"]


def test_events_count_from_the_start_of_the_job(stage):
    stage.painter.before = lambda _index, report: report()
    stage.paint(3, 5)
    assert [(event.job, event.frame) for event in stage.events if isinstance(event, Iterated)] == [
        (5, 0),
        (5, 1),
    ]
    assert [(event.frame, event.index) for event in stage.events if isinstance(event, FrameDone)] == [
        (0, 3),
        (1, 4),
    ]


def test_a_frame_alone_is_a_shot(tmp_path):
    stage = Stage(tmp_path, film(1))
    stage.paint()
    assert stage.done == [(0, False)]


def test_without_a_painter_the_source_is_copied(tmp_path):
    stage = Stage(tmp_path, painter=None)
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


@pytest.mark.parametrize(
    "lost", [[0], [1], [7], [0, 1, 2], [3], [3, 4], [2, 5], [1, 3, 5, 7], [0, 7], list(range(8))]
)
def test_lost_frames_alone_are_painted_again_and_come_out_the_same(tmp_path, whole, lost):
    stage = Stage(tmp_path)
    stage.paint()
    stage.lose(*lost)
    stage.painter.painted.clear()
    stage.paint()
    assert stage.painter.painted == lost
    assert stage.done == [(index, index not in lost) for index in range(FRAMES)]
    assert stage.bytes == whole.bytes


@pytest.mark.parametrize("after", range(1, FRAMES))
def test_a_run_stopped_after_any_frame_goes_on_to_the_same_bytes(tmp_path, whole, after):
    stage = Stage(tmp_path)
    stage.painter.before = lambda index, _: index == after - 1 and stage.stop()
    with pytest.raises(Interrupted):
        stage.paint()
    # The frame at hand was finished, and none begun after it.
    assert stage.painter.painted == list(range(after))
    assert stage.done == [(index, False) for index in range(after)]
    assert not alive()
    stage.stop = StopRequest()
    stage.painter = Painter(stage.images)
    stage.paint()
    assert stage.painter.painted == list(range(after, FRAMES))
    assert stage.done == [(index, index < after) for index in range(FRAMES)]
    assert stage.bytes == whole.bytes


def test_figures_of_a_resumed_frame_are_those_of_its_painting(tmp_path, whole):
    stage = Stage(tmp_path)
    stage.paint()
    stage.events.clear()
    stage.paint()
    assert [(e.loss, e.warping_error, e.seconds) for e in stage.events] == [
        (e.loss, e.warping_error, e.seconds) for e in whole.events
    ]


def test_a_finished_film_is_not_even_opened(stage):
    stage.paint()
    stage.opened.clear()
    stage.paint()
    assert stage.opened == []
    assert stage.done == [(index, True) for index in range(FRAMES)]


def test_only_what_is_needed_is_read_again(stage):
    stage.paint()
    stage.lose(4)
    stage.read.clear()
    stage.paint()
    # The frame before, for the motion from it.
    assert stage.read == [3, 4]


def test_two_wishes_to_stop_leave_the_frame_at_hand(stage):
    def stop_twice(index, _report):
        if index == 4:
            stage.stop()
            stage.stop()

    stage.painter.before = stop_twice
    with pytest.raises(Interrupted):
        stage.paint()
    assert stage.painter.painted == [0, 1, 2, 3]
    assert not alive()


def test_a_saved_frame_is_told_of_while_the_next_is_painted(stage):
    def wait_for_the_frame_before(index, report):
        while (index - 1, False) not in stage.done and index:
            report()
            time.sleep(0.001)

    stage.painter.before = wait_for_the_frame_before
    stage.paint()
    assert stage.done == [(index, False) for index in range(FRAMES)]


def test_no_more_is_read_than_the_queues_hold(tmp_path):
    stage = Stage(tmp_path, film(40, shift_px=1))

    def look(index, _report):
        time.sleep(0.02)
        assert len(stage.read) <= index + 2 * DEPTH + 3

    stage.painter.before = look
    stage.paint(0, 20)
    assert stage.painter.painted == list(range(20))


class Wrong(Exception):  # noqa: N818
    pass


def test_an_error_of_the_source_comes_out_after_the_frames_before_it(stage):
    stage.read_error[3] = DecodeError("damaged at 0.12 s")
    with pytest.raises(DecodeError, match=r"damaged at 0\.12 s"):
        stage.paint()
    assert stage.painter.painted == [0, 1, 2]
    assert not alive()


@pytest.mark.parametrize("index", [0, 3, 7])
def test_after_an_error_of_the_source_the_run_goes_on_where_it_stopped(tmp_path, whole, index):
    stage = Stage(tmp_path)
    stage.read_error[index] = DecodeError("a disk that came loose")
    with pytest.raises(DecodeError):
        stage.paint()
    kept = stage.finished
    stage.read_error.clear()
    stage.painter.painted.clear()
    stage.paint()
    assert stage.painter.painted == [number for number in range(FRAMES) if number not in kept]
    assert stage.bytes == whole.bytes


def test_an_error_of_the_flow_comes_out(stage):
    class Failing(ComputedFlow):
        def between(self, previous_index, current_index, *images):
            if current_index == 3:
                raise Wrong
            return super().between(previous_index, current_index, *images)

    stage.flows = Failing()
    with pytest.raises(Wrong):
        stage.paint()
    assert stage.painter.painted == [0, 1, 2]
    assert not alive()


def test_an_error_of_the_painter_comes_out(stage):
    def fail(index, _report):
        if index == 2:
            raise PainterError("no memory left")

    stage.painter.before = fail
    with pytest.raises(PainterError):
        stage.paint()
    assert stage.finished in ([0], [0, 1])
    assert stage.opened == [0, "closed"]
    assert not alive()


def test_an_error_of_the_observer_comes_out(stage):
    def fail(figures):
        if figures.index == 2:
            raise Wrong

    stage.on_done = fail
    with pytest.raises(Wrong):
        stage.paint()
    assert not alive()


@pytest.mark.parametrize("written", range(8))
def test_a_full_disk_is_named_and_the_run_goes_on_to_the_same_bytes(tmp_path, whole, monkeypatch, written):
    stage, calls = Stage(tmp_path), []

    def full(_descriptor):
        calls.append(None)
        if len(calls) > written:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        # A frame is written, and then its line in the journal.
        with pytest.raises(WorkdirError if written % 2 else OutputError, match="No space left on device"):
            stage.paint()
    assert not alive()
    # A line that is not known to have reached the disk may have done so.
    assert stage.finished == list(range((written + 1) // 2))
    stage.paint()
    assert stage.bytes == whole.bytes


def test_time_is_accounted_for_even_when_the_run_is_stopped(stage):
    stage.on_done = lambda figures: figures.index == 2 and stage.stop()
    with pytest.raises(Interrupted):
        stage.paint()
    stages = stage.stages
    assert stages.paint == pytest.approx(0.25 * len(stage.painter.painted))
    assert min(stages.decode, stages.flow, stages.save, stages.wait) > 0


WAYS = [{"passes": 2}, {"passes": 3}, {"distances": (1, 2, 4)}, {"passes": 2, "distances": (1, 3)}]


def order(passes):
    return [index for number in range(passes) for index in list(range(FRAMES))[:: -1 if number % 2 else 1]]


@pytest.mark.parametrize("passes", [1, 2, 3])
def test_passes_go_forward_and_backward_in_turn_and_tell_of_each_frame_once_in_order(tmp_path, passes):
    stage = Stage(tmp_path, passes=passes)
    stage.paint()
    assert stage.painter.painted == order(passes)
    assert stage.done == [(index, False) for index in range(FRAMES)]
    assert len(stage.bytes) == FRAMES


def test_each_pass_is_announced_where_there_are_several(tmp_path):
    stage = Stage(tmp_path, passes=2)
    stage.paint()
    announced = [event for event in stage.events if isinstance(event, PassStarted)]
    assert announced == [PassStarted(5, 0, FRAMES, 1, 2), PassStarted(5, 0, FRAMES, 2, 2)]


def test_a_backward_pass_carries_each_frame_from_the_next_one(tmp_path):
    stage = Stage(tmp_path, passes=2)
    stage.paint()
    last_of_shot, before_it = stage.painter.handed[FRAMES], stage.painter.handed[FRAMES + 1]
    assert "trust" not in last_of_shot
    # The film moves to the left: what is at its left edge now has left the next frame, which cannot tell of it.
    trust = before_it["trust"]
    assert trust[:, 0].max() < 0.5
    assert trust[:, 10:30].min() > 0.5
    next_one = read_frame(stage.work.frame(FRAMES - 1))
    np.testing.assert_allclose(before_it["warped"][5:25, 10:30], next_one[5:25, 8:28], atol=0.02)


def test_a_last_pass_that_goes_backward_is_compared_as_a_forward_one_is(tmp_path):
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
def test_a_run_stopped_in_any_pass_goes_on_to_the_same_bytes(tmp_path, ways, after):
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
    stage.painter = Painter(stage.images)
    stage.paint()
    assert stage.painter.painted == expected[after:]
    assert [index for index, _ in stage.done] == list(range(FRAMES))
    assert stage.bytes == whole.bytes


def test_frames_of_earlier_passes_are_removed_when_the_shot_is_done(tmp_path):
    stage = Stage(tmp_path, passes=3)
    stage.paint()
    assert sorted(path.name for path in stage.work.path.rglob("*.png")) == sorted(stage.bytes)


def test_a_frame_is_carried_from_those_further_back_as_soon_as_there_are_any(tmp_path):
    stage = Stage(tmp_path, distances=(1, 2, 4))
    asked = []

    class Asked(ComputedFlow):
        def between(self, previous_index, current_index, previous, current):
            asked.append((previous_index, current_index))
            return super().between(previous_index, current_index, previous, current)

    stage.flows = Asked()
    stage.paint()
    expected = [(index - back, index) for index in range(FRAMES) for back in (1, 2, 4) if back <= index]
    assert asked == expected


def test_a_frame_that_equals_its_predecessor_is_painted_where_the_guide_is_not_steady(tmp_path, monkeypatch):
    images = film(2)
    images = [images[0], images[0].copy(), images[1]]
    monkeypatch.setattr(TargetSource, "steady", False)
    stage = Stage(tmp_path, images)
    stage.paint()
    assert stage.painter.painted == [0, 1, 2]


class Growing:
    """A mask that covers ten more columns in each frame."""

    moves = True

    def regions(self, index):
        plane = np.zeros((30, 40), np.float32)
        plane[:, : 10 * (index + 1)] = 1
        return [plane]

    def protected(self, _index):
        return None


def test_what_comes_under_a_mask_is_painted_as_new_and_not_held_to_what_it_was(tmp_path):
    stage = Stage(tmp_path, film(2, shift_px=0))
    stage.guide = TargetSource((Region(()),), Scale(40, 30, 1), masks=Growing())
    stage.paint()
    handed = stage.painter.handed[1]
    painted, source = read_frame(stage.work.frame(0)), stage.images[1]
    new, old = np.s_[:, 11:19], np.s_[:, :9]
    assert handed["trust"][old].min() > 0.9
    np.testing.assert_allclose(handed["start"][old], painted[old], atol=1e-3)
    assert handed["trust"][new].max() < 0.05
    assert np.corrcoef(handed["start"][new].ravel(), source[new].ravel())[0, 1] > 0.95
    assert handed["trust"][:, 22:].min() > 0.9


def to_and_fro():
    """Three frames of a place, three of another, and three of the first again."""
    here, there = film(6), [image[::-1, ::-1] * np.float32(0.4) for image in film(3, 2)]
    return [*here[:3], *map(np.ascontiguousarray, there), *here[3:]]


def paint_to_and_fro(stage):
    for start, ends in ((0, ()), (3, (2,)), (6, (2, 5))):
        stage.paint(start, start + 3, ends)
    return stage.painter.handed


def test_a_shot_that_returns_to_a_place_starts_from_its_painting(tmp_path):
    stage = Stage(tmp_path, to_and_fro())
    handed = paint_to_and_fro(stage)
    assert "warped" not in handed[3]
    back = handed[6]
    assert back["trust"].mean() > 0.6
    motion = find_motion(stage.images[2], stage.images[6])
    carried = warp(read_frame(stage.work.frame(2)), motion.backward_flow)
    trusted = motion.trust > 0.99
    np.testing.assert_allclose(back["warped"][trusted], carried[trusted], atol=1e-5)


def test_gone_on_with_after_any_frame_it_comes_to_the_same_bytes(tmp_path):
    whole, stage = Stage(tmp_path / "whole", to_and_fro()), Stage(tmp_path / "cut", to_and_fro())
    for each in (whole, stage):
        each.output.parent.mkdir(exist_ok=True)
        paint_to_and_fro(each)
    stage.lose(6, 7, 8)
    stage.paint(6, 9, (2, 5))
    assert stage.bytes == whole.bytes


@pytest.mark.parametrize(
    "more", [{"seed": 1}, {"start": np.zeros((30, 40, 3), np.float32)}, {"unmoved": True}]
)
def test_a_shot_that_is_to_begin_with_something_else_does_not_return(tmp_path, more):
    stage = Stage(tmp_path, to_and_fro())
    stage.guide = TargetSource(object(), Scale(40, 30, 1), **more)
    assert "warped" not in paint_to_and_fro(stage)[6]
