"""Ledger of a folder of outputs, `.vidstyle/ledger.jsonl`: one fact per line, of which the latest counts."""

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
"""Lines above which a ledger is rewritten, if most of them are out of date."""


class Ledger:
    """Hashes of files by their identity, and the keys of finished outputs.

    Several threads and processes may read and write it at once. Facts stay in memory, and only lines added
    since are read, so that a photo of an album of thousands costs no more than one of an album of ten.

    Parameters
    ----------
    folder
        Folder of the outputs.

    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FOLDER / "ledger.jsonl"
        self._lock = FileLock(folder / FOLDER / "ledger.lock")
        self._thread_lock = threading.RLock()
        self._facts: dict[tuple[str, str], Any] = {}
        self._identity: tuple[int, int] | None = None  # Device and inode, which change when it is rewritten.
        self._offset = self._lines = 0

    def content_hash(self, path: Path, compute: Callable[[Path], str]) -> str:
        """Hash a file, computed only if its path, size, modification time or inode is new.

        Raises
        ------
        OSError
            The file cannot be read.
        WorkdirError
            The ledger cannot be written.

        """
        name, state = str(path.resolve()), [*_size_and_time(path), path.stat().st_ino]
        known = self._get(_HASHES, name)
        if isinstance(known, list) and known[:-1] == state:
            return str(known[-1])
        digest = compute(path)
        self._add(_HASHES, name, [*state, digest])
        return digest

    def note(self, output: Path, made: Path, key: str) -> None:
        """Note that the file `made` is about to be renamed to `output`; its size and time stay the same.

        Raises
        ------
        WorkdirError
            The ledger cannot be written.

        """
        self._add(_OUTPUTS, output.name, [*_size_and_time(made), key])

    def is_made(self, output: Path, key: str) -> bool:
        """Tell whether `output` exists as a run of the same key left it."""
        try:
            return bool(self._get(_OUTPUTS, output.name) == [*_size_and_time(output), key])
        except OSError:
            return False

    def is_output(self, path: Path) -> bool:
        """Tell whether a file is as some run left it."""
        known = self._get(_OUTPUTS, path.name)
        try:
            return isinstance(known, list) and known[:-1] == _size_and_time(path)
        except OSError:
            return False

    def _get(self, table: str, name: str) -> Any:
        with self._thread_lock:
            self._read()
            return self._facts.get((table, name))

    def _read(self) -> None:
        """Read the lines added since the last call."""
        try:
            status = self._path.stat()
            same = self._identity == (status.st_dev, status.st_ino) and status.st_size >= self._offset
            if same and status.st_size == self._offset:
                return
            with self._path.open("rb") as file:
                if not same:
                    self._facts, self._offset, self._lines = {}, 0, 0
                self._identity = (status.st_dev, status.st_ino)
                file.seek(self._offset)
                data = file.read()
        except OSError:  # Lost facts are computed again.
            self._facts, self._identity, self._offset, self._lines = {}, None, 0, 0
            return
        whole = data.rfind(b"\n") + 1  # Another process may be writing the last line.
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
            with self._thread_lock, self._lock:
                self._read()
                if self._lines > max(_COMPACT_LINES, 2 * len(self._facts)):
                    self._compact()
                with self._path.open("ab") as file:
                    # A line that a crash has torn is ended first: it would swallow the next one.
                    torn = file.tell() > self._offset
                    file.write(b"\n" * torn + _line(table, name, value))
        except OSError as exc:
            raise WorkdirError(
                f"the work folder {quoted(self._path.parent)} cannot be written: {reason(exc)}; choose "
                "another output folder."
            ) from exc

    def _compact(self) -> None:
        temporary = self._path.with_name(f"{TEMPORARY}ledger-{os.getpid()}")
        temporary.write_bytes(b"".join(_line(*fact, value) for fact, value in self._facts.items()))
        temporary.replace(self._path)
        self._read()


def _line(table: str, name: str, value: Any) -> bytes:
    return json.dumps([table, name, value]).encode() + b"\n"


def _size_and_time(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
