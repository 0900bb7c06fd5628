"""What can go wrong, by name.

::

    VidstyleError              exit code 1
    ├── UsageError             exit code 2: the command line alone shows it
    ├── InputError             a file cannot be what it was given as
    │   ├── ProbeError         not a film or picture that can be read
    │   ├── DecodeError        frames are missing or damaged
    │   └── RangeError         --start or --end outside the film
    ├── OutputError            the result cannot be written there
    │   └── EncodeError        ffmpeg did not make the film
    ├── WeightsError           a weights file is damaged or of another network
    ├── PainterError           the optimiser or the device failed
    │   └── DeviceFullError    the device has not enough memory
    ├── WorkdirError           another run holds the work folder, or it cannot be written
    └── Interrupted            asked to stop; exit code 130, and resumable

Every message is one sentence that says what, where, and what to do.
"""

from pathlib import Path


class VidstyleError(Exception):
    """Base of every error that vidstyle raises on purpose."""

    exit_code = 1


class UsageError(VidstyleError):
    """The request contradicts itself or holds a value out of range."""

    exit_code = 2


class InputError(VidstyleError):
    """An input cannot be used as what it was given as."""


class ProbeError(InputError):
    """A file is no film or picture that can be read."""


class DecodeError(InputError):
    """Frames of an input are missing or damaged."""


class RangeError(InputError):
    """A part was asked for that the film does not have."""


class OutputError(VidstyleError):
    """A result cannot be written where it was asked for."""


class EncodeError(OutputError):
    """ffmpeg failed, or what it wrote is not the film it was given."""


class WeightsError(VidstyleError):
    """A weights file is damaged, or belongs to another network."""


class PainterError(VidstyleError):
    """The optimiser failed, or the device asked for is not there."""


class DeviceFullError(PainterError):
    """The device that paints has not enough memory."""


class WorkdirError(VidstyleError):
    """The work folder is held by another run or cannot be used."""


class Interrupted(VidstyleError):  # noqa: N818 - it is a wish, not a fault.
    """A run was asked to stop; what is painted is kept, and the same request goes on."""

    exit_code = 130


def reason(exc: BaseException) -> str:
    """Words of a system or library error, without its number and path: `No space left on device`."""
    text = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
    return " ".join(str(text).split()).rstrip(".")


def quoted(path: Path | str) -> str:
    """Write a path so that it stays one readable line, whatever bytes its name holds."""
    text = str(path).encode("utf-8", "backslashreplace").decode()
    return "'" + "".join(c if c.isprintable() else repr(c)[1:-1] for c in text) + "'"
