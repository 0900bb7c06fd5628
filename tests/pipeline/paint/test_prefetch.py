import time

import pytest
from support.shots import FRAMES, Stage, living_threads, moving_texture

from vidstyle.errors import DecodeError
from vidstyle.pipeline.flow_source import ComputedFlow
from vidstyle.pipeline.paint.prefetch import DEPTH

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


def test_frames_with_a_warm_start_are_encoded_ahead(whole):
    assert whole.painter.features == [None, *range(1, FRAMES)]
    assert whole.painter.encoded == [*range(1, FRAMES)]


def test_frames_that_are_not_painted_are_not_encoded(tmp_path):
    images = moving_texture(3)
    stage = Stage(tmp_path, [images[0], images[0].copy(), images[1], images[2]])
    stage.paint(stop=3)
    assert stage.painter.encoded == [2]
    stage.painter.encoded.clear()
    stage.paint()
    assert stage.painter.encoded == [3]


def test_resumed_shot_reads_only_the_frames_it_needs(stage):
    stage.paint()
    stage.lose(4)
    stage.read.clear()
    stage.paint()
    # The frame before, for the motion from it.
    assert stage.read == [3, 4]


def test_queues_bound_what_is_read_ahead(tmp_path):
    stage = Stage(tmp_path, moving_texture(40, shift_px=1))

    def look(index, _report):
        time.sleep(0.02)
        assert len(stage.read) <= index + 2 * DEPTH + 3

    stage.painter.before = look
    stage.paint(0, 20)
    assert stage.painter.painted == list(range(20))


class Wrong(Exception):  # noqa: N818
    pass


def test_error_of_the_source_is_raised_after_the_frames_before_it(stage):
    stage.read_error[3] = DecodeError("damaged at 0.12 s")
    with pytest.raises(DecodeError, match=r"damaged at 0\.12 s"):
        stage.paint()
    assert stage.painter.painted == [0, 1, 2]
    assert not living_threads()


@pytest.mark.parametrize("index", [0, 3, 7])
def test_run_after_an_error_of_the_source_goes_on_where_it_stopped(tmp_path, whole, index):
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


def test_error_of_the_flow_is_raised(stage):
    class Failing(ComputedFlow):
        def pair(self, previous_index, current_index, *images):
            if current_index == 3:
                raise Wrong
            return super().pair(previous_index, current_index, *images)

    stage.flow = Failing()
    with pytest.raises(Wrong):
        stage.paint()
    assert stage.painter.painted == [0, 1, 2]
    assert not living_threads()
