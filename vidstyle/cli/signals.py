"""Ctrl-C, SIGTERM and SIGHUP as a polite request."""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Collection, Iterator
from types import FrameType

from vidstyle.events import StopRequest

STOPPING = "stopping after this frame; once more to stop at once"
PATIENCE_S = 1.5


@contextlib.contextmanager
def stoppable(stop: StopRequest, say: Callable[[str], None]) -> Iterator[None]:
    """Let signals ask a run to stop: once, after the frame at hand; twice, at once.

    Parameters
    ----------
    stop
        Is called at each signal, from another thread.
    say
        Is given a sentence for the user, from another thread.

    Raises
    ------
    KeyboardInterrupt
        In the main thread, where a second wish was not heard within `PATIENCE_S` seconds, or at a third.

    """
    insisting, over = threading.Event(), False

    def obey(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the shape of a handler.
        if insisting.is_set() and not over:
            raise KeyboardInterrupt

    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in (getattr(signal, name) for name in names)}
    # What is ignored stays ignored: that is how nohup keeps a run alive when its terminal closes.
    heard = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    # Python calls a handler between two of its own steps, once for any number of signals. A step of the painter takes
    # a second, and two signals within it are two wishes: each leaves a byte here at the moment it comes.
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    waker = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    for number in heard:
        signal.signal(number, obey)
    listener = threading.Thread(target=_listen, args=(ear, heard, stop, say, insisting), daemon=True)
    listener.start()
    try:
        yield
    finally:
        over = True
        signal.set_wakeup_fd(waker)
        mouth.close()  # Ends the listener.
        listener.join()
        ear.close()
        for number, handler in heard.items():
            signal.signal(number, handler)


def _listen(
    ear: socket.socket,
    heard: Collection[int],
    stop: StopRequest,
    say: Callable[[str], None],
    insisting: threading.Event,
) -> None:
    asked, latest = 0, 0
    while asked < 3:
        try:
            numbers = ear.recv(64)
        except TimeoutError:
            break  # The painter hears within a second; an import or a compilation does not, and is interrupted.
        if not numbers:
            return
        for number in numbers:
            if number in heard:
                stop()
                asked, latest = asked + 1, number
                if asked == 1:
                    say(f"{STOPPING}.")
                else:
                    ear.settimeout(PATIENCE_S)
    insisting.set()
    if hasattr(signal, "pthread_kill"):
        # To the main thread, so that even its wait for a lock ends.
        signal.pthread_kill(threading.main_thread().ident or 0, latest)
    else:
        signal.raise_signal(latest)
