from pathlib import Path

import pytest

from vidstyle import events as ev
from vidstyle.cli.report.eta import BatchProgress, JobProgress
from vidstyle.events import FrameDone, Iterated, ShotStarted


def done(frame, seconds, *, resumed=False):
    return FrameDone(0, frame, frame, resumed, 10, seconds, None, None, None)


def iterated(frame, iteration, iterations, *, seconds=1.0, steps=2):
    return Iterated(0, frame, iteration, iterations, 1.0, seconds, steps, iterations - iteration)


def progress(*events, frames=10, before=0, iterations=20):
    result = JobProgress(frames, before, iterations)
    for event in (ShotStarted(0, 0, frames), *events):
        result(event)
    return result


def test_time_left_is_unknown_at_first():
    assert progress().left_s is None


def test_first_frame_predicts_by_its_iterations_per_second():
    # 2 a second: 60 left of this frame, then 9 frames of 20.
    assert progress(iterated(0, 40, 100)).left_s == 60 / 2 + 9 * 20 / 2


def test_long_first_frame_does_not_spoil_the_prediction():
    assert progress(done(0, 100.0), done(1, 4.0)).left_s == 8 * 4.0


def test_current_frame_counts_by_its_remaining_iterations():
    assert progress(done(0, 100.0), done(1, 4.0), iterated(2, 15, 20)).left_s == 5 / 2 + 7 * 4.0


def test_resumed_frames_predict_nothing():
    resumed = progress(done(0, 0.0, resumed=True), done(1, 0.0, resumed=True), before=2)
    assert resumed.left_s is None
    assert resumed.done == 2


def test_finished_job_has_no_time_left():
    assert progress(done(0, 5.0), frames=1).left_s == 0


def test_instant_step_predicts_nothing():
    assert progress(iterated(0, 2, 100, seconds=0.0)).left_s is None


def test_frame_that_is_saved_late_does_not_hide_the_current_one():
    events = [done(0, 100.0), done(1, 4.0), iterated(2, 20, 20), iterated(3, 15, 20)]
    assert progress(*events, done(2, 4.0)).left_s == 5 / 2 + 6 * 4.0


def test_compilation_before_the_first_iteration_predicts_nothing():
    assert progress(iterated(0, 0, 100, seconds=8.0, steps=1)).left_s is None


def test_estimate_is_used_until_frames_are_done():
    estimate = ev.DurationEstimated(0, 500.0, (0, 5), 100)
    assert progress(estimate).left_s == 500
    # 2 a second: 60 left of this frame, 8 frames of 20 and another shot's first frame of 100.
    assert progress(estimate, iterated(0, 40, 100)).left_s == 60 / 2 + 8 * 20 / 2 + 100 / 2
    assert (
        progress(estimate, done(0, 50.0), done(1, 4.0), iterated(2, 10, 20)).left_s == 5 + 6 * 4.0 + 100 / 2
    )
    later = [done(frame, 4.0) for frame in range(1, 6)]
    assert progress(estimate, done(0, 50.0), *later, iterated(6, 10, 20)).left_s == 5 + 3 * 4.0


def test_batch_is_estimated_from_its_first_job():
    batch, path = BatchProgress(), Path("in.jpg")
    batch(ev.BatchStarted(0, (100.0, 300.0)))
    batch(ev.JobStarted(0, 2, path, path, 8, 8, 2, 1))  # Half of it is resumed.
    batch(ev.DurationEstimated(0, 5.0))
    assert batch.left_s == pytest.approx(5 + 30)


def test_batch_is_weighted_by_the_work_of_its_jobs(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    batch, path = BatchProgress(), Path("in.jpg")
    batch(ev.BatchStarted(0, (100.0, 300.0, 600.0, 0.0)))
    assert (batch.done, batch.left_s) == (0, None)
    batch(ev.JobStarted(0, 4, path, path, 8, 8, 1, 0))
    now[0] += 10
    batch(ev.JobDone(0, path, 10, 1, None, None, None))
    assert batch.done == pytest.approx(0.1)
    assert batch.left_s == pytest.approx(90)
    # A failed job reduces the work that is left, and says nothing about the speed.
    batch(ev.JobFailed(1, path, "not a photo"))
    assert batch.done == pytest.approx(0.4)
    assert batch.left_s == pytest.approx(60)
    batch(ev.JobStarted(2, 4, path, path, 8, 8, 2, 1))  # Half of it is resumed.
    assert batch.done == pytest.approx(0.7)
    now[0] += 30
    batch(ev.FrameDone(2, 1, 1, False, 3, 1.0, None, None, None))
    assert batch.left_s == pytest.approx(0)
    assert batch.frames_per_s == pytest.approx(1 / 40)
    assert (batch.ended, batch.failed) == (2, 1)
