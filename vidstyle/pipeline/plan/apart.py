"""No output is ever one of the files that it is made of."""

from collections.abc import Iterable
from pathlib import Path

from vidstyle.errors import OutputError, quoted


def check_apart(sources: Iterable[Path], outputs: Iterable[Path]) -> None:
    """Refuse an output that is an input, a style or a mask, by whatever name or link.

    Raises
    ------
    OutputError
        There is one.

    """
    known: dict[tuple[int, int], Path] = {}
    for source in dict.fromkeys(sources):
        try:
            status = source.stat()
        except OSError:
            continue
        known[status.st_dev, status.st_ino] = source
    for output in outputs:
        try:
            status = output.stat()
        except OSError:
            continue
        if same := known.get((status.st_dev, status.st_ino)):
            raise OutputError(
                f"The output {quoted(output)} is the input {quoted(same)} itself; choose another name with -o."
            )
