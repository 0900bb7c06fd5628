"""Every option, once: its default, its range, its help.

Groups are frozen, so that they can be passed on, pickled and hashed. A field's docstring is its `--help`.
"""

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from vidstyle.encoding import EncodeOptions
from vidstyle.errors import UsageError


class Precision(StrEnum):
    """Arithmetic of the network."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class Optimizer(StrEnum):
    """Method of descent."""

    LBFGS = "lbfgs"
    ADAM = "adam"


class FlowMethod(StrEnum):
    """Method that computes optical flow."""

    DIS = "dis"
    FARNEBACK = "farneback"


class PainterKind(StrEnum):
    """Who paints."""

    VGG = "vgg"
    NONE = "none"


@dataclass(frozen=True)
class PaintOptions:
    """How a frame is painted."""

    first_iterations: int = 120
    """Iterations for a photo, and for the first frame of a shot."""
    iterations: int = 20
    """Iterations for each further frame, which starts from its predecessor carried along by the motion."""
    style_weight: float = 1.0
    """How strongly to follow the style picture; 1 is the recipe's own weight."""
    content_weight: float = 1.0
    """How strongly to hold the source's forms; 1 is the recipe's own weight."""
    tv_weight: float = 1.0
    """How strongly to smooth (total variation); 1 is the recipe's own weight."""
    temporal_weight: float = 1.0
    """How strongly to hold what was painted before; 1 is the recipe's own weight."""
    stop_below: float = 1e-3
    """Stop a frame early when its loss falls by less than this fraction an iteration; 0 never stops early."""
    optimizer: Optimizer = Optimizer.LBFGS
    """Method of descent."""
    learning_rate: float = 0.02
    """Step of Adam, in units of the image's range [0, 1]; L-BFGS finds its own."""

    def __post_init__(self) -> None:
        _at_least("--first-iterations", self.first_iterations, 1)
        _at_least("--iterations", self.iterations, 1)
        for name in ("style_weight", "content_weight", "tv_weight", "temporal_weight", "stop_below"):
            _at_least(_flag(name), getattr(self, name), 0)
        if self.stop_below >= 1:
            raise UsageError(
                f"--stop-below {self.stop_below:g} is out of range; give a fraction below 1, such as 0.001."
            )
        if self.style_weight == self.content_weight == 0:
            raise UsageError(
                "--style-weight and --content-weight are both 0, so there is nothing to paint; give one of them a positive value."
            )
        if not 0 < self.learning_rate <= 1:
            raise UsageError(
                f"--learning-rate {self.learning_rate:g} is out of range; give a positive number up to 1, which is from black to white."
            )


@dataclass(frozen=True)
class MachineOptions:
    """What it is painted on."""

    device: str = "auto"
    """`auto`, `cpu`, or `gpu:N` for the Nth graphics card."""
    precision: Precision = Precision.AUTO
    """Arithmetic of the network: `bfloat16` halves the time where the processor has it, and `auto` then takes it."""
    weights: Path | None = None
    """Weights of VGG-19: Keras' .h5, an .npz, MatConvNet's .mat, or `imagenet` for those that Keras downloads; by default
    the bundled ones."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"auto|cpu|gpu:\d+", self.device):
            raise UsageError(
                f"--device {self.device!r} is no device; give auto, cpu, or gpu:0, gpu:1 and so on."
            )


@dataclass(frozen=True)
class Size:
    """Longer side of the result as displayed, in pixels; `longer_side` None keeps the source's own."""

    longer_side: int | None = 512

    def __post_init__(self) -> None:
        if self.longer_side is not None:
            _at_least("--size", self.longer_side, 16)

    @classmethod
    def parse(cls, text: str) -> "Size":
        """Read `512` or `full`."""
        if text == "full":
            return cls(None)
        try:
            return cls(int(text))
        except ValueError:
            raise UsageError(
                f"--size {text!r} is no size; give the longer side in pixels, or full."
            ) from None

    def __str__(self) -> str:
        return "full" if self.longer_side is None else str(self.longer_side)


