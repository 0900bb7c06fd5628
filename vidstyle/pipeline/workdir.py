"""The work folder: everything a run has finished, kept so that the same run goes on where it stopped.

::

    .vidstyle/                 beside the output
        ledger.jsonl           hashes of files, and the key of each finished output
        <name>.lock            held by whoever makes the output of that name
        <key>/
            lock               held by whoever paints these frames
            about.json         what they are of, and whether they are kept on purpose
            journal.jsonl      a line a finished frame: its checksum, its figures, what it hands to the next
            frames/000012.png  painted frames, 16 bit, named by their index in the source

A frame counts as finished when its line is in the journal and its file has the checksum that the line says. Whatever
else lies there, torn or left over, is painted again.
"""

import contextlib
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from vidstyle.errors import WorkdirError, quoted, reason
from vidstyle.media.files import TEMPORARY, replace_with

FOLDER = ".vidstyle"
ABOUT = "about.json"


@dataclass(frozen=True)
class Record:
    """A line of the journal."""

    index: int
    crc: int
    figures: Mapping[str, Any]
    """What `--stats` says of the frame."""
    carry: Mapping[str, Any]
    """What the frame hands to the next, beside its picture."""


class Workdir:
    """A run's own folder, locked while open.

    Parameters
    ----------
    output
        The file that the run makes.
    key
        Hash of everything that decides its bytes.
    fresh
        Whether to forget what an earlier run left.

    Raises
    ------
    WorkdirError
        Another run holds it or makes the same output, or it cannot be written.

    """

    def __init__(self, output: Path, key: str, *, fresh: bool = False) -> None:
        self.path = output.parent / FOLDER / key
        self.frames = self.path / "frames"
        self._fresh = fresh
        # An output's name may be as long as the file system allows, so its hash stands for it.
        name = hashlib.sha256(os.fsencode(output.name)).hexdigest()[:24]
        self._files = (self.path.parent / f"{name}.lock", self.path / "lock")
        self._locks = contextlib.ExitStack()
        self._records: dict[int, Record] = {}
        self._intact: set[int] = set()
        self._output = output

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as locks, self._named():
            self.path.mkdir(parents=True, exist_ok=True)
            for file in self._files:
                try:
                    locks.enter_context(FileLock(file, blocking=False))
                except Timeout as exc:
                    raise WorkdirError(
                        f"Another run is at work in {quoted(self.path)}, on {quoted(self._output)} or on the same "
                        "input; wait for it, or stop it first."
                    ) from exc
            if self._fresh:
                shutil.rmtree(self.frames, ignore_errors=True)
                self._journal.unlink(missing_ok=True)
                (self.path / ABOUT).unlink(missing_ok=True)
            self.frames.mkdir(exist_ok=True)
            for leftover in [*self.path.glob(f"{TEMPORARY}*"), *self.frames.glob(f"{TEMPORARY}*")]:
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
            self._records, whole = self._read_journal()
            if not whole:  # A torn last line would swallow the next one.
                lines = "".join(_line(record) for record in self._records.values())
                replace_with(self._journal, lines.encode())
            self._locks = locks.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._locks.close()

    @property
    def _journal(self) -> Path:
        return self.path / "journal.jsonl"

    def frame(self, index: int) -> Path:
        """Where the painted frame of a source's index lies."""
        return self.frames / f"{index:06d}.png"

    def finished(self, index: int) -> Record | None:
        """Record of a frame that is whole and intact, None for any other."""
        record = self._records.get(index)
        if record is None or index in self._intact:
            return record
        try:
            intact = zlib.crc32(self.frame(index).read_bytes()) == record.crc
        except OSError:
            intact = False
        if not intact:
            del self._records[index]
            return None
        # Read once: nobody else writes here while the lock is held.
        self._intact.add(index)
        return record

    def missing(self, indices: Iterable[int]) -> list[int]:
        """Those of some frames that are not finished."""
        return [index for index in indices if self.finished(index) is None]

    def record(self, record: Record) -> None:
        """Note that a frame's file is written; it is finished once this returns."""
        with self._named(), self._journal.open("a", encoding="utf-8") as file:
            file.write(_line(record))
            file.flush()
            os.fsync(file.fileno())
        self._records[record.index] = record
        self._intact.add(record.index)

    def describe(self, source: Path, output: Path, frames: int) -> None:
        """Note what the frames are of, for whoever looks for what may be removed."""
        about = {"input": str(source), "output": str(output), "frames": frames, "kept": self.kept}
        with self._named():
            replace_with(self.path / ABOUT, json.dumps(about).encode("utf-8", "surrogateescape"))

    @property
    def kept(self) -> bool:
        """Whether the frames are kept on purpose though their output is made."""
        return about_of(self.path).get("kept") is True

    def finish(self, *, keep: bool = False) -> None:
        """Remove the folder, unless its frames are to be kept, or were by an earlier run."""
        if not (keep or self.kept):
            self.remove()
        elif not self.kept:
            about = about_of(self.path) | {"kept": True}
            with self._named():
                replace_with(self.path / ABOUT, json.dumps(about).encode())

    def remove(self) -> None:
        """Remove the folder; its lock is held until the end."""
        # On some systems a lock that is held cannot be removed.
        with contextlib.suppress(OSError):
            for file in self._files:
                file.unlink(missing_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)

    def _read_journal(self) -> tuple[dict[int, Record], bool]:
        """Read the records, and tell whether every line was whole."""
        try:
            text = self._journal.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return {}, True
        records, whole = {}, text.endswith("\n") or not text
        for line in text.splitlines():
            try:
                content, _, crc = line.rpartition(" ")
                record = Record(**json.loads(content))
                intact = int(crc, 16) == zlib.crc32(content.encode())
            except (ValueError, TypeError):
                intact = False
            whole &= intact
            if intact:
                records[record.index] = record
        return records, whole

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise WorkdirError(
                f"The work folder {quoted(self.path)} cannot be used: {reason(exc)}; free space, or choose another output folder."
            ) from exc


def begun(output: Path, key: str) -> int | None:
    """Count the frames that runs of that key have left; None where there was none."""
    work = Workdir(output, key)
    return sum(1 for _ in work.frames.glob("*.png")) if work.path.exists() else None


def about_of(folder: Path) -> dict[str, Any]:
    """Read what a work folder says of itself; nothing where it does not."""
    try:
        about = json.loads((folder / ABOUT).read_bytes())
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def _line(record: Record) -> str:
    """One line of the journal: the record as JSON, and the checksum that tells a torn or damaged line."""
    content = json.dumps(vars(record), sort_keys=True)
    return f"{content} {zlib.crc32(content.encode()):08x}\n"
