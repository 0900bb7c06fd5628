"""What came of a job: the figures that `--stats` writes."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from vidstyle.events import FrameDone, Losses, Status


@dataclass
class Stages:
    """Seconds spent in each part of a job. `start`, `paint` and `wait` are the painter's own; the others go on beside it."""

    start: float = 0.0
    """Loading and compiling, and looking at the styles."""
    decode: float = 0.0
    flow: float = 0.0
    look: float = 0.0
    """Looking at the frame that is painted next, by the network."""
    paint: float = 0.0
    wait: float = 0.0
    save: float = 0.0
    encode: float = 0.0


@dataclass(frozen=True)
class FrameMetrics:
    """How one frame went."""

    index: int
    """In the source."""
    resumed: bool
    iterations: int
    undone: int
    seconds: float
    loss: Losses | None
    warping_error: float | None
    warping_error_source: float | None

    def as_dict(self) -> dict[str, Any]:
        """As `--stats` and the journal write it."""
        loss = self.loss and {"total": self.loss.total, **self.loss}
        return asdict(self) | {"loss": loss}

    @classmethod
    def from_dict(cls, figures: dict[str, Any], *, resumed: bool) -> "FrameMetrics":
        """Read back what `as_dict` gave."""
        loss = figures["loss"] and Losses(
            **{name: value for name, value in figures["loss"].items() if name != "total"}
        )
        return cls(**(dict(figures) | {"loss": loss, "resumed": resumed}))

    def event(self, job: int, start: int) -> FrameDone:
        """As the core reports it; `start` is the source's index of the job's first frame."""
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
        )


@dataclass
class JobResult:
    """What came of a job."""

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
    """Frames [start, stop) of the job."""
    per_frame: list[FrameMetrics] = field(default_factory=list)
    warping_error_10: float | None = None
    """Mean over pairs of frames ten apart, within shots."""
    warping_error_10_source: float | None = None

    @property
    def style_loss(self) -> float | None:
        """Mean style loss of the frames."""
        return _mean([f.loss["style"] if f.loss else None for f in self.per_frame])

    @property
    def warping_error(self) -> float | None:
        """Mean warping error of the frames."""
        return _mean([f.warping_error for f in self.per_frame])

    @property
    def warping_error_source(self) -> float | None:
        """Mean warping error of the source's frames."""
        return _mean([f.warping_error_source for f in self.per_frame])

    def as_dict(self) -> dict[str, Any]:
        """As `--stats` writes it."""
        return {
            "input": str(self.input),
            "output": str(self.output),
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
            "per_frame": [figures.as_dict() for figures in self.per_frame],
        }


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
