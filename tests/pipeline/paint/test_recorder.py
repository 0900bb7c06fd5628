import time

import pytest
from support.fakes import FullPainter
from support.shots import FRAMES, Stage, living_threads

from vidstyle.errors import Interrupted, OutputError, WorkdirError
from vidstyle.events import FrameDone, Iterated, Notice
from vidstyle.pipeline.paint.recorder import resumed
from vidstyle.pipeline.results import FrameMetrics
from vidstyle.pipeline.work.frame_store import Record

pytestmark = pytest.mark.usefixtures("promptly")


class Wrong(Exception):  # noqa: N818
    pass


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same film, painted in one go."""
    stage = Stage(tmp_path_factory.mktemp("whole"))
    stage.paint()
    return stage


def test_full_device_is_reported_and_the_frame_painted_again_in_tiles(tmp_path, whole):
    stage = Stage(tmp_path, painter=FullPainter)
    stage.paint()
    assert stage.bytes == whole.bytes
    (notice,) = [event.message for event in stage.events if isinstance(event, Notice)]
    assert notice == (
        "The device has too little memory for 40 x 30 pixels at once; painting goes on in tiles of 256."
    )
    assert stage.work.tile_px == 256


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


def test_metrics_of_a_resumed_frame_are_those_of_its_painting(tmp_path, whole):
    stage = Stage(tmp_path)
    stage.paint()
    stage.events.clear()
    stage.paint()
    assert [(e.loss, e.warping_error, e.seconds) for e in stage.events] == [
        (e.loss, e.warping_error, e.seconds) for e in whole.events
    ]


def test_second_request_to_stop_leaves_the_frame_at_hand(stage):
    def stop_twice(index, _report):
        if index == 4:
            stage.stop()
            stage.stop()

    stage.painter.before = stop_twice
    with pytest.raises(Interrupted):
        stage.paint()
    assert stage.painter.painted == [0, 1, 2, 3]
    assert not living_threads()


def test_saved_frame_is_reported_while_the_next_is_painted(stage):
    def wait_for_the_frame_before(index, report):
        while (index - 1, False) not in stage.done and index:
            report()
            time.sleep(0.001)

    stage.painter.before = wait_for_the_frame_before
    stage.paint()
    assert stage.done == [(index, False) for index in range(FRAMES)]


def test_error_of_the_observer_is_raised(stage):
    def fail(figures):
        if figures.index == 2:
            raise Wrong

    stage.on_done = fail
    with pytest.raises(Wrong):
        stage.paint()
    assert not living_threads()


@pytest.mark.parametrize("written", range(8))
def test_full_disk_is_named_and_the_run_goes_on_to_the_same_bytes(tmp_path, whole, monkeypatch, written):
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
    assert not living_threads()
    # A line that is not known to have reached the disk may have done so.
    assert stage.finished == list(range((written + 1) // 2))
    stage.paint()
    assert stage.bytes == whole.bytes


def test_stages_are_timed_even_when_the_run_is_stopped(stage):
    stage.on_done = lambda figures: figures.index == 2 and stage.stop()
    with pytest.raises(Interrupted):
        stage.paint()
    stages = stage.stages
    assert stages.paint == pytest.approx(0.25 * len(stage.painter.painted))
    assert min(stages.decode, stages.flow, stages.save, stages.wait) > 0


def test_metrics_of_a_resumed_frame_come_from_its_record():
    metrics = FrameMetrics(3, False, 7, 1, 0.5, None, 0.25, 0.125)
    again = resumed(Record(3, 0, metrics.as_dict(), {}))
    assert again.resumed
    assert (again.index, again.iterations, again.warping_error) == (3, 7, 0.25)
