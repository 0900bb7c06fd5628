import json
from pathlib import Path

from support.runs import OUTPUT, batch_done, job_events, written_by

from vidstyle import events as ev
from vidstyle.cli.report.json_lines import JsonLines


def records_of(events):
    out, err = written_by(lambda out, _err: JsonLines(out), events)
    assert err == ""
    return [json.loads(line) for line in out.splitlines()]


def test_each_event_is_one_object():
    records = records_of(job_events(frames=1, name="raw\udcff.mp4"))
    names = ["JobStarted", "ShotStarted", "Iterated", "Iterated", "FrameDone", "Encoding", "JobDone"]
    assert [record["event"] for record in records] == names
    assert records[0]["input"] == "raw\udcff.mp4"
    losses = {"total": 912.0, "content": 100.0, "style": 800.0, "tv": 10.0, "temporal": 2.0}
    assert records[4]["loss"] == losses


def test_finished_frame_has_its_path():
    done = ev.FrameDone(0, 1, 1, False, 0, 0.01, None, None, None, Path("frames/000001.png"))
    assert records_of([done])[0]["path"] == "frames/000001.png"


def test_batch_has_its_progress_and_counts():
    events = [ev.BatchStarted(0, (1.0, 3.0)), ev.JobDone(0, OUTPUT, 1.0, 1, None, None, None)]
    _, _, progress, done = records_of([*events, batch_done("done", "failed", left=1)])
    assert (progress["event"], progress["done"], progress["ended"]) == ("BatchProgress", 0.25, 1)
    assert done == {"event": "BatchDone", "done": 1, "failed": 1, "left": 1}
