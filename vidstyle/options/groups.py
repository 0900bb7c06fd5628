"""Groups of options, with the default, the range and the help of each.

Groups are frozen, so that they can be passed on, pickled and hashed. A field's docstring is its help, on the
command line and in docs/reference.md.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from vidstyle.errors import UsageError
from vidstyle.options.keyframes import parse_at
from vidstyle.options.media import EncodeOptions, PictureOptions
from vidstyle.options.objective import ObjectiveOptions
from vidstyle.options.style import StyleOptions
from vidstyle.options.values import (
    Cuts,
    FlowSource,
    Init,
    PaintEvery,
    Size,
    TemporalFrames,
    Tile,
    Time,
    at_least,
)


class Precision(StrEnum):
    """Arithmetic of the network."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class Optimizer(StrEnum):
    """Optimisation method."""

    LBFGS = "lbfgs"
    ADAM = "adam"
    SCIPY = "scipy"


class PainterKind(StrEnum):
    """Method that turns a source frame into a painted one."""

    VGG = "vgg"
    NONE = "none"


@dataclass(frozen=True)
class PaintOptions:
    """Options of the optimisation of a frame."""

    first_iterations: int = 60
    """Iterations for a photo, and for the first frame of a shot."""
    coarse_size: int = 640
    """Longer side above which a photo, or the first frame of a shot, is painted at half its size first,
    recursively, so that strokes keep their size; each larger size takes a third of the iterations. 0 disables
    it."""
    iterations: int = 20
    """Maximum iterations of each further frame that is painted. It starts from the painted frame before it,
    warped along the optical flow, and ends as soon as it is about as good as the first frame of its shot."""
    style_weight: float = 1.0
    """Weight of the style loss, relative to the preset."""
    content_weight: float = 1.0
    """Weight of the content loss, which keeps the shapes of the source, relative to the preset."""
    tv_weight: float = 1.0
    """Weight of the total variation, which smooths, relative to the preset. A frame that starts from its
    predecessor gets a quarter of it, since the predecessor is smoothed already."""
    temporal_weight: float = 1.0
    """Weight of the temporal loss, which holds a frame to its warped predecessors, relative to the preset. It
    decays while frames have higher losses than the first of their shot and are stiller than the source, the
    less so the higher it is."""
    stop_below: float = 1e-3
    """Stop a frame early when its loss falls by less than this fraction per iteration. A frame that starts
    from its predecessor continues down to half of that or less, since the next frames keep what it gains. 0
    never stops early."""
    windows_above: int = 0
    """Longer side above which a frame that starts from its predecessor is painted only in the windows in
    which something is new, where the rest is about as good as the first frame of its shot: somewhat faster
    with a still camera. 0 always paints the whole frame."""
    optimizer: Optimizer = Optimizer.LBFGS
    """Optimisation method: `lbfgs`, `adam`, or `scipy`, SciPy's L-BFGS-B, which a preset needs and which is
    far slower than `lbfgs`."""
    learning_rate: float = 0.02
    """Step size of Adam, up to 1, where 1 is the range of the image from black to white. L-BFGS finds its
    own."""
    adam_beta1: float = 0.9
    """Decay of Adam's running mean of gradients, below 1."""
    adam_epsilon: float = 1e-8
    """Constant that Adam adds to the root mean square of the gradients before it divides by it: a larger one
    makes small gradients count less."""
    scipy_round: int = 20
    """Evaluations after which SciPy's L-BFGS-B is restarted without its history."""
    init: Init = field(default_factory=Init)
    """Start of a photo, and of the first frame of a shot: the source, `matched` to the colours and contrasts
    of the style at each scale, or unchanged (`source`); the `style`; `noise`; or the image FILE. `previous`
    also starts each further frame from its painted predecessor without warping it."""
    seed: int = 0
    """Seed of the noise of `--init noise`: the same number gives the same bytes."""

    def __post_init__(self) -> None:
        at_least("--first-iterations", self.first_iterations, 1)
        at_least("--iterations", self.iterations, 1)
        at_least("--coarse-size", self.coarse_size, 0)
        at_least("--windows-above", self.windows_above, 0)
        for name in ("style_weight", "content_weight", "tv_weight", "temporal_weight", "stop_below"):
            at_least("--" + name.replace("_", "-"), getattr(self, name), 0)
        if self.stop_below >= 1:
            raise UsageError(
                f"--stop-below {self.stop_below:g} is out of range; give a fraction below 1, such as 0.001."
            )
        if self.style_weight == self.content_weight == 0:
            raise UsageError(
                "--style-weight and --content-weight are both 0, so there is nothing to paint; "
                "give one of them a positive value."
            )
        at_least("--scipy-round", self.scipy_round, 1)
        at_least("--seed", self.seed, 0)
        at_least("--adam-epsilon", self.adam_epsilon, 1e-12)
        if not 0 <= self.adam_beta1 < 1:
            raise UsageError(
                f"--adam-beta1 {self.adam_beta1:g} is out of range; give a number from 0 to below 1."
            )
        if not 0 < self.learning_rate <= 1:
            raise UsageError(
                f"--learning-rate {self.learning_rate:g} is out of range; give a positive number up to 1."
            )


