"""Result of a job, with the figures that `--stats` writes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from statistics import fmean
from typing import Any

from vidstyle.errors import text_of_name
from vidstyle.events import FrameDone, Losses, Status


@dataclass
class Stages:
    """Seconds spent in each stage of a job.

    `start`, `paint`, `fill` and `wait` are spent in the painter's own thread; the others mostly run in
    parallel with it.
    """

    start: float = 0.0
    """Loading and compiling the network, and encoding the styles."""
    decode: float = 0.0
    plan: float = 0.0
    """Choosing the keyframes."""
    flow: float = 0.0
    look: float = 0.0
    """Encoding the content of the next frame."""
    paint: float = 0.0
    fill: float = 0.0
    """Filling frames between painted ones, without their optical flow."""
    wait: float = 0.0
    save: float = 0.0
    encode: float = 0.0


class FrameKind(StrEnum):
    """Origin of a frame of the result."""

    PAINTED = "painted"
    HELD = "held"
    """It repeats the frame before it, as the source does."""
    FILLED = "filled"
    """Filled from the painted frames around it."""
    GIVEN = "given"
    """Painted by hand, by `--keyframe`."""
    REPAIRED = "repaired"
    """Filled, and painted where they do not show it."""


@dataclass(frozen=True)
class FrameMetrics:
    """Figures of one frame."""

    index: int
    """Index in the source."""
    resumed: bool
    """Whether an earlier run painted it."""
    iterations: int
    undone: int
    """Iterations that the optimiser rejected."""
    seconds: float
    loss: Losses | None
    warping_error: float | None
    warping_error_source: float | None
    kind: FrameKind = FrameKind.PAINTED

    def as_dict(self) -> dict[str, Any]:
        """Convert to plain values, as `--stats` and the journal have them."""
        loss = self.loss and {"total": self.loss.total, **self.loss}
        return asdict(self) | {"loss": loss, "kind": self.kind.value}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], *, resumed: bool) -> "FrameMetrics":
        """Convert the result of `as_dict` back."""
        terms = values["loss"]
        loss = terms and Losses(**{name: value for name, value in terms.items() if name != "total"})
        kind = FrameKind(values["kind"])
        return cls(**(dict(values) | {"loss": loss, "resumed": resumed, "kind": kind}))

    def event(self, job: int, start: int, path: Path | None = None) -> FrameDone:
        """Make the event that reports the frame.

        Parameters
        ----------
        job
            Number of the job.
        start
            First frame of the job, by index in the source.
        path
            File of the stored frame.

        """
        return FrameDone(
            job=job,
            frame=self.index - start,
            index=self.index,
            resumed=self.resumed,
            iterations=self.iterations,
            seconds=self.seconds,
            loss=self.loss,
            warping_error=self.warping_error,
            warping_error_source=self.warping_error_source,
            path=path,
        )


@dataclass
class JobResult:
    """Outcome of a job, with its figures."""

    input: Path
    output: Path
    status: Status = Status.FAILED
    error: str | None = None
    exit_code: int = 0
    width: int = 0
    height: int = 0
    frames: int = 0
    seconds: float = 0.0
    stages: Stages = field(default_factory=Stages)
    shots: list[tuple[int, int]] = field(default_factory=list)
    """Shots [start, stop), in frames of the job."""
    per_frame: list[FrameMetrics] = field(default_factory=list)
    warping_error_10: float | None = None
    """Mean over pairs of frames ten apart, both of one shot."""
    warping_error_10_source: float | None = None

    @property
    def style_loss(self) -> float | None:
        """Mean style loss of the frames."""
        return _mean([frame.loss["style"] if frame.loss else None for frame in self.per_frame])

    @property
    def warping_error(self) -> float | None:
        """Mean warping error of the frames."""
        return _mean([frame.warping_error for frame in self.per_frame])

    @property
    def warping_error_source(self) -> float | None:
        """Mean warping error of the source's own frames."""
        return _mean([frame.warping_error_source for frame in self.per_frame])

    def as_dict(self) -> dict[str, Any]:
        """Convert to plain values, as `--stats` has them."""
        return {
            "input": text_of_name(self.input),
            "output": text_of_name(self.output),
            "status": self.status.value,
            "error": self.error,
            "width": self.width,
            "height": self.height,
            "frames": self.frames,
            "seconds": self.seconds,
            "stages": asdict(self.stages),
            "shots": [list(shot) for shot in self.shots],
            "warping_error_10": self.warping_error_10,
            "warping_error_10_source": self.warping_error_10_source,
            "per_frame": [frame.as_dict() for frame in self.per_frame],
        }


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
