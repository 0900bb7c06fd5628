"""`vidstyle clean`: the list of work folders, and their removal."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from vidstyle.cli.report.format import format_age, format_count, format_size, printable
from vidstyle.cli.streams import Stream

if TYPE_CHECKING:  # Slow to import, and not needed for the help.
    from vidstyle.pipeline.work.leftovers import StaleWorkdir


def clean(
    folder: Annotated[Path, Parameter(name="FOLDER")] = Path(),
    /,
    *,
    yes: bool = False,
    debug: bool = False,  # noqa: ARG001 - read from argv by `main`.
) -> int:
    """List the frames that interrupted runs and --keep-frames have left, and remove them once confirmed.

    Results and the frames of active runs are never removed. A run whose frames are removed starts from its
    first frame.

    Parameters
    ----------
    folder
        The folder of the results; the current folder by default. One named clean is written ./clean.
    yes
        Remove without asking; needed without a terminal.
    debug
        Show the traceback of an error.
    """
    from vidstyle.pipeline.work.leftovers import find_stale, remove  # noqa: PLC0415

    out, found = Stream(sys.stdout), find_stale(folder)
    for workdir in found:
        out.line(_describe(workdir))
    idle = [workdir for workdir in found if not workdir.busy]
    if not idle:
        out.line(f"{printable(folder.absolute())}: nothing to remove")
        return 0
    total = format_size(sum(workdir.size_bytes for workdir in idle))
    what = f"{format_count(len(idle), 'work folder')}, {total}"
    if not (yes or _confirm(f"Remove {what}? [y/N] ")):
        out.line(f"nothing removed; vidstyle clean --yes removes {what}")
        return 0
    for workdir in idle:
        remove(workdir)
    out.line(f"removed {what}")
    return 0


def _describe(workdir: "StaleWorkdir") -> str:
    """Describe a work folder: `in.mp4 -> out.mp4: stopped after 12 of 36 frames, 24 MiB, 3 days ago`."""
    name = f"{workdir.source} -> {workdir.output}" if workdir.output else str(workdir.path)
    if workdir.busy:
        state = f"active, {workdir.done} of {format_count(workdir.frames, 'frame')} done"
    elif workdir.kept:
        state = f"finished, {format_count(workdir.done, 'frame')} kept"
    else:
        state = f"stopped after {workdir.done} of {format_count(workdir.frames, 'frame')}"
    return (
        f"{printable(Path(name))}: {state}, {format_size(workdir.size_bytes)}, {format_age(workdir.idle_s)}"
    )


def _confirm(question: str) -> bool:
    """Ask on a terminal; elsewhere the answer is no."""
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except (EOFError, KeyboardInterrupt):
        return False
