"""What is known in a folder of outputs, kept in `.vidstyle/ledger.json`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock

from vidstyle.errors import WorkdirError, quoted, reason
from vidstyle.media.files import TEMPORARY
from vidstyle.pipeline.workdir import FOLDER


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
        if isinstance(known, list) and known[:-1] == identity:
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
                temporary = self._path.with_name(f"{TEMPORARY}ledger")
                temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")
                temporary.replace(self._path)
        except OSError as exc:
            raise WorkdirError(
                f"The work folder {quoted(self._path.parent)} cannot be written: {reason(exc)}; choose another output folder."
            ) from exc


def _identity(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
