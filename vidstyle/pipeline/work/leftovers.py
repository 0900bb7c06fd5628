"""Work folders that runs have left: of what, how much of it, and whether somebody is at work there."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from vidstyle.errors import InputError, WorkdirError, quoted, reason
from vidstyle.pipeline.work.workdir import FOLDER, about_of


@dataclass(frozen=True)
class StaleWorkdir:
    """A work folder."""

    path: Path
    source: str
    """What is painted there; empty where that is not known."""
    output: str
    done: int
    """Frames that lie there."""
    frames: int
    """Frames that there are to be; 0 where that is not known."""
    kept: bool
    """Whether the output was made, and the frames are kept on purpose."""
    size_bytes: int
    idle_s: float
    """Seconds since anything was written there."""
    busy: bool
    """Whether a run is at work there."""


def leftovers(folder: Path) -> list[StaleWorkdir]:
    """Find the work folders beside the outputs of a folder, the oldest first.

    Raises
    ------
    InputError
        There is no such folder, or it cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"{quoted(folder)} is no folder; name the one that holds the results.")
    work = folder if folder.name == FOLDER else folder / FOLDER
    try:
        # What a link leads to is somebody else's.
        found = (
            [path for path in work.iterdir() if path.is_dir() and not path.is_symlink()]
            if work.exists()
            else []
        )
    except OSError as exc:
        raise InputError(f"{quoted(work)} cannot be read: {reason(exc)}; check its permissions.") from exc
    return sorted(map(_described, found), key=lambda leftover: -leftover.idle_s)


def remove(leftover: StaleWorkdir) -> None:
    """Remove a work folder, unless somebody has begun to work there.

    Raises
    ------
    WorkdirError
        Somebody has, or it cannot be removed.
    """
    lock = leftover.path / "lock"
    try:
        with FileLock(lock, blocking=False):
            for entry in leftover.path.iterdir():
                if entry != lock:
                    shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        shutil.rmtree(leftover.path)
    except Timeout as exc:
        raise WorkdirError(
            f"A run is at work in {quoted(leftover.path)}; wait for it, or stop it first."
        ) from exc
    except OSError as exc:
        raise WorkdirError(
            f"{quoted(leftover.path)} cannot be removed: {reason(exc)}; check its permissions."
        ) from exc


def _described(path: Path) -> StaleWorkdir:
    about = about_of(path)
    size, latest, done = 0, path.stat().st_mtime, 0
    for file in _files(path):
        with suppress(OSError):  # A run at work renames and removes.
            status = file.stat()
            size, latest = size + status.st_size, max(latest, status.st_mtime)
            done += file.parent.name == "frames" and file.suffix == ".png"
    frames = about.get("frames")
    return StaleWorkdir(
        path=path,
        source=str(about.get("input", "")),
        output=str(about.get("output", "")),
        done=done,
        frames=frames if isinstance(frames, int) else 0,
        kept=about.get("kept") is True,
        size_bytes=size,
        idle_s=max(0.0, time.time() - latest),
        busy=_is_held(path / "lock"),
    )


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root) / name for name in names)


def _is_held(lock: Path) -> bool:
    try:
        with FileLock(lock, blocking=False):
            return False
    except Timeout:
        return True
    except OSError:
        return False
