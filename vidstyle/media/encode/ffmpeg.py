"""Finds ffmpeg and runs it: the only place that starts a process."""

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
_WORDS = 400  # Characters of its last words that fit into a sentence.


def binary() -> Path:
    """Find ffmpeg: the one that `VIDSTYLE_FFMPEG` names, else the one that came with the package.

    Raises
    ------
    EncodeError
        There is none, or it may not be run.
    """
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(named)
        if not path.is_file():
            raise EncodeError(
                f"{VARIABLE} names {quoted(named)}, which is no file; set it to an ffmpeg binary or unset it."
            )
    else:
        try:
            path = Path(imageio_ffmpeg.get_ffmpeg_exe())
        except RuntimeError as exc:
            raise EncodeError(
                f"There is no ffmpeg here; install one and set {VARIABLE} to its path."
            ) from exc
    if not os.access(path, os.X_OK):
        raise EncodeError(f"{quoted(path)} may not be executed; set {VARIABLE} to an ffmpeg binary.")
    return path


def run(stream_or_args: Any, *, what: str, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Run ffmpeg to its end.

    Parameters
    ----------
    stream_or_args
        An output of an ffmpeg-python graph, or ffmpeg's arguments without its name.
    what
        What it is to do, for the error: `make 'out.mp4'`.
    should_stop
        Asked about ten times a second; True ends ffmpeg at once.

    Raises
    ------
    EncodeError
        ffmpeg failed; its last words are quoted.
    Interrupted
        `should_stop` said so.
    """
    if isinstance(stream_or_args, Sequence):
        arguments = [str(argument) for argument in stream_or_args]
    else:
        arguments = ffmpeg.get_args(stream_or_args)
    command = [str(binary()), "-nostdin", "-hide_banner", "-v", "error", *arguments]
    # Its words go to a file, because an undrained pipe would block it.
    with tempfile.TemporaryFile() as words:
        status = _wait(command, words, what, should_stop)
        if status:
            raise EncodeError(
                f"ffmpeg could not {what}: {_last(words, status)}; mend that and run the same command again."
            )


@cache
def encoders(program: Path) -> frozenset[str]:
    """List the encoders that an ffmpeg has.

    Raises
    ------
    EncodeError
        It does not run.
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
            f"{quoted(program)} does not run as ffmpeg: {reason(exc)}; set {VARIABLE} to another."
        ) from exc
    return frozenset(re.findall(r"^ [VAS][F.][S.][X.][B.][D.] (\S+)", listing, re.MULTILINE))


def _wait(command: list[str], words: BinaryIO, what: str, should_stop: Callable[[], bool]) -> int:
    try:
        process = subprocess.Popen(  # noqa: S603 - as above.
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=words,
            # Ctrl-C in the terminal would end it first, and leave a short but valid film.
            start_new_session=True,
        )
    except OSError as exc:
        raise EncodeError(
            f"ffmpeg could not be started to {what}: {reason(exc)}; set {VARIABLE} to another."
        ) from exc
    try:
        while True:
            if should_stop():
                raise Interrupted("Interrupted while ffmpeg worked; run the same command to go on.")
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


def _last(words: BinaryIO, status: int) -> str:
    """Pick what ffmpeg said last, without the addresses that it prefixes."""
    if status < 0:
        return f"it was killed ({signal.Signals(-status).name})"
    words.seek(max(0, words.seek(0, os.SEEK_END) - 4096))
    text = words.read().decode("utf-8", "replace")
    lines = [re.sub(r"^(\[[^\]]* @ 0x[0-9a-f]+\] )+", "", line).strip() for line in text.splitlines()]
    lines = [line for line in lines if line and line != "Conversion failed!"]
    # The cause comes first, and what follows from it after; the last few hold both.
    said = "; ".join(dict.fromkeys(line.rstrip(".") for line in lines[-3:]))
    return said[-_WORDS:] or f"it ended with status {status}"
