"""The work folder: everything a run has finished, kept so that the same run goes on where it stopped.

::

    .vidstyle/                 beside the output
        ledger.jsonl           hashes of files, and the key of each finished output
        <name>.lock            held by whoever makes the output of that name
        <key>/                 a store of painted frames (pipeline.store), those of the last pass
            lock               held by whoever paints them
            about.json         what they are of, and whether they are kept on purpose
            pass-1/            a store of those of an earlier pass, until the shot is done
            shown/             what is made of painted frames and the source, while a film is put together
            checkpoint-1-0.npz how far the painting of a frame is, by its pass and its index; -1 at half its size, -2 at a fourth
            flow/              flow between the source's frames, where it is needed more than once
"""

import contextlib
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple, Self

from filelock import FileLock, Timeout

from vidstyle.errors import WorkdirError, quoted
from vidstyle.media.files import replace_with
from vidstyle.pipeline.work.frame_store import FrameStore

FOLDER = ".vidstyle"
ABOUT = "about.json"
CHECKPOINT = "checkpoint-"


class Workdir(FrameStore):
    """A run's own folder, locked while open.

    Parameters
    ----------
    output
        The file that the run makes.
    key
        Hash of everything that decides its bytes.
    fresh
        Whether to forget what an earlier run left.
    durable
        Whether finished frames are to outlive a crash of the machine, not of the program only.

    Raises
    ------
    WorkdirError
        Another run holds it or makes the same output, or it cannot be written.

    """

    def __init__(self, output: Path, key: str, *, fresh: bool = False, durable: bool = True) -> None:
        super().__init__(output.parent / FOLDER / key, durable=durable)
        self._fresh = fresh
        # An output's name may be as long as the file system allows, so its hash stands for it.
        name = hashlib.sha256(os.fsencode(output.name)).hexdigest()[:24]
        self._files = (self.path.parent / f"{name}.lock", self.path / "lock")
        self._locks = contextlib.ExitStack()
        self._output = output
        self._passes: dict[int, FrameStore] = {}

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
                for leftover in (*self.path.glob("pass-*"), self.flows):
                    shutil.rmtree(leftover, ignore_errors=True)
                for file in (self.path / ABOUT, *self.path.glob(f"{CHECKPOINT}*")):
                    file.unlink(missing_ok=True)
            self.open(fresh=self._fresh)
            self._locks = locks.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._locks.close()

    @property
    def flows(self) -> Path:
        """Where flow is kept that is needed more than once."""
        return self.path / "flow"

    def forget_flows(self) -> None:
        """Remove the flow that is kept: its shot is done."""
        shutil.rmtree(self.flows, ignore_errors=True)

    def earlier_pass(self, number: int) -> FrameStore:
        """Frames of a pass before the last one, counted from 1."""
        if number not in self._passes:
            self._passes[number] = FrameStore(self.path / f"pass-{number}")
            self._passes[number].open()
        return self._passes[number]

    def describe(self, source: Path, output: Path, frames: int, *, interlaced: bool = False) -> None:
        """Note what the frames are of, for whoever looks for what may be removed, and what a look at all of them found."""
        about = {"input": str(source), "output": str(output), "frames": frames, "kept": self.kept}
        about |= {"interlaced": interlaced, "tile": self.tile_px}
        with self._named():
            replace_with(
                self.path / ABOUT, json.dumps(about).encode("utf-8", "surrogateescape"), durable=self.durable
            )

    @property
    def tile_px(self) -> int | None:
        """Side of the windows that the frames are painted through since the device was full; None before that."""
        found = about_of(self.path).get("tile")
        return found if isinstance(found, int) else None

    def note_tile(self, side_px: int) -> None:
        """Note that frames are painted through windows from now on, so that a later run goes on likewise."""
        about = about_of(self.path) | {"tile": side_px}
        with self._named():
            replace_with(self.path / ABOUT, json.dumps(about).encode(), durable=self.durable)

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


class ExistingWork(NamedTuple):
    """What lies in a work folder."""

    frames: int = 0
    """Frames of the last pass."""
    earlier: int = 0
    """Frames of earlier passes."""
    flows: int = 0
    """Pairs of frames whose flow is kept."""


def begun(output: Path, key: str) -> ExistingWork | None:
    """Count what runs of that key have left; None where there was none."""
    work = Workdir(output, key)
    if not work.path.exists():
        return None
    found = (work.frames.glob("*.png"), work.path.glob("pass-*/frames/*.png"), work.flows.glob("*.npz"))
    return ExistingWork(*(sum(1 for _ in paths) for paths in found))


def known_interlaced(output: Path, key: str) -> bool | None:
    """Whether an earlier run of that key found the source to have pictures of two fields; None where none looked at all."""
    found = about_of(Workdir(output, key).path).get("interlaced")
    return found if isinstance(found, bool) else None


def about_of(folder: Path) -> dict[str, Any]:
    """Read what a work folder says of itself; nothing where it does not."""
    try:
        about = json.loads((folder / ABOUT).read_bytes())
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}
