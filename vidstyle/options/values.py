"""Values of options with a form of their own: sizes, tiles, times, cuts, reference frames, starts, flow."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from vidstyle.errors import UsageError

MAX_FRAMES_BACK = 64
"""Maximum of `--temporal-frames`: all frames back to the farthest are held in memory."""


class FlowMethod(StrEnum):
    """Algorithm of the optical flow."""

    DIS = "dis"
    FARNEBACK = "farneback"


@dataclass(frozen=True)
class Size:
    """Longer side of the result as displayed, in pixels; None keeps the size of the source."""

    longer_side: int | None = 512

    def __post_init__(self) -> None:
        if self.longer_side is not None:
            at_least("--size", self.longer_side, 16)

    @classmethod
    def parse(cls, text: str) -> "Size":
        """Read `512` or `full`."""
        if text == "full":
            return cls(None)
        try:
            return cls(int(text))
        except ValueError:
            raise UsageError(f"invalid --size {text!r}: give the longer side in pixels, or 'full'.") from None

    def __str__(self) -> str:
        return "full" if self.longer_side is None else str(self.longer_side)


@dataclass(frozen=True)
class Tile:
    """Side of the network's tiles, in pixels; without one, `auto` chooses it where memory needs it."""

    px: int | None = None
    auto: bool = True

    def __post_init__(self) -> None:
        if self.px is not None:
            at_least("--tile", self.px, 256)

    @classmethod
    def parse(cls, text: str) -> "Tile":
        """Read `auto`, `off` or `1024`."""
        if text in {"auto", "off"}:
            return cls(auto=text == "auto")
        try:
            return cls(int(text), auto=False)
        except ValueError:
            raise UsageError(
                f"invalid --tile {text!r}: give 'auto', 'off', or the side of the tiles in pixels."
            ) from None

    def __str__(self) -> str:
        return str(self.px) if self.px is not None else "auto" if self.auto else "off"


@dataclass(frozen=True)
class Time:
    """Time of a film: seconds from its first frame, or the index of a decoded frame."""

    seconds: Fraction | None = None
    frame: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Time":
        """Read `1.5`, `00:01:02.5` or `120f`."""
        if match := re.fullmatch(r"(\d+)f", text):
            return cls(frame=int(match[1]))
        if match := re.fullmatch(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)", text):
            hours, minutes, seconds = match.groups(default="0")
            return cls(seconds=int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds))
        raise UsageError(f"invalid time {text!r}: give 1.5, 00:01:02.5, or 120f for a frame.")

    def can_precede(self, other: "Time") -> bool:
        """Compare two times without the film: a frame and a time in seconds may be in any order."""
        if self.frame is not None and other.frame is not None:
            return self.frame < other.frame
        return self.seconds is None or other.seconds is None or self.seconds < other.seconds

    def __str__(self) -> str:
        return f"{self.frame}f" if self.frame is not None else f"{float(self.seconds or 0):g}"


@dataclass(frozen=True)
class Cuts:
    """Times of a film's cuts: None detects them, an empty tuple is a film without cuts."""

    times: tuple[Time, ...] | None = None

    def __post_init__(self) -> None:
        for before, after in pairwise(self.times or ()):
            if not before.can_precede(after):
                raise UsageError(f"--cuts: {after} is not after {before}; give the times in ascending order.")

    @classmethod
    def parse(cls, text: str) -> "Cuts":
        """Read `auto`, `off`, or times separated by commas."""
        if text in {"auto", "off"}:
            return cls(None if text == "auto" else ())
        try:
            times = tuple(Time.parse(part.strip()) for part in text.split(","))
        except UsageError as exc:
            raise UsageError(f"invalid --cuts {text!r}: {exc}") from None
        return cls(times)

    def __str__(self) -> str:
        return "auto" if self.times is None else ",".join(map(str, self.times)) or "off"


@dataclass(frozen=True)
class TemporalFrames:
    """Reference frames of the temporal loss, by how many frames back they lie, in ascending order from 1."""

    frames: tuple[int, ...] = (1,)

    def __post_init__(self) -> None:
        if not self.frames or self.frames[0] != 1 or any(b <= a for a, b in pairwise(self.frames)):
            raise UsageError(
                f"--temporal-frames {self} does not ascend from 1; give frames back, such as 1,2,4."
            )
        if self.frames[-1] > MAX_FRAMES_BACK:
            raise UsageError(
                f"--temporal-frames {self} needs too much memory, which holds all frames up to there; "
                f"give {MAX_FRAMES_BACK} at most."
            )

    @classmethod
    def parse(cls, text: str) -> "TemporalFrames":
        """Read numbers of frames separated by commas."""
        try:
            return cls(tuple(int(part) for part in text.split(",")))
        except ValueError:
            raise UsageError(
                f"invalid --temporal-frames {text!r}: give numbers of frames back, such as 1,2,4."
            ) from None

    def __str__(self) -> str:
        return ",".join(map(str, self.frames))


@dataclass(frozen=True)
class PaintEvery:
    """Most frames from one painted frame to the next; None chooses them by what the film shows."""

    frames: int | None = None

    def __post_init__(self) -> None:
        if self.frames is not None:
            at_least("--paint-every", self.frames, 1)

    @classmethod
    def parse(cls, text: str) -> "PaintEvery":
        """Read `auto` or a number of frames."""
        try:
            return cls(None if text == "auto" else int(text))
        except ValueError:
            raise UsageError(f"invalid --paint-every {text!r}: give a number of frames, or 'auto'.") from None

    def __str__(self) -> str:
        return "auto" if self.frames is None else str(self.frames)


class InitKind(StrEnum):
    """Image that the optimisation starts from."""

    MATCHED = "matched"
    SOURCE = "source"
    STYLE = "style"
    NOISE = "noise"
    PREVIOUS = "previous"


@dataclass(frozen=True)
class Init:
    """Image that the optimisation starts from: a kind, or a file."""

    kind: InitKind = InitKind.MATCHED
    file: Path | None = None
    """Image file, used instead of the kind."""

    @classmethod
    def parse(cls, text: str) -> "Init":
        """Read `matched`, `source`, `style`, `noise`, `previous`, or the name of an image file."""
        if text in set(InitKind):
            return cls(InitKind(text))
        if not text:
            raise UsageError(
                "invalid --init '': give 'matched', 'source', 'style', 'noise', 'previous', or an image file."
            )
        return cls(file=Path(text))

    def __str__(self) -> str:
        return self.kind.value if self.file is None else str(self.file)


@dataclass(frozen=True)
class FlowSource:
    """Source of the optical flow: an algorithm, or a folder of files."""

    method: FlowMethod = FlowMethod.DIS
    folder: Path | None = None
    """Folder of .flo files, used instead of the method."""

    @classmethod
    def parse(cls, text: str) -> "FlowSource":
        """Read `dis`, `farneback`, or the name of a folder."""
        if text in set(FlowMethod):
            return cls(FlowMethod(text))
        if not text:
            raise UsageError("invalid --flow '': give 'dis', 'farneback', or a folder of .flo files.")
        return cls(folder=Path(text))

    def __str__(self) -> str:
        return self.method.value if self.folder is None else str(self.folder)


def at_least(flag: str, value: float, least: float) -> None:
    """Refuse a number that is not finite or below an option's minimum.

    Raises
    ------
    UsageError
        The number is out of range.

    """
    if not (math.isfinite(value) and value >= least):
        raise UsageError(f"{flag} {value:g} is out of range; give {least:g} or more.")
