"""Store of painted frames, which survives being killed at any moment.

::

    journal/000000.jsonl  journal of the shot that begins at frame 0: one line per painted frame
    frames/000012.png     painted frames in 16 bits per channel, named by their index in the source

A line holds a frame's checksum, its metrics, and the state that later frames start from. A frame counts as
painted when its line is in a journal and its file has that checksum; anything other, torn or left
over, is painted again.

Each shot has its own journal, so that shots can be painted by several processes and machines: a journal is
only appended to, by the one process that paints its shot.
"""

import contextlib
import json
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from vidstyle.errors import WorkdirError, quoted, reason
from vidstyle.media.files import TEMPORARY


@dataclass(frozen=True)
class Record:
    """A line of a journal."""

    index: int
    """The frame, by its index in the source."""
    crc: int
    """CRC-32 of the frame's file."""
    metrics: Mapping[str, Any]
    """Figures of the frame, as `--stats` writes them."""
    state: Mapping[str, Any]
    """What later frames need besides its image."""


class FrameStore:
    """Painted frames in a folder, with a journal for each shot.

    Parameters
    ----------
    path
        The folder; made when the store is opened.
    durable
        Whether painted frames survive a crash of the machine, not only one of the program.

    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self.path = path
        self.durable = durable
        self.frames = path / "frames"
        self._journals = path / "journal"
        self._records: dict[int, Record] = {}
        self._intact: set[int] = set()

    def open(self, *, fresh: bool = False) -> None:
        """Make the folder, remove the unfinished files of a killed run, and read the journals.

        With `fresh`, discard all that is there. No other process may write here meanwhile.

        Raises
        ------
        WorkdirError
            The folder cannot be used.

        """
        with self._translate_errors():
            if fresh:
                for folder in (self.frames, self._journals):
                    shutil.rmtree(folder, ignore_errors=True)
            for folder in (self.frames, self._journals):
                folder.mkdir(parents=True, exist_ok=True)
            for unfinished in [*self.path.glob(f"{TEMPORARY}*"), *self.frames.glob(f"{TEMPORARY}*")]:
                shutil.rmtree(unfinished) if unfinished.is_dir() else unfinished.unlink()
        self.refresh()

    def refresh(self) -> None:
        """Read all journals again, with the frames that other processes have painted since.

        Raises
        ------
        WorkdirError
            The folder cannot be read.

        """
        with self._translate_errors():
            journals = sorted(self._journals.glob("*.jsonl"))
            records = {record.index: record for path in journals for record in _read_journal(path)}
        self._intact = {index for index in self._intact if records.get(index) == self._records.get(index)}
        self._records = records

    def frame(self, index: int) -> Path:
        """Path of a painted frame, by its index in the source."""
        return self.frames / f"{index:06d}.png"

    def get(self, index: int) -> Record | None:
        """Find the record of a painted frame whose file is intact; None for any other frame."""
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
        self._intact.add(index)  # Read once: no other process writes a frame that is painted.
        return record

    def missing(self, indices: Iterable[int]) -> list[int]:
        """Select the frames that are not painted."""
        return [index for index in indices if self.get(index) is None]

    def discard(self, indices: Iterable[int]) -> None:
        """Remove painted frames."""
        for index in indices:
            self._records.pop(index, None)
            self._intact.discard(index)
            self.frame(index).unlink(missing_ok=True)

    def record(self, record: Record, *, shot_start: int) -> None:
        """Append a frame to the journal of its shot, after its file is written; then it counts as painted.

        Parameters
        ----------
        record
            The line.
        shot_start
            First frame of the shot, by its index in the source.

        Raises
        ------
        WorkdirError
            The journal cannot be written.

        """
        path = self._journals / f"{shot_start:06d}.jsonl"
        with self._translate_errors(), path.open("ab+") as file:
            # A line that a crash has torn is ended first: it would swallow the next one.
            file.write(b"\n" * _is_torn(file) + _line(record))
            file.flush()
            if self.durable:
                os.fsync(file.fileno())
        self._records[record.index] = record
        self._intact.add(record.index)

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise WorkdirError(
                f"the work folder {quoted(self.path)} cannot be used: {reason(exc)}; free space, or choose "
                "another output folder."
            ) from exc


def _line(record: Record) -> bytes:
    """Write a record as JSON, followed by the checksum that reveals a torn or damaged line."""
    content = json.dumps(vars(record), sort_keys=True).encode()
    return content + f" {zlib.crc32(content):08x}\n".encode()


def _read_journal(path: Path) -> Iterator[Record]:
    """Read the records of a journal, without lines that are torn or damaged."""
    for line in path.read_bytes().splitlines():
        content, _, crc = line.rpartition(b" ")
        try:
            if int(crc, 16) == zlib.crc32(content):
                yield Record(**json.loads(content))
        except (ValueError, TypeError):
            continue


def _is_torn(file: BinaryIO) -> bool:
    """Tell whether a file does not end with the end of a line."""
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"