@dataclass(frozen=True)
class MachineOptions:
    """Options of the device, its arithmetic and memory, and the network's weights."""

    device: str = "auto"
    """Device that paints: `auto`, `cpu`, or `gpu:N` for the graphics card of index N."""
    precision: Precision = Precision.AUTO
    """Arithmetic of the network. `bfloat16` halves the time where the hardware supports it; `auto` uses it
    there, and `float32` elsewhere."""
    weights: Path | None = None
    """Weights of the network: a .h5 or .keras file of Keras, with or without top; .npz; MatConvNet's .mat; a
    state dict of torchvision in .safetensors; .onnx (`pip install '.[onnx]'`); or `imagenet` for those that
    Keras downloads. Each layer is checked. By default the bundled weights of VGG-19."""
    tile: Tile = field(default_factory=Tile)
    """Side of the tiles, in pixels, in which the network processes a large image, so that it fits into
    memory; the result is the same. `auto` uses tiles where needed, and smaller ones where a graphics card
    runs out of memory; `off` never does."""
    threads: int | None = None
    """Threads of the processor. By default one per core; under `make -j` a fair share of them."""

    def __post_init__(self) -> None:
        if self.threads is not None:
            at_least("--threads", self.threads, 1)
        if not re.fullmatch(r"auto|cpu|gpu:\d+", self.device):
            raise UsageError(
                f"invalid --device {self.device!r}: give 'auto', 'cpu', or 'gpu:0', 'gpu:1' etc."
            )


@dataclass(frozen=True)
class SourceOptions:
    """Options of the part of the input that is painted, and of its size."""

    size: Size = field(default_factory=Size)
    """Longer side of the result as displayed, in pixels, or `full`; never enlarged. The style image is
    resized to the same size, so strokes grow with it."""
    start: Time | None = None
    """Start of the part that is painted: `1.5`, `00:01:02.5`, or `120f` for frame 120, counted from 0. By
    default the start of the film."""
    end: Time | None = None
    """End of the part that is painted, exclusive, written as `--start`. By default the end of the film."""
    cuts: Cuts = field(default_factory=Cuts)
    """Cuts, across which nothing is propagated: painting starts from the source again. `auto` detects cuts,
    fades and cross-fades, `off` has none, and times, written as `--start` and separated by commas, are used
    as they are."""
    allow_damaged: bool = False
    """Paint the frames that decode of a film that is truncated or has corrupt packets, each at its own time.
    By default such a film is refused, and the message gives the amount that is lost."""

    def __post_init__(self) -> None:
        if self.start and self.end and not self.start.can_precede(self.end):
            raise UsageError(f"--end {self.end} is not after --start {self.start}; give a later end.")


@dataclass(frozen=True)
class MotionOptions:
    """Options of the optical flow, and of the frames that a frame is held to."""

    flow: FlowSource = field(default_factory=FlowSource)
    """Optical flow: `dis`, `farneback`, or a FOLDER of Middlebury .flo files of the size that is painted,
    named `forward_1_2.flo` and `backward_2_1.flo` for the first two frames, and so on."""
    paint_every: PaintEvery = field(default_factory=PaintEvery)
    """Most frames from one painted frame to the next; those between them are filled from both sides along the
    optical flow. `auto` paints as few as the film allows, at most 8 apart at 25 frames per second, `1` paints
    every frame."""
    temporal_frames: TemporalFrames = field(default_factory=TemporalFrames)
    """Reference frames of the temporal loss, by how many painted frames back they lie, each used where no
    nearer one shows the place: `1` is the previous one, `1,2,4` also recovers areas that were hidden for a
    moment."""
    keyframe: tuple[str, ...] = ()
    """Painting of the frame at a time, such as `2.5=edited.png`, of any size; repeat it for other frames. It
    is used as it is, and the other frames of its shot are painted from it. With `--keep-frames` painted
    frames can be edited and given back: only the shots that they are in are painted again."""
    passes: int = 1
    """Number of passes over each shot, in alternating direction. A second pass makes newly revealed areas
    match how they look later, and costs another `--iterations` per frame."""

    def __post_init__(self) -> None:
        at_least("--passes", self.passes, 1)
        if self.keyframes and self.passes > 1:
            raise UsageError("--keyframe and --passes cannot be combined; omit one of them.")

    @property
    def keyframes(self) -> tuple[tuple[Time, Path], ...]:
        """Times and files of `--keyframe`."""
        found = (parse_at("--keyframe", text, "edited.png") for text in self.keyframe)
        return tuple((time, Path(file)) for time, file in found)


@dataclass(frozen=True)
class PhotoOptions:
    """Options of a photo's metadata."""

    strip_metadata: bool = False
    """Omit the metadata of photos, such as when, where and with which camera they were taken (EXIF, XMP,
    IPTC), and the command that made the result, which `vidstyle show` prints."""


@dataclass(frozen=True)
class Options:
    """All options that decide a result."""

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
    """Painter: `vgg` optimises each frame, `none` copies the frames instead, to try everything else in
    seconds."""
