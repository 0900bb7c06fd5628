import io
import json
from pathlib import Path

import pytest
from support.runs import a_job, watched

from vidstyle import events as ev
from vidstyle.cli.report.plain import JsonLines, Plain, Quiet, choose
from vidstyle.cli.streams import Stream
from vidstyle.pipeline.results import JobResult


def plain(out, err):
    return Plain(out, err, 10, every_s=0.0)


def test_plain_lines_say_what_is_done_and_hold_no_control_codes():
    out, err = watched(plain, a_job())
    assert out == (
        "in-starry.mp4: 3 frames, 2.0 s a frame, style loss 800, warping error 0.00020 (source 0.00010)\n"
    )
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
        "in.mp4: putting 3 frames together",
    ]


def test_how_long_it_will_take_is_said_before_painting():
    started, *_ = a_job()
    _, err = watched(plain, [started, ev.DurationEstimated(0, 95.4)])
    assert err.splitlines()[1] == "in.mp4: at most 1:35 to paint"


def test_of_a_batch_it_is_said_once_how_long_all_will_take():
    estimate = ev.DurationEstimated(0, 60.0)
    jobs = [
        ev.BatchStarted(0, (1.0, 3.0)),
        next(a_job(jobs=2)),
        estimate,
        next(a_job(jobs=2, job=1)),
        estimate,
    ]
    _, err = watched(plain, jobs)
    assert [line for line in err.splitlines() if "at most" in line] == [
        "in.mp4: at most 1:00 to paint; all 2 at most 4:00"
    ]


def test_plain_lines_are_few_however_many_frames():
    _, err = watched(lambda out, err: Plain(out, err, 10, every_s=3600.0), a_job(frames=1000))
    assert len(err.splitlines()) == 4  # The job, its first sign of life, its last frame, the encoding.


def test_a_batch_says_which_job_it_is_at_and_what_was_painted_before():
    _, err = watched(plain, a_job(jobs=4, job=1, resumed=2))
    assert err.splitlines()[0] == "[2/4] in.mp4 -> in-starry.mp4: 3 frames of 320x180, 2 painted before"


def test_copied_frames_have_no_loss_to_speak_of():
    started = next(a_job(frames=2))
    _, err = watched(plain, [started, ev.FrameDone(0, 1, 1, False, 0, 0.01, None, None, None)])
    assert err.splitlines()[1] == "in.mp4: frame 2/2, 0 iterations, 0.0 s"


def test_a_photo_that_is_copied_takes_a_line_in_the_log():
    copied = ev.FrameDone(0, 0, 0, False, 0, 0.01, None, None, None)
    _, err = watched(plain, [next(a_job(frames=1)), copied, ev.Encoding(0, 1)])
    assert len(err.splitlines()) == 1


def test_of_many_failures_the_first_are_named_again():
    err = io.StringIO()
    failed = [JobResult(Path(f"{number}.jpg"), Path()) for number in range(30)]
    Quiet(Stream(io.StringIO()), Stream(err)).ended(failed, 0)
    assert err.getvalue().startswith("vidstyle: 30 of 30 failed: 0.jpg, 1.jpg, ")
    assert err.getvalue().endswith(", 19.jpg and 10 more.\n")


def test_a_skipped_job_is_a_result():
    out, err = watched(plain, [ev.JobSkipped(0, Path("in-starry.mp4"))])
    assert out == "in-starry.mp4: made before by the same request, nothing to do\n"
    assert err == ""


@pytest.mark.parametrize("face", [Quiet, plain, JsonLines])
def test_every_face_says_on_stderr_what_went_wrong(face):
    failed = ev.JobFailed(0, Path("a.mp4"), "'a.mp4' holds no film; give another.")
    stopped = ev.JobInterrupted(0, Path("[b].mp4"), 7)
    _, err = watched(face, [failed, stopped])
    assert "vidstyle: 'a.mp4' holds no film; give another.\n" in err
    assert "vidstyle: [b].mp4: stopped, 7 frames left; run the same command to go on.\n" in err


def test_quiet_is_silent_about_success():
    assert watched(Quiet, [*a_job(), ev.Notice(0, "by the way")]) == ("", "")


def test_json_lines_are_one_object_an_event():
    out, err = watched(JsonLines, a_job(frames=1, name="raw\udcff.mp4"))
    records = [json.loads(line) for line in out.splitlines()]
    names = ["JobStarted", "ShotStarted", "Iterated", "Iterated", "FrameDone", "Encoding", "JobDone"]
    assert [record["event"] for record in records] == names
    assert records[0]["input"] == "raw\udcff.mp4"
    assert records[4]["loss"] == {
        "total": 912.0,
        "content": 100.0,
        "style": 800.0,
        "tv": 10.0,
        "temporal": 2.0,
    }
    assert err == ""


@pytest.mark.parametrize(
    ("quiet", "log_json", "kind"),
    [(False, False, Plain), (True, False, Quiet), (False, True, JsonLines), (True, True, JsonLines)],
)
def test_off_a_terminal_a_face_is_what_was_asked_for_or_plain(quiet, log_json, kind):
    assert type(choose(quiet=quiet, log_json=log_json, iterations=20)) is kind
