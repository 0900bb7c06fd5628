"""Processes of ffmpeg: the only module that starts one."""

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import ffmpeg
import imageio_ffmpeg

from vidstyle.errors import EncodeError, Interrupted, quoted, reason

VARIABLE = "VIDSTYLE_FFMPEG"
_POLL_S = 0.1
_MAX_CHARACTERS = 400
"""Length of ffmpeg's last lines that fits into a message."""


def binary() -> Path:
    """Find ffmpeg: the one that `VIDSTYLE_FFMPEG` names, otherwise the one of imageio-ffmpeg.

    Raises
    ------
    EncodeError
        It does not exist, or is not executable.
    """
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(named)
        if not path.is_file():
            raise EncodeError(
                f"{VARIABLE} names {quoted(named)}, which is not a file; set it to an ffmpeg binary, or "
                "unset it."
            )
    else:
        try:
            path = Path(imageio_ffmpeg.get_ffmpeg_exe())
        except RuntimeError as exc:
            raise EncodeError(f"ffmpeg was not found; install it and set {VARIABLE} to its path.") from exc
    if not os.access(path, os.X_OK):
        raise EncodeError(f"{quoted(path)} is not executable; set {VARIABLE} to an ffmpeg binary.")
    return path


def run(stream_or_args: Any, *, what: str, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Run ffmpeg to its end.

    Parameters
    ----------
    stream_or_args
        An output of an ffmpeg-python graph, or ffmpeg's arguments without its name.
    what
        Its task, for the error: `write 'out.mp4'`.
    should_stop
        Called about ten times per second; True ends ffmpeg at once.

    Raises
    ------
    EncodeError
        ffmpeg failed; its last lines are quoted.
    Interrupted
        `should_stop` returned True.
    """
    if isinstance(stream_or_args, Sequence):
        arguments = [str(argument) for argument in stream_or_args]
    else:
        arguments = ffmpeg.get_args(stream_or_args)
    if lines := find_fault(arguments, what=what, should_stop=should_stop):
        # The cause comes first and its consequences follow; the last few lines hold both.
        message = "; ".join(lines[-3:])[-_MAX_CHARACTERS:]
        raise EncodeError(f"ffmpeg failed to {what}: {message}; fix this and rerun the command.")


def find_fault(
    arguments: Sequence[str], *, what: str, should_stop: Callable[[], bool] = lambda: False
) -> list[str]:
    """Run ffmpeg to its end, as `run`, and list its error messages: none if it did not fail."""
    command = [str(binary()), "-nostdin", "-hide_banner", "-v", "error", *arguments]
    # Its messages go to a file, because an undrained pipe would block it.
    with tempfile.TemporaryFile() as log:
        status = _wait(command, log, what, should_stop)
        return _messages(log, status) if status else []


@cache
def encoders(program: Path) -> frozenset[str]:
    """List the encoders of an ffmpeg binary.

    Raises
    ------
    EncodeError
        It cannot be run.
    """
    try:
        listing = subprocess.run(  # noqa: S603 - a program that the user named, or the package's own.
            [str(program), "-v", "quiet", "-encoders"],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
        ).stdout
    except (OSError, subprocess.SubprocessError) as exc:
        raise EncodeError(
            f"{quoted(program)} cannot be run as ffmpeg: {reason(exc)}; set {VARIABLE} to another."
        ) from exc
    return frozenset(re.findall(r"^ [VAS][F.][S.][X.][B.][D.] (\S+)", listing, re.MULTILINE))


def _wait(command: list[str], log: BinaryIO, what: str, should_stop: Callable[[], bool]) -> int:
    try:
        process = subprocess.Popen(  # noqa: S603 - as above.
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            # Ctrl-C in the terminal would end it first, leaving a short but valid film.
            start_new_session=True,
        )
    except OSError as exc:
        raise EncodeError(
            f"ffmpeg could not be started to {what}: {reason(exc)}; set {VARIABLE} to another binary."
        ) from exc
    try:
        while True:
            if should_stop():
                raise Interrupted("Interrupted while ffmpeg was running; rerun the command to continue.")
            try:
                return process.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                continue
    finally:
        if process.poll() is None:
            _kill(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _messages(log: BinaryIO, status: int) -> list[str]:
    """Extract ffmpeg's last lines, each once, without the addresses that it prefixes."""
    if status < 0:
        return [f"it was killed ({signal.Signals(-status).name})"]
    log.seek(max(0, log.seek(0, os.SEEK_END) - 4096))
    text = log.read().decode("utf-8", "replace")
    lines = [re.sub(r"^(\[[^\]]* @ 0x[0-9a-f]+\] )+", "", line).strip() for line in text.splitlines()]
    found = [line.rstrip(".") for line in lines if line and line != "Conversion failed!"]
    return list(dict.fromkeys(found)) or [f"it exited with status {status}"]
