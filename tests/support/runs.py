"""Events of runs that never happened, and what an observer of them writes."""

import io
from pathlib import Path

from vidstyle import events as ev
from vidstyle.cli.streams import Stream

LOSS = ev.Losses(content=100.0, style=800.0, tv=10.0, temporal=2.0)


def a_job(frames=3, jobs=1, job=0, resumed=0, name="in.mp4"):
    yield ev.JobStarted(job, jobs, Path(name), Path("in-starry.mp4"), 320, 180, frames, resumed)
    yield ev.ShotStarted(job, 0, frames)
    for frame in range(resumed, frames):
        yield ev.Iterated(job, frame, 5, 10, 950.0, 1.0, 5, 5)
        yield ev.Iterated(job, frame, 10, 10, 912.0, 1.0, 5, 0)
        yield ev.FrameDone(job, frame, frame, False, 10, 2.0, LOSS, 0.0002, 0.0001)
    yield ev.Encoding(job, frames)
    yield ev.JobDone(job, Path("in-starry.mp4"), 6.0, frames, 800.0, 0.0002, 0.0001)


def watched(face_of, events):
    """What a face says on stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with face_of(Stream(out), Stream(err)) as face:
        for event in events:
            face(event)
    return out.getvalue(), err.getvalue()
