"""Statistics of a run as a JSON file: `--stats`."""

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from vidstyle import events as ev
from vidstyle._version import __version__
from vidstyle.cli.report.json_values import to_json
from vidstyle.errors import OutputError, UsageError, quoted, reason


class StatsFile:
    """Observer that collects the statistics of a run and writes them when it is closed.

    The file is complete at any moment, or does not exist. Only a run that `begin` has allowed is written.

    Parameters
    ----------
    path
        File to write; an older file of statistics is replaced, through a link where `path` is one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._name = path
        self._part = self.path.with_name(f".{self.path.name[:200]}.{os.getpid()}.part")
        self._settings: Mapping[str, object] | None = None
        self._records: list[Mapping[str, object]] = []
        self._albums: list[ev.AlbumRead] = []

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        if isinstance(event, ev.AlbumRead):
            self._albums.append(event)

    def check_writable(self, *, inputs_and_outputs: Iterable[Path]) -> None:
        """Check that the file can be written, before hours are spent on a run.

        Raises
        ------
        UsageError
            The file is one of the run's own inputs, styles or outputs.
        OutputError
            The file cannot be written.

        """
        if any(_is_same(self.path, other) for other in inputs_and_outputs):
            raise UsageError(f"--stats {quoted(self._name)} is a file of this run itself; give another name.")
        if self.path.exists() and not self.path.is_file():
            raise OutputError(
                f"--stats {quoted(self._name)} is not a regular file; give the name of a .json file."
            )
        try:
            self._part.touch()
            self._part.unlink()
        except OSError as exc:
            raise OutputError(
                f"--stats {quoted(self._name)} cannot be written ({reason(exc)}); choose another folder."
            ) from exc

    def begin(self, settings: Mapping[str, object]) -> None:
        """Allow the file to be written, with the settings of the run."""
        self._settings = settings

    def add(self, record: Mapping[str, object]) -> None:
        """Add the statistics of a job."""
        self._records.append(record)

    def close(self) -> None:
        """Write the file, once.

        Raises
        ------
        OutputError
            The disk is full, or the folder no longer exists.

        """
        if self._settings is None:
            return
        stats = {"version": __version__, "settings": self._settings, "jobs": self._records}
        albums = [{"folder": album.folder, "passed_over": album.passed_over} for album in self._albums]
        self._settings = None
        try:
            text = json.dumps(to_json(stats | ({"albums": albums} if albums else {})), indent=1)
            self._part.write_text(text + "\n", encoding="utf-8")
            self._part.replace(self.path)
        except OSError as exc:
            with contextlib.suppress(OSError):
                self._part.unlink()
            raise OutputError(f"--stats {quoted(self.path)} was not written: {reason(exc)}.") from exc


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # One of them does not exist yet.
        return one == other.resolve()
