import io
import re
from types import SimpleNamespace

import pytest
from support.runs import batch_done, job_events

import vidstyle.cli.report.bars
from vidstyle import events as ev
from vidstyle.cli.report.bars import ProgressBars, line_printer, terminal_console
from vidstyle.cli.report.messages import NoticeLines, ResultLines
from vidstyle.cli.report.tee import tee
from vidstyle.cli.streams import Stream


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


def drawn(events):
    """Observe events with bars, notices and results; get stdout and the terminal's text."""
    out, err = io.StringIO(), io.StringIO()
    console = terminal_console(Stream(err))
    with tee(
        ProgressBars(console, 10), NoticeLines(line_printer(console)), ResultLines(Stream(out).line)
    ) as observer:
        for event in events:
            observer(event)
    return out.getvalue(), err.getvalue()


def without_codes(text):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


def test_bar_shows_frame_rate_loss_and_time_left():
    out, err = drawn([*job_events()][:6])
    for part in ("in.mp4", "frame 2/3", "5.0 it/s", "loss 950", "0:03 left"):
        assert part in err
    assert out == ""


def test_bar_is_removed_before_the_summary_is_written():
    out, err = drawn(job_events())
    assert out.startswith("in-starry.mp4: 3 frames")
    assert "\x1b" not in out
    assert err.endswith("\x1b[2K")  # The last thing on the terminal is a line erased.


def test_duration_stays_above_the_bar():
    started, *rest = job_events()
    _, err = drawn([started, ev.DurationEstimated(0, 95.0), *rest])
    assert "in.mp4: at most 1:35 to paint" in err


def test_file_name_is_not_read_as_markup():
    _, err = drawn([*job_events(name="[red]x[/nothing].mp4")][:3])
    assert "[red]x[/nothing].mp4" in without_codes(err)


def test_batch_has_its_own_bar():
    _, err = drawn([*job_events(jobs=4, job=1)][:3])
    assert "2 of 4" in err


def test_clock_of_a_batch_continues_with_the_next_job(monkeypatch):
    clock = iter([1000.0, *[1100.0] * 1000])
    monkeypatch.setattr(vidstyle.cli.report.bars, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    _, err = drawn([*job_events(jobs=2), *[*job_events(jobs=2, job=1)][:2]])
    assert re.search(r"all.*2 of 2.* 1:40", err)


def test_frame_that_is_saved_late_does_not_move_the_bar_back():
    started, shot, *_ = job_events(frames=10)
    later = ev.Iterated(0, 5, 5, 10, 950.0, 1.0, 5, 5)
    saved = ev.FrameDone(0, 3, 3, False, 10, 2.0, None, None, None)
    _, err = drawn([started, shot, later, saved])
    assert "frame 6/10" in err
    assert "frame 4/10" not in err


def test_table_at_the_end_of_a_large_batch_lists_failures_only():
    statuses = [ev.Status.DONE] * 41
    statuses[1] = ev.Status.FAILED
    _, err = drawn([batch_done(*statuses, left=2)])
    text = without_codes(err)
    assert re.search(r"failed +1\.jpg +broken", text)
    assert "40 done, 1 failed" in text
    assert "2 not started" in text
    assert text.count(".jpg") == 1


def test_table_at_the_end_of_a_small_batch_lists_all():
    _, err = drawn([batch_done(ev.Status.DONE, ev.Status.SKIPPED)])
    assert re.search(r"done +0\.jpg +out/0\.jpg", without_codes(err))
