"""Errors that vidstyle raises on purpose, and their exit codes.

::

    VidstyleError              exit code 1
    ├── UsageError             exit code 2: the command line alone shows the mistake
    ├── InputError             an input cannot be used as given
    │   ├── ProbeError         not a readable film or photo
    │   ├── DecodeError        frames are missing or damaged
    │   └── RangeError         --start or --end outside the film
    ├── OutputError            the result cannot be written to the given path
    │   └── EncodeError        ffmpeg failed, or wrote another film than planned
    ├── WeightsError           a weights file is damaged or for another network
    ├── PainterError           the optimiser or the device failed
    │   └── DeviceFullError    the device has not enough memory
    ├── WorkdirError           the work folder is in use by another run, or not writable
    └── Interrupted            stopped on request; exit code 130, resumable

Every message is one sentence that says what failed, where, and what to do.
"""

import os
from collections.abc import Mapping
from pathlib import Path


class VidstyleError(Exception):
    """Base class of all errors that vidstyle raises on purpose."""

    exit_code = 1


class UsageError(VidstyleError):
    """A request that contradicts itself or holds a value out of range."""

    exit_code = 2


class InputError(VidstyleError):
    """An input that cannot be used as given."""


class ProbeError(InputError):
    """A file that cannot be read as a film or photo."""


class DecodeError(InputError):
    """Missing or damaged frames of an input."""


class RangeError(InputError):
    """A `--start` or `--end` outside the film."""


class OutputError(VidstyleError):
    """A result that cannot be written to the given path."""


class EncodeError(OutputError):
    """A failure of ffmpeg, or a written film that fails verification."""


class WeightsError(VidstyleError):
    """A weights file that is damaged or belongs to another network."""


class PainterError(VidstyleError):
    """A failure of the optimiser, or a missing device."""


class DeviceFullError(PainterError):
    """Too little memory on the device that paints."""


class WorkdirError(VidstyleError):
    """A work folder that is in use by another run, or not writable."""


class Interrupted(VidstyleError):  # noqa: N818 - a request, not an error.
    """A stop on request: painted frames are kept, and the same request resumes."""

    exit_code = 130


def reason(exc: BaseException) -> str:
    """Get the text of a system or library error without its number and path: `No space left on device`."""
    text = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
    return " ".join(str(text).split()).rstrip(".")


def text_of_name(name: Path | str) -> str:
    """Convert a name to text: by UTF-8 where its bytes are that, otherwise as the locale has decoded it."""
    try:
        return os.fsencode(name).decode("utf-8")
    except UnicodeError:
        return str(name)


def quoted(path: Path | str) -> str:
    """Quote a path as one printable line, whatever bytes its name holds."""
    text = text_of_name(path).encode("utf-8", "backslashreplace").decode()
    return "'" + "".join(c if c.isprintable() else repr(c)[1:-1] for c in text) + "'"


def format_counts(counts: Mapping[str, int]) -> str:
    """Format counts by kind: `3 hidden, 2 sidecars`."""
    return ", ".join(
        f"{number} {kind}" + ("s" if number > 1 and kind not in _UNCOUNTABLE else "")
        for kind, number in counts.items()
        if number
    )


_UNCOUNTABLE = {"hidden", "painted before", "folder seen before", "RAW of a pair"}
