import pytest
from support.runs import batch_done, job_events, written_by

from vidstyle import events as ev
from vidstyle.cli.report.plain import PlainLines


def plain(_out, err):
    return PlainLines(err, 10, every_s=0.0)


def test_plain_lines_report_progress_without_control_codes():
    out, err = written_by(plain, job_events())
    assert out == ""
    assert err.splitlines() == [
        "in.mp4 -> in-starry.mp4: 3 frames of 320x180",
        "in.mp4: frame 1/3, iteration 5/10, loss 950, 0:05 left",
        "in.mp4: frame 1/3, iteration 10/10, loss 912, 0:04 left",
        "in.mp4: frame 1/3, 10 iterations, 2.0 s, loss 912, 0:04 left",
        "in.mp4: frame 2/3, iteration 5/10, loss 950, 0:03 left",
        "in.mp4: frame 2/3, iteration 10/10, loss 912, 0:02 left",
        "in.mp4: frame 2/3, 10 iterations, 2.0 s, loss 912, 0:02 left",
        "in.mp4: frame 3/3, iteration 5/10, loss 950, 0:01 left",
        "in.mp4: frame 3/3, iteration 10/10, loss 912",
        "in.mp4: frame 3/3, 10 iterations, 2.0 s, loss 912",
        "in.mp4: encoding 3 frames",
    ]


def test_plain_lines_are_few_for_many_frames():
    _, err = written_by(lambda _out, err: PlainLines(err, 10, every_s=3600.0), job_events(frames=1000))
    assert len(err.splitlines()) == 4  # The job, its first sign of life, its last frame, the encoding.


def test_batch_line_has_position_and_resumed_frames():
    _, err = written_by(plain, job_events(jobs=4, job=1, resumed=2))
    assert err.splitlines()[0] == "[2/4] in.mp4 -> in-starry.mp4: 3 frames of 320x180, 2 already painted"


def test_copied_frame_has_no_loss():
    started = next(job_events(frames=2))
    _, err = written_by(plain, [started, ev.FrameDone(0, 1, 1, False, 0, 0.01, None, None, None)])
    assert err.splitlines()[1] == "in.mp4: frame 2/2, 0 iterations, 0.0 s"


def test_copied_photo_takes_one_line():
    copied = ev.FrameDone(0, 0, 0, False, 0, 0.01, None, None, None)
    _, err = written_by(plain, [next(job_events(frames=1)), copied, ev.Encoding(0, 1)])
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("statuses", "line"),
    [(["done", "failed", "done"], "2 done, 1 failed"), (["skipped"], "0 done, 1 skipped")],
)
def test_batch_ends_with_counts(statuses, line):
    assert written_by(plain, [batch_done(*statuses)]) == ("", line + "\n")
