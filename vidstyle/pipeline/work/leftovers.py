"""Stale work folders: their source, size and age, and their removal."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from vidstyle.errors import InputError, WorkdirError, quoted, reason
from vidstyle.pipeline.work.workdir import FOLDER, read_about


@dataclass(frozen=True)
class StaleWorkdir:
    """A work folder that a run has left, or is still painting in."""

    path: Path
    source: str
    """Path of the input; empty where it is unknown."""
    output: str
    """Path of the output; empty where it is unknown."""
    done: int
    """Number of frames there."""
    frames: int
    """Number of frames to paint; 0 where it is unknown."""
    kept: bool
    """Whether the output is made, and the frames are kept on request."""
    size_bytes: int
    idle_s: float
    """Seconds since the last write."""
    busy: bool
    """Whether a run holds its lock."""


def find_stale(folder: Path) -> list[StaleWorkdir]:
    """Find the work folders in a folder of outputs, the oldest first.

    Raises
    ------
    InputError
        The folder does not exist, or cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"{quoted(folder)} is not a folder; name the one with the results.")
    work = folder if folder.name == FOLDER else folder / FOLDER
    try:
        # A link may lead to files that vidstyle has not written.
        folders = [path for path in work.iterdir() if path.is_dir() and not path.is_symlink()]
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise InputError(f"{quoted(work)} cannot be read: {reason(exc)}; check its permissions.") from exc
    return sorted(map(_describe, folders), key=lambda workdir: -workdir.idle_s)


def remove(workdir: StaleWorkdir) -> None:
    """Remove a work folder, unless a run has started there.

    Raises
    ------
    WorkdirError
        A run has started there, or the folder cannot be removed.
    """
    lock = workdir.path / "lock"
    try:
        with FileLock(lock, blocking=False):
            for entry in workdir.path.iterdir():
                if entry != lock:
                    shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        shutil.rmtree(workdir.path)
    except Timeout as exc:
        raise WorkdirError(
            f"another run is working in {quoted(workdir.path)}; wait for it, or stop it first."
        ) from exc
    except OSError as exc:
        raise WorkdirError(
            f"{quoted(workdir.path)} cannot be removed: {reason(exc)}; check its permissions."
        ) from exc


def _describe(path: Path) -> StaleWorkdir:
    about = read_about(path)
    size_bytes, latest, done = 0, path.stat().st_mtime, 0
    for file in _walk(path):
        with suppress(OSError):  # A run may rename and remove files meanwhile.
            status = file.stat()
            size_bytes, latest = size_bytes + status.st_size, max(latest, status.st_mtime)
            done += file.parent.name == "frames" and file.suffix == ".png"
    frames = about.get("frames")
    return StaleWorkdir(
        path=path,
        source=str(about.get("input", "")),
        output=str(about.get("output", "")),
        done=done,
        frames=frames if isinstance(frames, int) else 0,
        kept=about.get("kept") is True,
        size_bytes=size_bytes,
        idle_s=max(0.0, time.time() - latest),
        busy=_is_held(path / "lock"),
    )


def _walk(folder: Path) -> Iterator[Path]:
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
