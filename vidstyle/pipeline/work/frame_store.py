"""A store of painted frames, which survives being killed at any moment.

::

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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidstyle.errors import WorkdirError, quoted, reason
from vidstyle.media.files import TEMPORARY, replace_with


@dataclass(frozen=True)
class Record:
    """A line of the journal."""

    index: int
    crc: int
    figures: Mapping[str, Any]
    """What `--stats` says of the frame."""
    carry: Mapping[str, Any]
    """What the frame hands to the next, beside its picture."""


class FrameStore:
    """Painted frames in a folder, each with its line in a journal.

    Parameters
    ----------
    path
        The folder; made when the store is opened.
    durable
        Whether finished frames are to outlive a crash of the machine, not of the program only.

    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self.path = path
        self.durable = durable
        self.frames = path / "frames"
        self._records: dict[int, Record] = {}
        self._intact: set[int] = set()

    def open(self, *, fresh: bool = False) -> None:
        """See what is there, and tidy up what a killed run left; `fresh` forgets it all.

        Raises
        ------
        WorkdirError
            The folder cannot be used.

        """
        with self._named():
            if fresh:
                shutil.rmtree(self.frames, ignore_errors=True)
                self._journal.unlink(missing_ok=True)
            self.frames.mkdir(parents=True, exist_ok=True)
            for leftover in [*self.path.glob(f"{TEMPORARY}*"), *self.frames.glob(f"{TEMPORARY}*")]:
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
            self._records, whole = self._read_journal()
            if not whole:  # A torn last line would swallow the next one.
                lines = "".join(_line(record) for record in self._records.values())
                replace_with(self._journal, lines.encode())

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

    def forget(self, indices: Iterable[int]) -> None:
        """Remove some frames."""
        for index in indices:
            self._records.pop(index, None)
            self._intact.discard(index)
            self.frame(index).unlink(missing_ok=True)

    def record(self, record: Record) -> None:
        """Note that a frame's file is written; it is finished once this returns."""
        with self._named(), self._journal.open("a", encoding="utf-8") as file:
            file.write(_line(record))
            file.flush()
            if self.durable:
                os.fsync(file.fileno())
        self._records[record.index] = record
        self._intact.add(record.index)

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


def _line(record: Record) -> str:
    """One line of the journal: the record as JSON, and the checksum that tells a torn or damaged line."""
    content = json.dumps(vars(record), sort_keys=True)
    return f"{content} {zlib.crc32(content.encode()):08x}\n"