@dataclass(frozen=True)
class Time:
    """A moment of a film: seconds from its first picture, or the number of a decoded frame."""

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
        raise UsageError(f"{text!r} is no time; write 1.5, 00:01:02.5, or 120f for a frame.")

    def may_precede(self, other: "Time") -> bool:
        """Whether this is before another, as far as it shows without the film: a frame and a second may be in any order."""
        if self.frame is not None and other.frame is not None:
            return self.frame < other.frame
        return self.seconds is None or other.seconds is None or self.seconds < other.seconds

    def __str__(self) -> str:
        return f"{self.frame}f" if self.frame is not None else f"{float(self.seconds or 0):g}"


@dataclass(frozen=True)
class Cuts:
    """Where a film is cut: `times` None finds out, an empty tuple leaves it whole."""

    times: tuple[Time, ...] | None = None

    def __post_init__(self) -> None:
        for before, after in pairwise(self.times or ()):
            if not before.may_precede(after):
                raise UsageError(
                    f"--cuts {after} does not come after {before}; give the times in ascending order."
                )

    @classmethod
    def parse(cls, text: str) -> "Cuts":
        """Read `auto`, `off`, or times separated by commas."""
        if text in {"auto", "off"}:
            return cls(None if text == "auto" else ())
        try:
            times = tuple(Time.parse(part.strip()) for part in text.split(","))
        except UsageError as exc:
            raise UsageError(f"--cuts {text!r}: {exc}") from None
        return cls(times)

    def __str__(self) -> str:
        return "auto" if self.times is None else ",".join(map(str, self.times)) or "off"


@dataclass(frozen=True)
class SourceOptions:
    """What of the input is painted, and how large."""

    size: Size = field(default_factory=Size)
    """Longer side as displayed, in pixels, or `full`; never enlarged."""
    start: Time | None = None
    """Where to begin: `1.5`, `00:01:02.5`, or `120f` for a frame."""
    end: Time | None = None
    """Where to end, exclusive; written as `--start`."""
    cuts: Cuts = field(default_factory=Cuts)
    """Where nothing is carried on: `auto` finds cuts, fades and cross-fades, `off` has none, and times, written as
    `--start` and separated by commas, are taken as they are."""

    def __post_init__(self) -> None:
        if self.start and self.end and not self.start.may_precede(self.end):
            raise UsageError(
                f"--end {self.end} is not after --start {self.start}, so nothing is left; give a later end."
            )


@dataclass(frozen=True)
class FlowSource:
    """Where optical flow comes from: a method that computes it, or a folder of files."""

    method: FlowMethod = FlowMethod.DIS
    folder: Path | None = None
    """Takes the place of the method."""

    @classmethod
    def parse(cls, text: str) -> "FlowSource":
        """Read `dis`, `farneback`, or the name of a folder."""
        if text in set(FlowMethod):
            return cls(FlowMethod(text))
        if not text:
            raise UsageError("--flow '' is no flow; give dis, farneback, or a folder of .flo files.")
        return cls(folder=Path(text))

    def __str__(self) -> str:
        return self.method.value if self.folder is None else str(self.folder)


@dataclass(frozen=True)
class MotionOptions:
    """How the motion of a film is found."""

    flow: FlowSource = field(default_factory=FlowSource)
    """Optical flow: `dis`, `farneback`, or a folder of your own .flo files, of the size that is painted and named
    `forward_1_2.flo` and `backward_2_1.flo` for the film's first two frames, and so on."""


@dataclass(frozen=True)
class Options:
    """Everything that decides what a result looks like."""

    paint: PaintOptions = field(default_factory=PaintOptions)
    source: SourceOptions = field(default_factory=SourceOptions)
    motion: MotionOptions = field(default_factory=MotionOptions)
    machine: MachineOptions = field(default_factory=MachineOptions)
    encode: EncodeOptions = field(default_factory=EncodeOptions)
    painter: PainterKind = PainterKind.VGG
    """`none` copies frames instead of painting them: to try the rest in seconds."""


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _at_least(flag: str, value: float, least: float) -> None:
    if not (math.isfinite(value) and value >= least):
        raise UsageError(f"{flag} {value:g} is out of range; give {least:g} or more.")
