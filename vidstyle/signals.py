"""Ctrl-C, SIGTERM and SIGHUP as a polite request."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from vidstyle.events import StopRequest

STOPPING = "stopping after this frame; once more to stop at once"
PATIENCE_S = 1.5


@contextlib.contextmanager
def stoppable(stop: StopRequest, say: Callable[[str], None]) -> Iterator[None]:
    """Let signals ask a run to stop: once, after the frame at hand; twice, at once.

    Parameters
    ----------
    stop : StopRequest
        Is called at each signal.
    say : callable
        Is given a sentence for the user; from another thread.

    Raises
    ------
    KeyboardInterrupt
        In the main thread, where a second wish was not heard within `PATIENCE_S` seconds, or at a third.
    """
    asked = 0
    impatience: list[threading.Timer] = []

    def hear(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the shape of a handler.
        nonlocal asked
        asked += 1
        stop()
        if asked == 1:
            # From a thread, since a handler may have interrupted the very write that it would begin.
            threading.Thread(target=say, args=(f"{STOPPING}.",), daemon=True).start()
        elif asked == 2:
            # The painter hears it within a second; an import or a compilation does not, and is interrupted.
            impatience.append(threading.Timer(PATIENCE_S, _send, (number,)))
            impatience[0].daemon = True
            impatience[0].start()
        else:
            raise KeyboardInterrupt

    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in (getattr(signal, name) for name in names)}
    # What is ignored stays ignored: that is how nohup keeps a run alive when its terminal closes.
    heard = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in heard:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for timer in impatience:
            timer.cancel()
        for number, handler in heard.items():
            signal.signal(number, handler)


def _send(number: int) -> None:
    """Signal the main thread, so that even a wait for a lock ends."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)
