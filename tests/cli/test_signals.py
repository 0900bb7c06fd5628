import contextlib
import hashlib
import os
import signal
import threading
import time

import pytest

from vidstyle.cli import signals
from vidstyle.cli.signals import STOPPING, stoppable
from vidstyle.events import StopRequest

HEARD = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def silent(_sentence):
    pass


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def ask_and_wait():
    signal.raise_signal(signal.SIGINT)
    threading.Event().wait(60)


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
        wait_until(lambda: stop.now)
        with pytest.raises(KeyboardInterrupt):
            ask_and_wait()


def test_two_signals_within_one_step_of_the_painter_are_two_wishes():
    def ask_twice():
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.02)

    stop, user = StopRequest(), threading.Thread(target=ask_twice)
    with stoppable(stop, silent):
        user.start()
        hashlib.pbkdf2_hmac("sha256", b"", b"", 500_000)  # As long as this takes, Python runs no handler.
        user.join()
        wait_until(lambda: stop.now)


def test_who_does_not_hear_a_second_signal_is_interrupted(monkeypatch):
    monkeypatch.setattr(signals, "PATIENCE_S", 0.05)
    with stoppable(StopRequest(), silent):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            ask_and_wait()


def test_an_interruption_that_comes_too_late_is_dropped(monkeypatch):
    monkeypatch.setattr(signals, "PATIENCE_S", 0.0001)
    for _ in range(20):
        with stoppable(StopRequest(), silent), contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGTERM)
            time.sleep(0.001)


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
