"""`vidstyle clean`: removes what runs have left, after listing it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from vidstyle.cli.report.format import ago, count, shown, size
from vidstyle.cli.streams import Stream

if TYPE_CHECKING:  # What it imports takes a moment, which the help does not need.
    from vidstyle.pipeline.work.leftovers import StaleWorkdir


def clean(
    folder: Annotated[Path, Parameter(name="FOLDER")] = Path(),
    /,
    *,
    yes: bool = False,
    debug: bool = False,
) -> int:
    """List the frames that runs have left beside their results, and remove them: of runs that were stopped, and kept ones.

    Runs that are still at work are left alone, and so are results. A run whose frames are removed begins anew.

    Parameters
    ----------
    folder
        Where the results are; the current folder by default. One named clean is written ./clean.
    yes
        Remove without asking; needed where nobody can be asked.
    debug
        Show the traceback of an error.
    """
    from vidstyle.pipeline.work.leftovers import find_stale, remove  # noqa: PLC0415

    _ = debug  # Whoever complains looks for the word itself.
    out, found = Stream(sys.stdout), find_stale(folder)
    for leftover in found:
        out.line(_described(leftover))
    idle = [leftover for leftover in found if not leftover.busy]
    total = size(sum(leftover.size_bytes for leftover in idle))
    if not idle:
        out.line(f"{shown(folder.absolute())}: nothing to remove")
        return 0
    if not (yes or _agreed(f"Remove {count(len(idle), 'work folder')}, {total}? [y/N] ")):
        out.line(f"nothing removed; vidstyle clean --yes removes {count(len(idle), 'work folder')}, {total}")
        return 0
    for leftover in idle:
        remove(leftover)
    out.line(f"removed {count(len(idle), 'work folder')}, {total}")
    return 0


def _described(leftover: "StaleWorkdir") -> str:
    """`in.mp4 -> in-starry.mp4: stopped after 12 of 36 frames, 24 MiB, 3 days ago`."""
    what = f"{leftover.source} -> {leftover.output}" if leftover.output else str(leftover.path)
    if leftover.busy:
        state = f"at work, {leftover.done} of {count(leftover.frames, 'frame')} done"
    elif leftover.kept:
        state = f"finished, {count(leftover.done, 'frame')} kept"
    else:
        state = f"stopped after {leftover.done} of {count(leftover.frames, 'frame')}"
    return f"{shown(Path(what))}: {state}, {size(leftover.size_bytes)}, {ago(leftover.idle_s)}"


def _agreed(question: str) -> bool:
    """Ask, where there is somebody to be asked."""
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except (EOFError, KeyboardInterrupt):
        return False
