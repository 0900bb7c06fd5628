from pathlib import Path

import pytest
from support.runs import batch_done, job_events, written_by

from vidstyle import events as ev
from vidstyle.cli.report.messages import ErrorLines, NoticeLines, ResultLines


def errors(_out, err):
    return ErrorLines(err)


def notices(_out, err):
    return NoticeLines(err)


def results(out, _err):
    return ResultLines(out)


def test_failed_and_interrupted_jobs_are_reported():
    failed = ev.JobFailed(0, Path("a.mp4"), "'a.mp4' holds no film; give another.")
    interrupted = ev.JobInterrupted(0, Path("[b].mp4"), 7)
    out, err = written_by(errors, [failed, interrupted])
    assert out == ""
    assert err.splitlines() == [
        "vidstyle: 'a.mp4' holds no film; give another.",
        "vidstyle: [b].mp4: stopped, 7 frames left; run the same command to resume.",
    ]


def test_success_is_not_reported_as_error():
    assert written_by(errors, [*job_events(), ev.Notice(0, "By the way."), batch_done("done")]) == ("", "")


def test_first_of_many_failures_are_named_at_the_end():
    _, err = written_by(errors, [batch_done(*["failed"] * 30)])
    assert err.startswith("vidstyle: 30 of 30 failed: 0.jpg, 1.jpg, ")
    assert err.endswith(", 19.jpg and 10 more.\n")


def test_jobs_that_were_not_started_are_counted_at_the_end():
    _, err = written_by(errors, [batch_done("done", left=2)])
    assert err == "vidstyle: 2 of 3 not started; run the same command to resume.\n"


def test_notice_is_reported():
    assert written_by(notices, [ev.Notice(0, "Sound is omitted.")]) == ("", "vidstyle: Sound is omitted.\n")


@pytest.mark.parametrize(
    ("ignored", "end"), [({"hidden": 3, "sidecar": 2}, "; ignored: 3 hidden, 2 sidecars."), ({}, ".")]
)
def test_album_is_reported_with_ignored_files(ignored, end):
    _, err = written_by(notices, [ev.AlbumRead(0, Path("album"), 1, ignored)])
    assert err == f"vidstyle: album: 1 file to paint{end}\n"


def test_duration_is_reported_before_painting():
    _, err = written_by(notices, [next(job_events()), ev.DurationEstimated(0, 95.4)])
    assert err == "in.mp4: at most 1:35 to paint\n"


def test_duration_of_a_batch_is_reported_once():
    estimate = ev.DurationEstimated(0, 60.0)
    first, second = next(job_events(jobs=2)), next(job_events(jobs=2, job=1))
    _, err = written_by(notices, [ev.BatchStarted(0, (1.0, 3.0)), first, estimate, second, estimate])
    assert err == "in.mp4: at most 1:00 to paint; all 2 at most 4:00\n"


def test_result_is_one_line_on_stdout():
    assert written_by(results, job_events()) == (
        "in-starry.mp4: 3 frames, 2.0 s per frame, style loss 800, warping error 0.00020 (source 0.00010)\n",
        "",
    )


def test_skipped_job_is_a_result():
    assert written_by(results, [ev.JobSkipped(0, Path("in-starry.mp4"))]) == (
        "in-starry.mp4: already made by the same request, nothing to do\n",
        "",
    )
