import signal
import threading

import pytest

from vidstyle import signals
from vidstyle.events import StopRequest
from vidstyle.signals import STOPPING, stoppable

HEARD = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def silent(_sentence):
    pass


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    monkeypatch.setattr(signals, "PATIENCE_S", 60.0)


@pytest.mark.parametrize("number", HEARD)
def test_a_first_signal_asks_to_stop_after_the_frame(number):
    stop = StopRequest()
    said, sentences = threading.Event(), []

    def say(sentence):
        sentences.append(sentence)
        said.set()

    with stoppable(stop, say):
        signal.raise_signal(number)
        assert said.wait(10)
    assert (stop.after_frame, stop.now) == (True, False)
    assert sentences == [f"{STOPPING}."]


def test_a_second_signal_asks_to_stop_at_once_and_a_third_does():
    stop = StopRequest()
    with stoppable(stop, silent):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        assert stop.now
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_who_does_not_hear_a_second_signal_is_interrupted(monkeypatch):
    monkeypatch.setattr(signals, "PATIENCE_S", 0.01)
    with stoppable(StopRequest(), silent):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            threading.Event().wait(60)


def test_handlers_are_as_before_afterwards():
    before = [signal.getsignal(number) for number in HEARD]
    with stoppable(StopRequest(), silent):
        assert [signal.getsignal(number) for number in HEARD] != before
    assert [signal.getsignal(number) for number in HEARD] == before


def test_what_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        stop = StopRequest()
        with stoppable(stop, silent):
            signal.raise_signal(signal.SIGTERM)
        assert not stop.after_frame
    finally:
        signal.signal(signal.SIGTERM, before)
