"""Child process in which native libraries are called, see `isolation`."""

import os
import pickle
import resource
import signal
import threading
import traceback
from importlib import import_module
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue

from PIL import Image

from vidstyle.errors import reason
from vidstyle.media.isolation import Answer, Setting, forbid_children

IDLE_S = 30.0
"""Seconds without a call after which the process ends; another is started for the next call."""


def serve(descriptor: int, module: str) -> None:
    """Answer the calls that come through a connection, until none has come for a while.

    Parameters
    ----------
    descriptor
        File descriptor of the connection.
    module
        Module to import, which most calls are of.
    """
    forbid_children()
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))  # A crash leaves no file in the user's folder.
    connection: Connection[bytes, bytes] = Connection(descriptor)
    requests: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, requests), daemon=True).start()
    connection.send_bytes(b"ready")
    import_module(module)
    while True:
        try:
            request = requests.get(timeout=IDLE_S)
        except Empty:
            return
        connection.send_bytes(answer(request))


def answer(request: bytes) -> bytes:
    """Make a pickled call: a setting, function, arguments and keywords; get the pickled answer."""
    try:
        setting, function, arguments, keywords = pickle.loads(request)  # noqa: S301 - of the parent.
        _apply(setting)
        return pickle.dumps(Answer(function(*arguments, **keywords)), pickle.HIGHEST_PROTOCOL)
    except Exception as exc:  # noqa: BLE001 - it is raised by the parent.
        return _pickle_error(exc)


def _apply(setting: Setting) -> None:
    if setting.folder:
        os.chdir(setting.folder)
    if setting.most_pixels is None or setting.most_pixels >= 0:
        Image.MAX_IMAGE_PIXELS = setting.most_pixels


def _pickle_error(error: Exception) -> bytes:
    trace = traceback.format_exc()
    try:
        pickled = pickle.dumps(Answer(error=error, trace=trace))
        pickle.loads(pickled)  # noqa: S301 - some errors can be pickled, and not be restored.
    except Exception:  # noqa: BLE001 - whatever their methods raise.
        text = f"{type(error).__name__}: {reason(error)}"
        return pickle.dumps(Answer(error=RuntimeError(text), trace=trace))
    return pickled


def _receive(connection: "Connection[bytes, bytes]", requests: "SimpleQueue[bytes]") -> None:
    """Receive calls; with the process that makes them this one ends too, whatever it is doing."""
    try:
        while True:
            requests.put(connection.recv_bytes())
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGKILL)
