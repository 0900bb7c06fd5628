"""What is known in a folder of outputs, kept in `.vidstyle/ledger.jsonl`: a line a fact, the latest counts."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock

from vidstyle.errors import WorkdirError, quoted, reason
from vidstyle.media.files import TEMPORARY
from vidstyle.pipeline.work.workdir import FOLDER

_HASHES, _OUTPUTS = "hash", "output"
_COMPACT_LINES = 1000
"""A ledger is rewritten when it has so many lines, and most of them are out of date."""


class Ledger:
    """What is known in a folder of outputs: hashes of files by their identity, and the keys of finished outputs.

    Several threads and processes may read and write it at once. What is read stays in memory, and only what was added
    since is read again, so that an album of thousands costs no more a photo than one of ten.

    Parameters
    ----------
    folder
        Where the outputs are.

    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FOLDER / "ledger.jsonl"
        self._lock = FileLock(folder / FOLDER / "ledger.lock")
        self._turn = threading.RLock()
        self._facts: dict[tuple[str, str], Any] = {}
        self._file: tuple[int, int] | None = None  # Device and inode: it is another after it was rewritten.
        self._offset = self._lines = 0

    def content_hash(self, path: Path, compute: Callable[[Path], str]) -> str:
        """Hash of a file, computed only if its path, size, modification time or inode is new."""
        name, identity = str(path.resolve()), [*_identity(path), path.stat().st_ino]
        known = self._known(_HASHES, name)
        if isinstance(known, list) and known[:-1] == identity:
            return str(known[-1])
        digest = compute(path)
        self._add(_HASHES, name, [*identity, digest])
        return digest

    def note(self, output: Path, made: Path, key: str) -> None:
        """Note that the file `made` is about to become `output`; renaming changes neither its size nor its time."""
        self._add(_OUTPUTS, output.name, [*_identity(made), key])

    def made(self, output: Path, key: str) -> bool:
        """Whether `output` is there as a run of the same key left it."""
        try:
            return bool(self._known(_OUTPUTS, output.name) == [*_identity(output), key])
        except OSError:
            return False

    def is_output(self, path: Path) -> bool:
        """Whether a file is as some run left it."""
        known = self._known(_OUTPUTS, path.name)
        try:
            return isinstance(known, list) and known[:-1] == _identity(path)
        except OSError:
            return False

    def _known(self, table: str, name: str) -> Any:
        with self._turn:
            self._read()
            return self._facts.get((table, name))

    def _read(self) -> None:
        """Take in what was added since."""
        try:
            status = self._path.stat()
            same = self._file == (status.st_dev, status.st_ino) and status.st_size >= self._offset
            if same and status.st_size == self._offset:
                return
            with self._path.open("rb") as file:
                if not same:
                    self._facts, self._offset, self._lines = {}, 0, 0
                self._file = (status.st_dev, status.st_ino)
                file.seek(self._offset)
                data = file.read()
        except OSError:  # Lost knowledge is found again.
            self._facts, self._file, self._offset, self._lines = {}, None, 0, 0
            return
        whole = data.rfind(b"\n") + 1  # Another may be writing the last line.
        for line in data[:whole].splitlines():
            try:
                table, name, value = json.loads(line)
                self._facts[str(table), str(name)] = value
            except (ValueError, TypeError):
                continue
        self._lines += data.count(b"\n")
        self._offset += whole

    def _add(self, table: str, name: str, value: Any) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._turn, self._lock:
                self._read()
                if self._lines > max(_COMPACT_LINES, 2 * len(self._facts)):
                    self._compact()
                with self._path.open("ab") as file:
                    # A line that a crash has torn is ended, so that it takes no other with it.
                    torn = file.tell() > self._offset
                    file.write(b"\n" * torn + _line(table, name, value))
        except OSError as exc:
            raise WorkdirError(
                f"The work folder {quoted(self._path.parent)} cannot be written: {reason(exc)}; choose another output folder."
            ) from exc

    def _compact(self) -> None:
        temporary = self._path.with_name(f"{TEMPORARY}ledger-{os.getpid()}")
        temporary.write_bytes(b"".join(_line(*fact, value) for fact, value in self._facts.items()))
        temporary.replace(self._path)
        self._read()


def _line(table: str, name: str, value: Any) -> bytes:
    return json.dumps([table, name, value]).encode() + b"\n"


def _identity(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
