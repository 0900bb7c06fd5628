"""Functions for the child process that crash, fail, or say where they ran."""

import os
import time
from pathlib import Path

from vidstyle.errors import DecodeError
from vidstyle.media.isolation import isolated


@isolated
def process_of(path, *, sleep_s=0.0):
    """Identify the process and the folder that the call is made in."""
    time.sleep(sleep_s)
    return os.getpid(), Path.cwd(), path.exists()


@isolated
def crash(_path):
    """Abort, as glibc does where memory is freed twice."""
    os.abort()


@isolated
def crash_first(path):
    """Abort the first time, as after a file that has spoilt the memory."""
    if not path.exists():
        path.touch()
        os.abort()
    return "fine"


@isolated
def fail(path):
    raise DecodeError(f"{path} is damaged; repair it.")


class OddError(Exception):
    """An error that can be pickled, and not restored."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


@isolated
def fail_oddly(_path):
    raise OddError("one", "two")


@isolated
def nested(path):
    return process_of(path)[0] == os.getpid()
