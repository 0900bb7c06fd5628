from vidstyle.pipeline.painting import resumed
from vidstyle.pipeline.results import FrameFigures
from vidstyle.pipeline.store import Record


def test_figures_of_a_frame_that_was_painted_before_come_from_its_record():
    figures = FrameFigures(3, False, 7, 1, 0.5, None, 0.25, 0.125)
    again = resumed(Record(3, 0, figures.as_dict(), {}))
    assert again.resumed
    assert (again.index, again.iterations, again.warping_error) == (3, 7, 0.25)
