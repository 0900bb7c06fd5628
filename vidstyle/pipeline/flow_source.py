"""Sources of optical flow: computed from the frames, or read from the user's own flow files.

The files are named as in Ruder's artistic-videos: `forward_<i>_<j>.flo` leads from frame i to a later frame
j, and `backward_<j>_<i>.flo` back, with frames counted from 1 from the beginning of the source.
"""

import hashlib
import re
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial, reduce
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import InputError, WorkdirError, quoted, reason
from vidstyle.imaging.types import Flow, Image
from vidstyle.media.files import replace_with
from vidstyle.media.geometry import FrameSize
from vidstyle.motion.flo_files import check_flo, read_flo
from vidstyle.motion.flow import FlowPair, Motion, compose, estimate_trust, find_flows
from vidstyle.options.groups import MotionOptions
from vidstyle.options.values import FlowMethod

# Errors of reading an archive that is missing, torn, or has a flipped bit: its flow is computed again.
_DAMAGED = (OSError, ValueError, LookupError, EOFError, RuntimeError, BadZipFile, zlib.error)


class FlowProvider(Protocol):
    """Source of the motion between two frames."""

    def pair(self, previous_index: int, current_index: int, previous: Image, current: Image) -> FlowPair:
        """Find the flow between a frame and an earlier one, or in a backward pass a later one.

        Parameters
        ----------
        previous_index, current_index
            Indices of the frames in the source, counted from 0.
        previous, current
            The frames, [H, W, 3], RGB in [0, 1].
        """

    def between(self, previous_index: int, current_index: int, previous: Image, current: Image) -> Motion:
        """Find the motion of a frame since an earlier or a later one, by the flow between them."""
        return estimate_trust(self.pair(previous_index, current_index, previous, current), previous, current)


@dataclass(frozen=True)
class ComputedFlow(FlowProvider):
    """Flow computed from the frames."""

    method: FlowMethod = FlowMethod.DIS

    def pair(
        self,
        previous_index: int,  # noqa: ARG002 - the frames are sufficient.
        current_index: int,  # noqa: ARG002
        previous: Image,
        current: Image,
    ) -> FlowPair:
        """Find the flow between two frames."""
        return find_flows(previous, current, self.method)


@dataclass(frozen=True)
class FlowFiles(FlowProvider):
    """Flow read from a folder of files."""

    folder: Path
    width: int
    height: int

    def pair(
        self,
        previous_index: int,
        current_index: int,
        previous: Image,  # noqa: ARG002 - the files are sufficient.
        current: Image,  # noqa: ARG002
    ) -> FlowPair:
        """Read the flow between two frames, composed of single steps where it has no file.

        Raises
        ------
        InputError
            A file is missing or damaged.
        """
        return FlowPair(self._flow(current_index, previous_index), self._flow(previous_index, current_index))

    def check(self, shots: Iterable[tuple[int, int]]) -> None:
        """Check every file that painting some shots [start, stop) needs; none leads across a cut.

        Raises
        ------
        InputError
            A file is missing, of the wrong size, or damaged.
        """
        for start, stop in shots:
            for before, after in pairwise(range(start, stop)):
                for path in (self._path(after, before), self._path(before, after)):
                    check_flo(path, self.width, self.height)

    def digest(self, start: int, stop: int) -> str:
        """Hash the names and contents of all flow files between frames [start, stop).

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
                f"the flow files in {quoted(self.folder)} cannot be read ({reason(exc)}); check the folder, "
                "or use --flow dis."
            ) from exc
        return digest.hexdigest()

    def _path(self, origin: int, target: int) -> Path:
        direction = "forward" if target > origin else "backward"
        return self.folder / f"{direction}_{origin + 1}_{target + 1}.flo"

    def _flow(self, origin: int, target: int) -> Flow:
        read = partial(read_flo, width=self.width, height=self.height)
        direct = self._path(origin, target)
        if abs(target - origin) == 1 or direct.is_file():
            return read(direct)
        step = 1 if target > origin else -1
        pairs = pairwise(range(origin, target + step, step))
        return reduce(compose, (read(self._path(*pair)) for pair in pairs))


@dataclass(frozen=True)
class CachedFlow(FlowProvider):
    """Motion computed once for a pair of frames, and stored in a folder for both directions of time."""

    computed: ComputedFlow
    folder: Path

    def pair(self, previous_index: int, current_index: int, previous: Image, current: Image) -> FlowPair:
        """Find the flow between two frames, in both directions.

        Raises
        ------
        WorkdirError
            The folder cannot be written.
        """
        if previous_index < current_index:
            return self._flows(previous_index, current_index, previous, current)
        return self._flows(current_index, previous_index, current, previous).reversed

    def _flows(self, earlier_index: int, later_index: int, earlier: Image, later: Image) -> FlowPair:
        path = self.folder / f"{earlier_index:06d}-{later_index:06d}.npz"
        with suppress(*_DAMAGED):
            archive = np.load(BytesIO(path.read_bytes()))
            return _from_half([archive[name] for name in FlowPair._fields])
        arrays = [_to_half(array) for array in find_flows(earlier, later, self.computed.method)]
        content = BytesIO()
        np.savez(content, allow_pickle=False, **dict(zip(FlowPair._fields, arrays, strict=True)))
        try:
            self.folder.mkdir(exist_ok=True)
            # Flow lost in a crash of the machine is computed again, which costs less than waits for the disk.
            replace_with(path, content.getvalue(), durable=False)
        except OSError as exc:
            raise WorkdirError(
                f"the flow in {quoted(self.folder)} cannot be written: {reason(exc)}; free space, or choose "
                "another output folder."
            ) from exc
        # Rounded as it is stored, so that a resumed run continues from the same flow.
        return _from_half(arrays)


def _to_half(array: NDArray[Any] | None) -> NDArray[Any]:
    """Round flow to half precision, in steps of 1/256 px or less up to 8 px; keep a mask as it is."""
    if array is None:
        return np.zeros(0, bool)
    return array if array.dtype == bool else array.astype(np.float16)


def _from_half(arrays: Sequence[NDArray[Any]]) -> FlowPair:
    backward, forward, *masks = arrays
    return FlowPair(
        backward.astype(np.float32),
        forward.astype(np.float32),
        *(mask if mask.size else None for mask in masks),
    )


def open_flow(options: MotionOptions, size: FrameSize, folder: Path | None = None) -> FlowProvider:
    """Open the source of a video's optical flow.

    Parameters
    ----------
    options
        Method or folder of files, and number of passes.
    size
        Size of the frames.
    folder
        Folder to store flow that several passes need; None to compute it each time.

    Raises
    ------
    InputError
        The folder of flow files does not exist.
    """
    given = options.flow.folder
    if given is None:
        computed = ComputedFlow(options.flow.method)
        return computed if folder is None or options.passes == 1 else CachedFlow(computed, folder)
    if not given.is_dir():
        raise InputError(
            f"the folder of flow files {quoted(given)} does not exist; make it, or give --flow dis or "
            "farneback."
        )
    return FlowFiles(given, size.width, size.height)
