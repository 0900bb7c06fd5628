import io
import sys

import pytest

from vidstyle.cli.report.bars import ProgressBars
from vidstyle.cli.report.choose import make_observer
from vidstyle.cli.report.json_lines import JsonLines
from vidstyle.cli.report.messages import ErrorLines, NoticeLines, ResultLines
from vidstyle.cli.report.plain import PlainLines
from vidstyle.cli.streams import Stream

LINES = [NoticeLines, ResultLines, ErrorLines]


def kinds(**chosen):
    return [type(one) for one in make_observer(iterations=20, **chosen).observer.observers]


@pytest.mark.parametrize(
    ("quiet", "log_json", "expected"),
    [
        (False, False, [PlainLines, *LINES]),
        (True, False, [ErrorLines]),
        (False, True, [JsonLines, ErrorLines]),
        (True, True, [JsonLines, ErrorLines]),
    ],
)
def test_without_a_terminal_observers_are_as_requested_or_plain(quiet, log_json, expected):
    assert kinds(quiet=quiet, log_json=log_json) == expected


def test_on_a_terminal_there_are_progress_bars(monkeypatch):
    monkeypatch.setattr(Stream, "isatty", lambda _: True)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert kinds(quiet=False, log_json=False) == [ProgressBars, *LINES]


def test_further_observers_come_last():
    seen = []
    made = make_observer(seen.append, quiet=True, log_json=False, iterations=20)
    assert made.observer.observers[-1] == seen.append
    assert made.observer.observers[0] is made.errors
