"""Events of imaginary runs, and the text that observers of them write."""

import io
from pathlib import Path

from vidstyle import events as ev
from vidstyle.cli.report.tee import tee
from vidstyle.cli.streams import Stream

LOSS = ev.Losses(content=100.0, style=800.0, tv=10.0, temporal=2.0)
INPUT, OUTPUT = Path("in.mp4"), Path("in-starry.mp4")


def job_events(frames=3, jobs=1, job=0, resumed=0, name="in.mp4"):
    """Yield the events of a job that is painted to its end."""
    yield ev.JobStarted(job, jobs, Path(name), OUTPUT, 320, 180, frames, resumed)
    yield ev.ShotStarted(job, 0, frames)
    for frame in range(resumed, frames):
        yield ev.Iterated(job, frame, 5, 10, 950.0, 1.0, 5, 5)
        yield ev.Iterated(job, frame, 10, 10, 912.0, 1.0, 5, 0)
        yield ev.FrameDone(job, frame, frame, False, 10, 2.0, LOSS, 0.0002, 0.0001)
    yield ev.Encoding(job, frames)
    yield ev.JobDone(job, OUTPUT, 6.0, frames, 800.0, 0.0002, 0.0001)


def batch_done(*statuses, left=0):
    """Make the end of a batch whose jobs have these statuses, and inputs that are numbered from 0."""
    outcomes = [
        ev.Outcome(Path(f"{n}.jpg"), Path(f"out/{n}.jpg"), status, "broken" if status == "failed" else None)
        for n, status in enumerate(map(ev.Status, statuses))
    ]
    return ev.BatchDone(0, tuple(outcomes), left)


def every_event():
    """Yield events of every kind, also of a film in two passes and of a copied photo."""
    path = Path("[red]x[/nothing]\udcff.mp4")
    yield ev.AlbumRead(0, path, 2, {"hidden": 3, "sidecar": 1})
    yield ev.Notice(0, "By the way.")
    yield ev.BatchStarted(0, (100.0, 0.0))
    yield from job_events(jobs=2, resumed=1, name=str(path))
    yield ev.JobStarted(1, 2, path, OUTPUT, 320, 180, 2, 0, 2)
    yield ev.DurationEstimated(1, 95.0, (0,), 120)
    for number in (1, 2):
        yield ev.PassStarted(1, 0, 2, number, 2)
        yield ev.Iterated(1, 0, 0, 10, float("nan"), 8.0, 1, 10)
        yield ev.FrameDone(1, 0, 5, False, 0, 0.0, None, None, None, Path("000005.png"))
    yield ev.JobFailed(1, path, "'x.mp4' is broken; give another.")
    yield ev.JobInterrupted(1, path, 7)
    yield ev.JobSkipped(1, OUTPUT)
    yield batch_done("done", "failed", "skipped", "interrupted", left=1)


def written_by(make_observer, events):
    """Pass events to an observer, made from two functions that write lines; get stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with tee(make_observer(Stream(out).line, Stream(err).line)) as observer:
        for event in events:
            observer(event)
    return out.getvalue(), err.getvalue()
