"""Signals (Ctrl-C, SIGTERM, SIGHUP) as requests to stop."""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Collection, Iterator
from types import FrameType

from vidstyle.events import StopRequest

STOPPING = "stopping after this frame; once more to stop at once"
PATIENCE_S = 1.5
"""Seconds from a second request to an interruption of the main thread."""


@contextlib.contextmanager
def stoppable(stop: StopRequest, report: Callable[[str], None]) -> Iterator[None]:
    """Let signals request a stop: the first, after the current frame; the second, at once.

    Parameters
    ----------
    stop
        Called at each signal, from another thread.
    report
        Called with a sentence for the user, from another thread.

    Raises
    ------
    KeyboardInterrupt
        In the main thread, `PATIENCE_S` seconds after the second signal, or at the third.

    """
    forced, over = threading.Event(), False

    def on_signal(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler.
        if forced.is_set() and not over:
            raise KeyboardInterrupt

    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in (getattr(signal, name) for name in names)}
    # Ignored signals stay ignored: that is how nohup keeps a run alive when its terminal closes.
    handled = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    # Python calls a handler between two of its own instructions, once for any number of signals. A step of
    # the painter takes a second, and two signals within it are two requests: each writes a byte here at the
    # moment it arrives.
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    wakeup_fd = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in handled:
        signal.signal(number, on_signal)
    listener = threading.Thread(target=_listen, args=(reader, handled, stop, report, forced), daemon=True)
    listener.start()
    try:
        yield
    finally:
        over = True
        signal.set_wakeup_fd(wakeup_fd)
        writer.close()  # Ends the listener.
        listener.join()
        reader.close()
        for number, handler in handled.items():
            signal.signal(number, handler)


def _listen(
    reader: socket.socket,
    handled: Collection[int],
    stop: StopRequest,
    report: Callable[[str], None],
    forced: threading.Event,
) -> None:
    requests, latest = 0, 0
    while requests < 3:
        try:
            numbers = reader.recv(64)
        except TimeoutError:
            break  # The painter stops within a second. An import or a compilation does not: interrupt it.
        if not numbers:
            return
        for number in numbers:
            if number in handled:
                stop()
                requests, latest = requests + 1, number
                if requests == 1:
                    report(f"{STOPPING}.")
                else:
                    reader.settimeout(PATIENCE_S)
    forced.set()
    if hasattr(signal, "pthread_kill"):
        # To the main thread, so that even its wait for a lock ends.
        signal.pthread_kill(threading.main_thread().ident or 0, latest)
    else:
        signal.raise_signal(latest)
