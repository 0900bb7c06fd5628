"""Contract of observers: each takes all events of a run, in any order, and can be closed twice."""

import io
import itertools
import os
import random

import pytest
from support.runs import every_event, job_events

from vidstyle import events as ev
from vidstyle.cli.report.bars import ProgressBars, terminal_console
from vidstyle.cli.report.json_lines import JsonLines
from vidstyle.cli.report.messages import ErrorLines, NoticeLines, ResultLines
from vidstyle.cli.report.plain import PlainLines
from vidstyle.cli.report.stats_file import StatsFile
from vidstyle.cli.report.tee import tee
from vidstyle.cli.streams import Stream

OBSERVERS = {
    "bars": lambda stream, _: ProgressBars(terminal_console(stream), 10),
    "plain": lambda stream, _: PlainLines(stream.line, 10, every_s=0.0),
    "json": lambda stream, _: JsonLines(stream.line),
    "errors": lambda stream, _: ErrorLines(stream.line),
    "notices": lambda stream, _: NoticeLines(stream.line),
    "results": lambda stream, _: ResultLines(stream.line),
    "stats": lambda _, folder: begun(StatsFile(folder / "stats.json")),
    "all": lambda stream, folder: tee(
        *(make(stream, folder) for name, make in OBSERVERS.items() if name != "all")
    ),
}


def begun(stats):
    stats.begin({"size": "512"})
    return stats


@pytest.fixture(params=OBSERVERS)
def make(request, tmp_path):
    """Make one of the observers on a stream."""
    return lambda file: OBSERVERS[request.param](Stream(file), tmp_path)


def observe(observer, events):
    with tee(observer) as closing:
        for event in events:
            closing(event)
    closing.close()


def test_events_of_this_suite_are_of_every_kind():
    kinds = {kind for kind in vars(ev).values() if isinstance(kind, type) and issubclass(kind, ev.Event)}
    assert {type(event) for event in every_event()} == kinds - {ev.Event}


def test_observer_takes_every_event(make):
    observe(make(io.StringIO()), every_event())


@pytest.mark.parametrize("seed", range(5))
def test_observer_takes_events_in_any_order(make, seed):
    shuffled = [*every_event()]
    random.Random(seed).shuffle(shuffled)
    observe(make(io.StringIO()), shuffled)


def test_observer_takes_each_event_first(make):
    for event in every_event():
        observe(make(io.StringIO()), [event])


@pytest.mark.parametrize("stop", range(0, 12, 3))
def test_observer_can_be_closed_at_any_time(make, stop):
    observe(make(io.StringIO()), itertools.islice(job_events(jobs=2), stop))


def test_observer_takes_several_runs(make):
    observe(make(io.StringIO()), [*every_event(), *every_event()])


def test_observer_without_a_stream_takes_every_event(make):
    observe(make(None), every_event())


def test_observer_takes_every_event_after_its_reader_has_left(make):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as pipe:  # noqa: PTH123 - a descriptor has no path.
        observe(make(pipe), every_event())
