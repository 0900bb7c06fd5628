from pathlib import Path

import pytest

from vidstyle import events as ev
from vidstyle.cli.report.eta import BatchPace, Pace
from vidstyle.events import FrameDone, Iterated, ShotStarted


def done(frame, seconds, *, resumed=False):
    return FrameDone(0, frame, frame, resumed, 10, seconds, None, None, None)


def iterated(frame, iteration, iterations, *, seconds=1.0, steps=2):
    return Iterated(0, frame, iteration, iterations, 1.0, seconds, steps, iterations - iteration)


def pace(*events, frames=10, before=0, iterations=20):
    result = Pace(frames, before, iterations)
    for event in (ShotStarted(0, 0, frames), *events):
        result.see(event)
    return result


def test_nothing_is_foretold_before_anything_is_known():
    assert pace().left_s is None


def test_the_first_frame_foretells_by_its_rate_of_iterations():
    # 2 a second: 60 left of this frame, then 9 frames of 20.
    assert pace(iterated(0, 40, 100)).left_s == 60 / 2 + 9 * 20 / 2


def test_a_long_first_frame_does_not_spoil_the_forecast():
    assert pace(done(0, 100.0), done(1, 4.0)).left_s == 8 * 4.0


def test_the_frame_at_hand_counts_by_what_is_left_of_it():
    assert pace(done(0, 100.0), done(1, 4.0), iterated(2, 15, 20)).left_s == 5 / 2 + 7 * 4.0


def test_frames_painted_before_take_no_time_and_foretell_nothing():
    resumed = pace(done(0, 0.0, resumed=True), done(1, 0.0, resumed=True), before=2)
    assert resumed.left_s is None
    assert resumed.done == 2


def test_a_finished_job_has_nothing_left():
    assert pace(done(0, 5.0), frames=1).left_s == 0


def test_an_instant_step_is_no_division_by_zero():
    assert pace(iterated(0, 2, 100, seconds=0.0)).left_s is None


def test_a_frame_saved_late_does_not_hide_the_one_at_hand():
    events = [done(0, 100.0), done(1, 4.0), iterated(2, 20, 20), iterated(3, 15, 20)]
    assert pace(*events, done(2, 4.0)).left_s == 5 / 2 + 6 * 4.0


def test_the_compilation_before_the_first_iteration_foretells_nothing():
    assert pace(iterated(0, 0, 100, seconds=8.0, steps=1)).left_s is None


def test_an_estimate_holds_until_something_is_known():
    estimate = ev.DurationEstimated(0, 500.0, (0, 5), 100)
    assert pace(estimate).left_s == 500
    # 2 a second: 60 left of this frame, 8 frames of 20 and another shot's first frame of 100.
    assert pace(estimate, iterated(0, 40, 100)).left_s == 60 / 2 + 8 * 20 / 2 + 100 / 2
    assert pace(estimate, done(0, 50.0), done(1, 4.0), iterated(2, 10, 20)).left_s == 5 + 6 * 4.0 + 100 / 2
    later = [done(frame, 4.0) for frame in range(1, 6)]
    assert pace(estimate, done(0, 50.0), *later, iterated(6, 10, 20)).left_s == 5 + 3 * 4.0


def test_a_batch_is_estimated_by_its_first_job():
    batch, path = BatchPace(), Path("in.jpg")
    batch.see(ev.BatchStarted(0, (100.0, 300.0)))
    batch.see(ev.JobStarted(0, 2, path, path, 8, 8, 2, 1))  # Half of it was painted before.
    batch.see(ev.DurationEstimated(0, 5.0))
    assert batch.left_s == pytest.approx(5 + 30)


def test_a_batch_is_weighed_by_the_work_of_its_jobs(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    pace, path = BatchPace(), Path("in.jpg")
    pace.see(ev.BatchStarted(0, (100.0, 300.0, 600.0, 0.0)))
    assert (pace.done, pace.left_s) == (0, None)
    pace.see(ev.JobStarted(0, 4, path, path, 8, 8, 1, 0))
    now[0] += 10
    pace.see(ev.JobDone(0, path, 10, 1, None, None, None))
    assert pace.done == pytest.approx(0.1)
    assert pace.left_s == pytest.approx(90)
    # What failed has taken its share of the work away, and is no measure of the pace.
    pace.see(ev.JobFailed(1, path, "no picture"))
    assert pace.done == pytest.approx(0.4)
    assert pace.left_s == pytest.approx(60)
    pace.see(ev.JobStarted(2, 4, path, path, 8, 8, 2, 1))  # Half of it was painted before.
    assert pace.done == pytest.approx(0.7)
    now[0] += 30
    pace.see(ev.FrameDone(2, 1, 1, False, 3, 1.0, None, None, None))
    assert pace.left_s == pytest.approx(0)
    assert pace.frames_per_s == pytest.approx(1 / 40)
    assert (pace.ended, pace.failed) == (2, 1)
