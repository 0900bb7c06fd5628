import io
import re
import sys
from pathlib import Path
from types import SimpleNamespace

from support.runs import a_job, watched

import vidstyle.cli.report.bars
from vidstyle import events as ev
from vidstyle.cli.report.bars import Terminal
from vidstyle.cli.report.plain import choose
from vidstyle.cli.streams import Stream
from vidstyle.pipeline.results import JobResult


def terminal(out, err):
    return Terminal(out, err, 10)


def test_the_bar_shows_frame_rate_loss_and_time_left(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    out, err = watched(terminal, [*a_job()][:6])
    for part in ("in.mp4", "frame 2/3", "5.0 it/s", "loss 950", "0:03 left"):
        assert part in err
    assert out == ""


def test_the_bar_is_gone_before_the_summary_is_written():
    out, err = watched(terminal, a_job())
    assert out.startswith("in-starry.mp4: 3 frames")
    assert "\x1b" not in out
    assert err.endswith("\x1b[2K")  # The last thing on the terminal is a line erased.


def test_how_long_it_will_take_stays_above_the_bar():
    started, *rest = a_job()
    _, err = watched(terminal, [started, ev.DurationEstimated(0, 95.0), *rest])
    assert "in.mp4: at most 1:35 to paint" in err


def test_a_file_name_is_no_markup(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    _, err = watched(terminal, [*a_job(name="[red]x[/nothing].mp4")][:3])
    assert "[red]x[/nothing].mp4" in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", err)


def test_a_batch_has_a_bar_of_its_own(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    _, err = watched(terminal, [*a_job(jobs=4, job=1)][:3])
    assert "2 of 4" in err


def test_the_clock_of_a_batch_goes_on_with_the_next_job(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    clock = iter([1000.0, *[1100.0] * 1000])
    monkeypatch.setattr(vidstyle.cli.report.bars, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    _, err = watched(terminal, [*a_job(jobs=2), *[*a_job(jobs=2, job=1)][:2]])
    assert re.search(r"all.*2 of 2.* 1:40", err)


def test_who_watches_is_shown_a_bar(monkeypatch):
    monkeypatch.setattr(Stream, "isatty", lambda _: True)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert type(choose(quiet=False, log_json=False, iterations=20)) is Terminal


def test_at_the_end_of_a_batch_a_table_says_what_came_of_it(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    err = io.StringIO()
    face = Terminal(Stream(io.StringIO()), Stream(err), 10)
    done = JobResult(Path("a.jpg"), Path("out/a.jpg"), ev.Status.DONE)
    bad = JobResult(Path("[b].jpg"), Path("out/b.jpg"), ev.Status.FAILED, "no picture")
    face.ended([done, bad, *[done] * 40], 2)
    said = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", err.getvalue())
    assert re.search(r"failed +\[b\]\.jpg +no picture", said)
    assert "41 done, 1 failed" in said
    assert "2 not begun" in said
    assert "a.jpg" not in said.replace("[b].jpg", "")  # So many successes are no news.
