"""Every option, once: its default, its range, its help.

Groups are frozen, so that they can be passed on, pickled and hashed. A field's docstring is its `--help`.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from vidstyle.errors import UsageError
from vidstyle.options.media import EncodeOptions, PictureOptions
from vidstyle.options.objective import ObjectiveOptions
from vidstyle.options.style import StyleOptions
from vidstyle.options.values import Cuts, FlowSource, Init, Size, TemporalFrames, Tile, Time, at_least


class Precision(StrEnum):
    """Arithmetic of the network."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class Optimizer(StrEnum):
    """Method of descent."""

    LBFGS = "lbfgs"
    ADAM = "adam"
    SCIPY = "scipy"


class PainterKind(StrEnum):
    """Who paints."""

    VGG = "vgg"
    NONE = "none"


@dataclass(frozen=True)
class PaintOptions:
    """How a frame is painted."""

    first_iterations: int = 120
    """Iterations for a photo, and for the first frame of a shot."""
    coarse_size: int = 640
    """Longer side above which a photo, or the first frame of a shot, is painted at half its size first, and that likewise, so
    that strokes keep their size; each larger size takes a third of the iterations. 0 never does."""
    iterations: int = 60
    """At most so many iterations for each further frame, which starts from its predecessor carried along by the motion, and
    ends as soon as it is as good as its shot's first frame."""
    style_weight: float = 1.0
    """How strongly to follow the style picture; 1 is the recipe's own weight."""
    content_weight: float = 1.0
    """How strongly to hold the source's forms; 1 is the recipe's own weight."""
    tv_weight: float = 1.0
    """How strongly to smooth (total variation); 1 is the recipe's own weight. A frame that starts from its predecessor is
    smoothed a quarter as strongly, as that one has been."""
    temporal_weight: float = 1.0
    """How strongly to hold what was painted before; 1 is the recipe's own weight. It gives way while frames are poorer than
    their shot's first and stiller than the film itself, the less so the higher it is."""
    stop_below: float = 1e-3
    """Stop a frame early when its loss falls by less than this fraction an iteration, or by half of it or less where the frame
    starts from its predecessor, as the next ones keep what it gains; 0 never stops early."""
    optimizer: Optimizer = Optimizer.LBFGS
    """Method of descent; `scipy` is SciPy's L-BFGS-B, for the recipe that is made of it, far slower than `lbfgs`."""
    learning_rate: float = 0.02
    """Step of Adam, in units of the image's range [0, 1]; L-BFGS finds its own."""
    adam_beta1: float = 0.9
    """How much of the gradients before it a step of Adam keeps, below 1."""
    adam_epsilon: float = 1e-8
    """What Adam adds to the size of a gradient before dividing by it: larger makes small gradients count less."""
    scipy_round: int = 20
    """Evaluations after which SciPy's L-BFGS-B forgets what it knows and begins another round."""
    init: Init = field(default_factory=Init)
    """What a photo, and the first frame of a shot, starts from: the source, `matched` to the style's colours and contrasts at
    each scale or the `source` as it is; the `style`, `noise` or a picture. `previous` starts each frame from the painted one
    before it as it is, not carried along by the motion."""
    seed: int = 0
    """Number that decides the noise of `--init noise`: the same number, the same noise."""

    def __post_init__(self) -> None:
        at_least("--first-iterations", self.first_iterations, 1)
        at_least("--iterations", self.iterations, 1)
        at_least("--coarse-size", self.coarse_size, 0)
        for name in ("style_weight", "content_weight", "tv_weight", "temporal_weight", "stop_below"):
            at_least(_flag(name), getattr(self, name), 0)
        if self.stop_below >= 1:
            raise UsageError(
                f"--stop-below {self.stop_below:g} is out of range; give a fraction below 1, such as 0.001."
            )
        if self.style_weight == self.content_weight == 0:
            raise UsageError(
                "--style-weight and --content-weight are both 0, so there is nothing to paint; give one of them a positive value."
            )
        at_least("--scipy-round", self.scipy_round, 1)
        at_least("--seed", self.seed, 0)
        at_least("--adam-epsilon", self.adam_epsilon, 1e-12)
        if not 0 <= self.adam_beta1 < 1:
            raise UsageError(
                f"--adam-beta1 {self.adam_beta1:g} is out of range; give 0 or more, and less than 1."
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
    """Weights of the network: Keras' .h5 or .keras, an .npz, MatConvNet's .mat, torchvision's .safetensors, an .onnx, or
    `imagenet` for those that Keras downloads; by default the bundled ones of VGG-19."""
    tile: Tile = field(default_factory=Tile)
    """Side of the windows, in pixels, in which the network looks at a large picture, so that it fits into memory; `auto`
    takes them where it must, `off` never."""
    threads: int | None = None
    """Threads that a processor paints with; by default all its cores, or a fair share of them under `make -j`."""

    def __post_init__(self) -> None:
        if self.threads is not None:
            at_least("--threads", self.threads, 1)
        if not re.fullmatch(r"auto|cpu|gpu:\d+", self.device):
            raise UsageError(
                f"--device {self.device!r} is no device; give auto, cpu, or gpu:0, gpu:1 and so on."
            )


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
    allow_damaged: bool = False
    """Paint what decodes of a film that is cut short or has bad packets; by default it is refused."""

    def __post_init__(self) -> None:
        if self.start and self.end and not self.start.may_precede(self.end):
            raise UsageError(
                f"--end {self.end} is not after --start {self.start}, so nothing is left; give a later end."
            )


@dataclass(frozen=True)
class MotionOptions:
    """How the motion of a film is found."""

    flow: FlowSource = field(default_factory=FlowSource)
    """Optical flow: `dis`, `farneback`, or a folder of your own .flo files, of the size that is painted and named
    `forward_1_2.flo` and `backward_2_1.flo` for the film's first two frames, and so on."""
    temporal_frames: TemporalFrames = field(default_factory=TemporalFrames)
    """Frames that a frame is held to, by how far back they lie, each where no nearer one shows the place: `1` is the frame
    before alone, `1,2,4` also knows what was hidden for a moment."""
    passes: int = 1
    """How often each shot is gone over, forward and backward in turn: a second pass paints what comes into view as it was
    painted later on, at the price of another time `--iterations` for each frame."""

    def __post_init__(self) -> None:
        at_least("--passes", self.passes, 1)


@dataclass(frozen=True)
class PhotoOptions:
    """What becomes of a photo beside its pixels."""

    strip_metadata: bool = False
    """Leave out what a photo says of itself: when, where and with what it was taken (EXIF, XMP, IPTC)."""


@dataclass(frozen=True)
class Options:
    """Everything that decides what a result looks like."""

    paint: PaintOptions = field(default_factory=PaintOptions)
    style: StyleOptions = field(default_factory=StyleOptions)
    objective: ObjectiveOptions = field(default_factory=ObjectiveOptions)
    source: SourceOptions = field(default_factory=SourceOptions)
    motion: MotionOptions = field(default_factory=MotionOptions)
    photo: PhotoOptions = field(default_factory=PhotoOptions)
    machine: MachineOptions = field(default_factory=MachineOptions)
    pictures: PictureOptions = field(default_factory=PictureOptions)
    encode: EncodeOptions = field(default_factory=EncodeOptions)
    painter: PainterKind = PainterKind.VGG
    """`none` copies frames instead of painting them: to try the rest in seconds."""


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
