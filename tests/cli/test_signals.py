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

HANDLED = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def ignore(_sentence):
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


@pytest.mark.parametrize("number", HANDLED)
def test_first_signal_requests_a_stop_after_the_frame(number):
    stop = StopRequest()
    reported, sentences = threading.Event(), []

    def report(sentence):
        sentences.append(sentence)
        reported.set()

    with stoppable(stop, report):
        signal.raise_signal(number)
        assert reported.wait(10)
    assert (stop.after_frame, stop.now) == (True, False)
    assert sentences == [f"{STOPPING}."]


def test_second_signal_requests_a_stop_at_once_and_third_forces_it():
    stop = StopRequest()
    with stoppable(stop, ignore):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        wait_until(lambda: stop.now)
        with pytest.raises(KeyboardInterrupt):
            ask_and_wait()


def test_two_signals_within_one_step_of_the_painter_are_two_requests():
    def ask_twice():
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.02)

    stop, user = StopRequest(), threading.Thread(target=ask_twice)
    with stoppable(stop, ignore):
        user.start()
        hashlib.pbkdf2_hmac("sha256", b"", b"", 500_000)  # As long as this takes, Python runs no handler.
        user.join()
        wait_until(lambda: stop.now)


def test_second_signal_that_is_not_handled_interrupts(monkeypatch):
    monkeypatch.setattr(signals, "PATIENCE_S", 0.05)
    with stoppable(StopRequest(), ignore):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            ask_and_wait()


def test_interruption_after_the_end_is_dropped(monkeypatch):
    monkeypatch.setattr(signals, "PATIENCE_S", 0.0001)
    for _ in range(20):
        with stoppable(StopRequest(), ignore), contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGTERM)
            time.sleep(0.001)


def test_former_handlers_are_restored():
    before = [signal.getsignal(number) for number in HANDLED]
    with stoppable(StopRequest(), ignore):
        assert [signal.getsignal(number) for number in HANDLED] != before
    assert [signal.getsignal(number) for number in HANDLED] == before


def test_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        stop = StopRequest()
        with stoppable(stop, ignore):
            signal.raise_signal(signal.SIGTERM)
        assert not stop.after_frame
    finally:
        signal.signal(signal.SIGTERM, before)
