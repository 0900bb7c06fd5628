from types import SimpleNamespace

from vidstyle.options import Distances, MotionOptions
from vidstyle.pipeline.painting import Session, resumed
from vidstyle.pipeline.results import FrameFigures
from vidstyle.pipeline.store import Record


def session(motion=None, work=None):
    return Session(
        0, 0, work, None, None, lambda _: None, None, lambda _: None, None, motion or MotionOptions()
    )


def test_by_default_a_shot_is_gone_over_once_and_held_to_the_frame_before():
    assert (session().passes, session().distances) == (1, (1,))
    assert session(MotionOptions(temporal_frames=Distances((1, 5)))).distances == (1, 5)


def test_the_last_pass_lies_in_the_work_folder_itself_and_earlier_ones_beside():
    work = SimpleNamespace(earlier_pass=lambda number: f"pass {number}")
    found = [session(MotionOptions(passes=3), work).store(number) for number in (1, 2, 3)]
    assert found == ["pass 1", "pass 2", work]


def test_figures_of_a_frame_that_was_painted_before_come_from_its_record():
    figures = FrameFigures(3, False, 7, 1, 0.5, None, 0.25, 0.125)
    again = resumed(Record(3, 0, figures.as_dict(), {}))
    assert again.resumed
    assert (again.index, again.iterations, again.warping_error) == (3, 7, 0.25)
