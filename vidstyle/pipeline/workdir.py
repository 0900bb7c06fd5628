"""The work folder: everything a run has finished, kept so that the same run goes on where it stopped.

::

    .vidstyle/                 beside the output
        ledger.json            hashes of files, and the key of each finished output
        <key>/
            lock
            journal.jsonl      a line a finished frame: its checksum, its figures, what it hands to the next
            frames/000012.png  painted frames, 16 bit, named by their index in the source

A frame counts as finished when its line is in the journal and its file has the checksum that the line says. Whatever
else lies there, torn or left over, is painted again.
"""

import contextlib
import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from vidstyle.errors import WorkdirError, quoted, reason

FOLDER = ".vidstyle"


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
        Another run holds it, or it cannot be written.

    """

    def __init__(self, output: Path, key: str, *, fresh: bool = False) -> None:
        self.path = output.parent / FOLDER / key
        self.frames = self.path / "frames"
        self._fresh = fresh
        self._lock = FileLock(self.path / "lock", blocking=False)
        self._records: dict[int, Record] = {}
        self._output = output

    def __enter__(self) -> Self:
        with self._named():
            self.path.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire()
            except Timeout as exc:
                raise WorkdirError(
                    f"Another run is making {quoted(self._output)}; wait for it, or stop it first."
                ) from exc
            if self._fresh:
                shutil.rmtree(self.frames, ignore_errors=True)
                self._journal.unlink(missing_ok=True)
            self.frames.mkdir(exist_ok=True)
            for leftover in [*self.path.glob(".vidstyle-*"), *self.frames.glob(".vidstyle-*")]:
                leftover.unlink()
            self._records = self._read_journal()
            # A torn last line would swallow the next one.
            self._write_journal()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    @property
    def _journal(self) -> Path:
        return self.path / "journal.jsonl"

    def frame(self, index: int) -> Path:
        """Where the painted frame of a source's index lies."""
        return self.frames / f"{index:06d}.png"

    def finished(self, index: int) -> Record | None:
        """Record of a frame that is whole and intact, None for any other."""
        record = self._records.get(index)
        if record is None:
            return None
        try:
            intact = zlib.crc32(self.frame(index).read_bytes()) == record.crc
        except OSError:
            intact = False
        if not intact:
            del self._records[index]
        return record if intact else None

    def record(self, record: Record) -> None:
        """Note that a frame's file is written; it is finished once this returns."""
        with self._named(), self._journal.open("a", encoding="utf-8") as file:
            file.write(_line(record))
            file.flush()
            os.fsync(file.fileno())
        self._records[record.index] = record

    def remove(self) -> None:
        """Remove the folder; its lock is held until the end."""
        shutil.rmtree(self.frames, ignore_errors=True)
        self._journal.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # On some systems a lock that is held cannot be removed.
            (self.path / "lock").unlink(missing_ok=True)
            self.path.rmdir()

    def _read_journal(self) -> dict[int, Record]:
        try:
            lines = self._journal.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return {}
        records = {}
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                content, _, crc = line.rpartition(" ")
                if int(crc, 16) == zlib.crc32(content.encode()):
                    record = Record(**json.loads(content))
                    records[record.index] = record
        return records

    def _write_journal(self) -> None:
        temporary = self.path / ".vidstyle-journal"
        temporary.write_text("".join(_line(record) for record in self._records.values()), encoding="utf-8")
        temporary.replace(self._journal)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise WorkdirError(
                f"The work folder {quoted(self.path)} cannot be used: {reason(exc)}; free space, or choose another output folder."
            ) from exc


def _line(record: Record) -> str:
    """One line of the journal: the record as JSON, and the checksum that tells a torn or damaged line."""
    content = json.dumps(vars(record), sort_keys=True)
    return f"{content} {zlib.crc32(content.encode()):08x}\n"


class Ledger:
    """What is known in a folder of outputs: hashes of files by their identity, and the keys of finished outputs."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FOLDER / "ledger.json"
        self._lock = FileLock(folder / FOLDER / "ledger.lock")

    def content_hash(self, path: Path, compute: Callable[[Path], str]) -> str:
        """Hash of a file, computed only if its path, size, modification time or inode is new."""
        name = str(path.resolve())
        identity = [*_identity(path), path.stat().st_ino]
        known = self._read()["hashes"].get(name)
        if known and known[:-1] == identity:
            return str(known[-1])
        digest = compute(path)
        self._update("hashes", name, [*identity, digest])
        return digest

    def note(self, output: Path, made: Path, key: str) -> None:
        """Note that the file `made` is about to become `output`; renaming changes neither its size nor its time."""
        self._update("outputs", output.name, [*_identity(made), key])

    def made(self, output: Path, key: str) -> bool:
        """Whether `output` is there as a run of the same key left it."""
        try:
            return bool(self._read()["outputs"].get(output.name) == [*_identity(output), key])
        except OSError:
            return False

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return {"hashes": dict(content["hashes"]), "outputs": dict(content["outputs"])}
        except (OSError, ValueError, KeyError, TypeError):  # Lost knowledge is found again.
            return {"hashes": {}, "outputs": {}}

    def _update(self, table: str, name: str, value: Any) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                content = self._read()
                content[table][name] = value
                temporary = self._path.with_name(".vidstyle-ledger")
                temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")
                temporary.replace(self._path)
        except OSError as exc:
            raise WorkdirError(
                f"The work folder {quoted(self._path.parent)} cannot be written: {reason(exc)}; choose another output folder."
            ) from exc


def _identity(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
