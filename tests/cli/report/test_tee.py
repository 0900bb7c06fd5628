import pytest

from vidstyle.cli.report.tee import tee
from vidstyle.events import Notice


class Closable:
    def __init__(self, log, name, *, fails=False):
        self.log, self.name, self.fails = log, name, fails

    def __call__(self, event):
        self.log.append((self.name, event.message))

    def close(self):
        self.log.append((self.name, "closed"))
        if self.fails:
            raise OSError("disk full")


def test_each_observer_receives_each_event_in_order():
    log = []
    both = tee(Closable(log, "a"), Closable(log, "b"))
    for message in ("one", "two"):
        both(Notice(0, message))
    assert log == [("a", "one"), ("b", "one"), ("a", "two"), ("b", "two")]


def test_all_observers_are_closed_although_one_fails():
    log = []
    with (
        pytest.raises(OSError, match="disk full"),
        tee(print, Closable(log, "a", fails=True), Closable(log, "b")),
    ):
        pass
    assert log == [("a", "closed"), ("b", "closed")]


def test_tee_of_nothing_ignores_events():
    with tee() as observer:
        observer(Notice(0, "Hello."))
