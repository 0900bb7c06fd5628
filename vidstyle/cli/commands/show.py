"""`vidstyle show`: the command that made a result."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from vidstyle.cli.streams import Stream
from vidstyle.errors import InputError, quoted


def show(result: Annotated[Path, Parameter(name="RESULT")], /, *, debug: bool = False) -> int:
    """Print the command that made a photo or film, as its metadata have it, with the version of vidstyle before it.

    Parameters
    ----------
    result
        What vidstyle has made. A film named show is written ./show.
    debug
        Show the traceback of an error.
    """
    from vidstyle.pipeline.provenance import read_command  # noqa: PLC0415

    _ = debug  # Whoever complains looks for the word itself.
    note = read_command(result)
    if note is None:
        raise InputError(
            f"{quoted(result)} does not say how it was made: it is not vidstyle's, or its format has no place for that."
        )
    Stream(sys.stdout).line(note)
    return 0
