"""Calls of native libraries in a child process: its crash is an error of one file, not the end of a run.

The decoders of films and photos are written in C. A file may make one abort, or write where it must not,
which no `except` catches.
"""

import atexit
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

from vidstyle.errors import Interrupted, ProbeError, quoted

P = ParamSpec("P")
T = TypeVar("T")

_POLL_S = 0.1
_START_S = 60.0
_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[3:]; from vidstyle.media.isolation_child import serve; "
    "serve(int(sys.argv[1]), sys.argv[2])"
)
_MODULE = "vidstyle.media.video.probe"
"""Module that the child imports while it waits."""


class Setting(NamedTuple):
    """State of a process that a call depends on."""

    folder: str = ""
    """Current folder; empty where it is unknown."""
    most_pixels: int | None = -1
    """Pillow's limit of the size of an image; negative where it is unknown."""


class Answer(NamedTuple):
    """Answer of the child process to a call."""

    value: Any = None
    error: Exception | None = None
    trace: str = ""
    """Traceback of the error."""


def isolated(function: Callable[P, T]) -> Callable[P, T]:
    """Run a function of a module in the child process; its first argument is a path, or has one.

    Arguments, result and errors are pickled. An error is raised as if the function had been called here.

    Raises
    ------
    ProbeError
        It crashed.
    """

    @wraps(function)
    def call(*arguments: P.args, **keywords: P.kwargs) -> T:
        return call_isolated(call, *arguments, **keywords)  # type: ignore[arg-type]

    return call


def call_isolated(
    function: Callable[..., T],
    *arguments: Any,
    should_stop: Callable[[], bool] = lambda: False,
    **keywords: Any,
) -> T:
    """Call an `isolated` function.

    Parameters
    ----------
    function
        The function.
    arguments, keywords
        Its arguments.
    should_stop
        Called about ten times per second; True ends the child.

    Raises
    ------
    ProbeError
        It crashed, twice in a row: the first crash may be due to a file that was read before.
    Interrupted
        `should_stop` returned True.
    """
    request = pickle.dumps((_setting(), function, arguments, keywords))
    answer = _children.ask(request, should_stop)
    if answer is None:  # There is no child, or this is one.
        return cast("T", function.__wrapped__(*arguments, **keywords))  # type: ignore[attr-defined]
    if isinstance(answer, str):
        path = getattr(arguments[0], "path", arguments[0])
        raise ProbeError(
            f"{quoted(path)} crashes the library that reads it ({answer}); convert it to another format "
            "first."
        )
    if answer.error is not None:
        raise answer.error from _ChildTraceback(answer.trace)
    return cast("T", answer.value)


def start() -> None:
    """Start the child process, so that it is ready when it is needed."""
    _children.start()


def forbid_children() -> None:
    """Let this process, which is the child, make calls itself."""
    _children.is_forbidden = True


def _setting() -> Setting:
    pillow: Any = sys.modules.get("PIL.Image")
    with suppress(OSError):  # The folder was removed.
        return Setting(str(Path.cwd()), pillow.MAX_IMAGE_PIXELS if pillow else -1)
    return Setting()


class _ChildTraceback(Exception):  # noqa: N818 - it is the traceback of an error.
    """Traceback of an error in the child process, as text."""


class _Child:
    """Child process that answers calls."""

    def __init__(self) -> None:
        self._connection, theirs = Pipe()
        with theirs:
            descriptor = theirs.fileno()
            self._process = subprocess.Popen(  # noqa: S603 - this very program.
                [sys.executable, "-c", _PROGRAM, str(descriptor), _MODULE, *sys.path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(descriptor,),
                # Ctrl-C in the terminal is for the process that waits for this one.
                start_new_session=True,
            )
        self._is_ready = False

    def has_started(self) -> bool:
        """Wait until it is ready, and tell whether it is."""
        with suppress(EOFError, OSError):
            self._is_ready |= self._connection.poll(_START_S) and bool(self._connection.recv_bytes())
        return self._is_ready

    def ask(self, request: bytes, should_stop: Callable[[], bool]) -> Answer:
        """Pass a call on, and wait for its answer."""
        if not self._is_ready and not self.has_started():
            raise _NoChildError
        self._connection.send_bytes(request)
        while not should_stop():
            if self._connection.poll(_POLL_S):
                break
        else:
            raise Interrupted("Stopped before it began.")
        answer: Answer = pickle.loads(self._connection.recv_bytes())  # noqa: S301 - of our own child.
        return answer

    def end(self, patience_s: float) -> str:
        """End it, unless it ends by itself, and describe how it ended."""
        self._connection.close()
        try:
            status = self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"


class _NoChildError(Exception):
    """A child that cannot be started, as in a program that embeds Python."""


class _Children:
    """Child process of this one, replaced when it has ended."""

    def __init__(self) -> None:
        self.is_forbidden = False
        self._lock = threading.RLock()
        self._child: _Child | None = None
        self._owner = 0

    def start(self) -> None:
        """Start a child, unless there is one."""
        with self._lock:
            if self._owner != os.getpid():  # A fork has none of its own.
                self._owner, self._child = os.getpid(), None
            if self._child is None and not self.is_forbidden:
                try:
                    self._child = _Child()
                except (OSError, TypeError, ValueError):
                    self.is_forbidden = True

    def ask(self, request: bytes, should_stop: Callable[[], bool]) -> Answer | str | None:
        """Pass a call on; get its answer, the name of the signal that ended it, or None without a child."""
        end = ""
        with self._lock:
            for _ in range(2):
                self.start()
                if self._child is None:
                    return None
                try:
                    return self._child.ask(request, should_stop)
                except (EOFError, OSError):
                    end = self.end(patience_s=10.0)
                except _NoChildError:
                    self.end()
                    self.is_forbidden = True
                except BaseException:
                    self.end()
                    raise
        return end

    def end(self, patience_s: float = 0.0) -> str:
        """End the child, and describe how it ended."""
        with self._lock:
            child, self._child = self._child, None
            return child.end(patience_s) if child and self._owner == os.getpid() else ""


_children = _Children()
atexit.register(_children.end)
