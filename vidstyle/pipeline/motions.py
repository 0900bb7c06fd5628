"""Where the motion between two frames comes from: computed from them, or read from the user's own flow files.

The files are named as Ruder's artistic-videos names them: `forward_<i>_<j>.flo` leads from frame i to a later frame j and
`backward_<j>_<i>.flo` back, frames counted from 1 from the beginning of the source film.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial, reduce
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from vidstyle.errors import InputError, quoted, reason
from vidstyle.media.geometry import Frame
from vidstyle.motion.flofiles import check_flo, read_flo
from vidstyle.motion.flow import Flow, Image, Motion, composed, find_motion, judged
from vidstyle.options import FlowMethod, MotionOptions


class Flows(Protocol):
    """A source of motion."""

    def between(self, previous_index: int, current_index: int, previous: Image, current: Image) -> Motion:
        """Find the motion of a frame since an earlier one.

        Parameters
        ----------
        previous_index, current_index
            The frames' indices in the source, counted from 0.
        previous, current
            The frames themselves, [H, W, 3], RGB in [0, 1].
        """


@dataclass(frozen=True)
class ComputedFlows:
    """Motion computed from the frames."""

    method: FlowMethod = FlowMethod.DIS

    def between(
        self,
        previous_index: int,  # noqa: ARG002 - the frames tell it all.
        current_index: int,  # noqa: ARG002
        previous: Image,
        current: Image,
    ) -> Motion:
        """Find the motion of a frame since an earlier one."""
        return find_motion(previous, current, self.method)


@dataclass(frozen=True)
class StoredFlows:
    """Motion read from a folder of flow files."""

    folder: Path
    width: int
    height: int

    def between(self, previous_index: int, current_index: int, previous: Image, current: Image) -> Motion:
        """Find the motion of a frame since an earlier one; over several frames it is composed where it has no file of its own.

        Raises
        ------
        InputError
            A file is missing or damaged.
        """
        backward = self._flow("backward", current_index, previous_index)
        forward = self._flow("forward", previous_index, current_index)
        return judged(backward, forward, previous, current)

    def check(self, shots: Iterable[tuple[int, int]]) -> None:
        """See that every file is there that painting some shots [start, stop) takes; none leads across a cut.

        Raises
        ------
        InputError
            A file is missing, of the wrong size, or damaged.
        """
        for start, stop in shots:
            for before, after in pairwise(range(start, stop)):
                for path in (self._path("backward", after, before), self._path("forward", before, after)):
                    check_flo(path, self.width, self.height)

    def digest(self, start: int, stop: int) -> str:
        """Hash of the names and contents of all flow files between frames [start, stop).

        Raises
        ------
        InputError
            The folder or a file cannot be read.
        """
        digest = hashlib.sha256()
        try:
            for path in sorted(self.folder.iterdir()):
                name = re.fullmatch(r"(?:forward|backward)_(\d+)_(\d+)\.flo", path.name)
                if name and all(start < int(number) <= stop for number in name.groups()):
                    with path.open("rb") as file:
                        content = hashlib.file_digest(file, "sha256").digest()
                    digest.update(path.name.encode() + content)
        except OSError as exc:
            raise InputError(
                f"The flow files in {quoted(self.folder)} cannot be read ({reason(exc)}); check the folder, or take --flow dis."
            ) from exc
        return digest.hexdigest()

    def _path(self, direction: str, origin: int, target: int) -> Path:
        return self.folder / f"{direction}_{origin + 1}_{target + 1}.flo"

    def _flow(self, direction: str, origin: int, target: int) -> Flow:
        read = partial(read_flo, width=self.width, height=self.height)
        direct = self._path(direction, origin, target)
        if abs(target - origin) == 1 or direct.is_file():
            return read(direct)
        step = 1 if target > origin else -1
        steps = pairwise(range(origin, target + step, step))
        return reduce(composed, (read(self._path(direction, here, there)) for here, there in steps))


def flows_of(options: MotionOptions, frame: Frame) -> ComputedFlows | StoredFlows:
    """Where the motion of a film that is painted at some size comes from.

    Raises
    ------
    InputError
        The folder of flow files is none.
    """
    folder = options.flow.folder
    if folder is None:
        return ComputedFlows(options.flow.method)
    if not folder.is_dir():
        raise InputError(
            f"The folder of flow files {quoted(folder)} does not exist; make it, or give --flow dis or farneback."
        )
    return StoredFlows(folder, frame.width, frame.height)
