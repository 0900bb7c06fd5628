"""Work folder of a run, from which the same run is resumed after an interruption.

::

    .vidstyle/                 next to the output
        ledger.jsonl           hashes of files, and the key of each finished output
        <name>.lock            held by the run that makes the output of that name
        <key>/                 frame store of the last pass (work.frame_store)
            lock               held by the run that paints about.json         input, output, number of frames,
            and whether the frames are kept on request pass-1/            frame store of an earlier pass,
            until its shot is finished composited/        composited frames, while they are encoded
            checkpoint-1-0.npz checkpoint of a frame, by its pass and index; with -1 at half its size, -2 at a
            quarter flow/              optical flow, where it is needed more than once, until its shot is
            finished
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from filelock import FileLock, Timeout

from vidstyle.errors import WorkdirError, quoted
from vidstyle.media.files import replace_with
from vidstyle.pipeline.work.frame_store import FrameStore

FOLDER = ".vidstyle"
ABOUT = "about.json"
CHECKPOINT = "checkpoint-"
SHOTS = "shots.json"


class ShotPlan(NamedTuple):
    """Keyframes of a shot."""

    keyframes: tuple[int, ...]
    """Frames that are painted, ascending, by their indices in the source."""
    given: str
    """Hash of those that were painted by hand; empty for none."""


class Workdir(FrameStore):
    """Work folder of one run, locked while open; the store of its last pass.

    Parameters
    ----------
    output
        File that the run makes.
    key
        Hash of all that decides the painted frames.
    fresh
        Whether to discard what an earlier run left.
    durable
        Whether painted frames survive a crash of the machine, not only one of the program.

    Raises
    ------
    WorkdirError
        Another run holds the folder or makes the same output, or the folder cannot be written.

    """

    def __init__(self, output: Path, key: str, *, fresh: bool = False, durable: bool = True) -> None:
        super().__init__(output.parent / FOLDER / key, durable=durable)
        self._fresh = fresh
        # A hash, because the output's name may already be as long as the file system allows.
        name = hashlib.sha256(os.fsencode(output.name)).hexdigest()[:24]
        self._files = (self.path.parent / f"{name}.lock", self.path / "lock")
        self._locks = contextlib.ExitStack()
        self._output = output
        self._passes: dict[int, FrameStore] = {}

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as locks, self._translate_errors():
            self.path.mkdir(parents=True, exist_ok=True)
            for file in self._files:
                try:
                    locks.enter_context(FileLock(file, blocking=False))
                except Timeout as exc:
                    raise WorkdirError(
                        f"another run is working in {quoted(self.path)}, on {quoted(self._output)} or on "
                        "the same input; wait for it, or stop it first."
                    ) from exc
            if self._fresh:
                for folder in (*self.path.glob("pass-*"), self.flows):
                    shutil.rmtree(folder, ignore_errors=True)
                for file in (self.path / ABOUT, self.path / SHOTS, *self.path.glob(f"{CHECKPOINT}*")):
                    file.unlink(missing_ok=True)
            self.open(fresh=self._fresh)
            self._locks = locks.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._locks.close()

    @property
    def flows(self) -> Path:
        """Folder of the optical flow that is needed more than once."""
        return self.path / "flow"

    def discard_flows(self, shot: range) -> None:
        """Remove the flow between the frames of a finished shot."""
        for path in self.flows.glob("*-*.npz"):
            earlier = path.stem.partition("-")[0]
            if earlier.isdecimal() and int(earlier) in shot:
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # Another shot's flow may still be there.
            self.flows.rmdir()

    def earlier_pass(self, number: int) -> FrameStore:
        """Open the frame store of a pass before the last one, counted from 1."""
        if number not in self._passes:
            self._passes[number] = FrameStore(self.path / f"pass-{number}")
            self._passes[number].open()
        return self._passes[number]

    def describe(self, source: Path, output: Path, frames: int, *, interlaced: bool = False) -> None:
        """Note the job, for `vidstyle clean`, and whether its source is interlaced."""
        about = {"input": str(source), "output": str(output), "frames": frames, "kept": self.is_kept}
        about |= {"interlaced": interlaced, "tile": self.tile_px}
        self._write_about(about, durable=self.durable)

    @property
    def tile_px(self) -> int | None:
        """Side of the tiles to paint in since the device ran out of memory; None before that."""
        side_px = read_about(self.path).get("tile")
        return side_px if isinstance(side_px, int) else None

    def note_tile(self, side_px: int) -> None:
        """Note the side of the tiles that frames are painted in from now on, for a resumed run too."""
        self._write_about(read_about(self.path) | {"tile": side_px}, durable=self.durable)

    @property
    def shot_plans(self) -> dict[int, ShotPlan]:
        """Plans of the shots, by their first frame; empty for what is not planned yet."""
        try:
            known = json.loads((self.path / SHOTS).read_bytes())
            return {
                int(start): ShotPlan(tuple(map(int, keyframes)), str(given))
                for start, (keyframes, given) in known.items()
                if keyframes
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def note_shot_plans(self, plans: Mapping[int, ShotPlan]) -> None:
        """Note the plans of the shots, by their first frame."""
        content = json.dumps(plans).encode()
        with self._translate_errors():
            replace_with(self.path / SHOTS, content, durable=self.durable)

    @property
    def is_kept(self) -> bool:
        """Tell whether the frames are kept on request although their output is made."""
        return read_about(self.path).get("kept") is True

    def finish(self, *, keep: bool = False) -> None:
        """Remove the folder, unless its frames are to be kept, or were by an earlier run."""
        if not (keep or self.is_kept):
            self.remove()
        elif not self.is_kept:
            self._write_about(read_about(self.path) | {"kept": True})

    def _write_about(self, about: dict[str, Any], *, durable: bool = True) -> None:
        content = json.dumps(about).encode("utf-8", "surrogateescape")
        with self._translate_errors():
            replace_with(self.path / ABOUT, content, durable=durable)

    def remove(self) -> None:
        """Remove the folder; its lock is held until the end."""
        # On some systems a lock that is held cannot be removed.
        with contextlib.suppress(OSError):
            for file in self._files:
                file.unlink(missing_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)


class ExistingWork(NamedTuple):
    """Contents of a work folder that earlier runs have left."""

    frames: int = 0
    """Number of frames of the last pass."""
    earlier: int = 0
    """Number of frames of earlier passes."""
    flows: int = 0
    """Number of frame pairs whose flow is stored."""


def count_existing(output: Path, key: str) -> ExistingWork | None:
    """Count what runs of a key have left; None where there was none."""
    work = Workdir(output, key)
    if not work.path.exists():
        return None
    files = (work.frames.glob("*.png"), work.path.glob("pass-*/frames/*.png"), work.flows.glob("*.npz"))
    return ExistingWork(*(sum(1 for _ in paths) for paths in files))


def known_interlaced(output: Path, key: str) -> bool | None:
    """Tell whether an earlier run found the source to be interlaced; None if none has decoded all of it."""
    interlaced = read_about(Workdir(output, key).path).get("interlaced")
    return interlaced if isinstance(interlaced, bool) else None


def read_about(folder: Path) -> dict[str, Any]:
    """Read the description of a work folder; empty where it is missing or damaged."""
    try:
        about = json.loads((folder / ABOUT).read_bytes())
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}
