"""`vidstyle show`: the command that made a result."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from vidstyle.cli.streams import Stream
from vidstyle.errors import InputError, quoted


def show(
    result: Annotated[Path, Parameter(name="RESULT")],
    /,
    *,
    debug: bool = False,  # noqa: ARG001 - read from argv by `main`.
) -> int:
    """Print the command that made a photo or film, from its metadata, after the version of vidstyle.

    Parameters
    ----------
    result
        A result of vidstyle. A film named show is written ./show.
    debug
        Show the traceback of an error.
    """
    from vidstyle.pipeline.provenance import read_command  # noqa: PLC0415

    command = read_command(result)
    if command is None:
        raise InputError(
            f"{quoted(result)} does not contain the command that made it; give a result of vidstyle, "
            "in a format with metadata."
        )
    Stream(sys.stdout).line(command)
    return 0
