"""Events of a run, the observers that receive them, and the request to stop.

The core never prints: it passes these events to an observer, any callable that takes one. They arrive in
order, from the thread that called `stylize`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple


class Status(StrEnum):
    """Outcome of a job."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Outcome(NamedTuple):
    """Result of a job, as far as a summary of a batch needs it."""

    input: Path
    output: Path
    status: Status
    error: str | None


class Losses(Mapping[str, float]):
    """Weighted terms of the loss at one image, by name, in float32; their sum is the total.

    >>> losses = Losses(content=100.0, style=800.0)
    >>> losses["style"], losses.total
    (800.0, 900.0)
    """

    def __init__(self, **terms: float) -> None:
        self._terms = terms

    def __getitem__(self, name: str) -> float:
        return self._terms[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms)

    def __len__(self) -> int:
        return len(self._terms)

    def __repr__(self) -> str:
        return f"Losses({', '.join(f'{name}={value!r}' for name, value in self._terms.items())})"

    @property
    def total(self) -> float:
        """Value of the whole loss."""
        return sum(self._terms.values())


@dataclass(frozen=True)
class Event:
    """Base class of all events of a job, which is given by its index from 0."""

    job: int


@dataclass(frozen=True)
class Notice(Event):
    """Information for the user, in one sentence."""

    message: str


@dataclass(frozen=True)
class AlbumRead(Event):
    """Scan of a folder with `found` photos and films to paint; `job` is the index of the first."""

    folder: Path
    found: int
    passed_over: Mapping[str, int]
    """Number of ignored files by kind: `{"hidden": 3, "sidecar": 2}`."""


@dataclass(frozen=True)
class BatchStarted(Event):
    """Start of several jobs."""

    work: tuple[float, ...]
    """Expected work of each job, in pixels times iterations; 0 where its output exists."""


@dataclass(frozen=True)
class BatchDone(Event):
    """End of several jobs, of which `left` were not started; reported by the command line."""

    outcomes: tuple[Outcome, ...]
    left: int


@dataclass(frozen=True)
class JobStarted(Event):
    """Start of a job: `frames` frames of `width` x `height` pixels, `resumed` of them painted before."""

    jobs: int  # in the run
    input: Path
    output: Path
    width: int
    height: int
    frames: int
    resumed: int
    passes: int = 1  # over each shot


@dataclass(frozen=True)
class DurationEstimated(Event):
    """Upper bound on the time for all unpainted frames; not emitted for jobs of a few iterations."""

    seconds: float
    firsts: tuple[int, ...] = (0,)
    """Frames without a predecessor to start from, each of which takes up to `first_iterations`."""
    first_iterations: int = 0


@dataclass(frozen=True)
class ShotStarted(Event):
    """Start of a shot, frames [start, stop) of the job; nothing is propagated into it."""

    start: int
    stop: int


@dataclass(frozen=True)
class PassStarted(Event):
    """Start of pass `number` (from 1) of `passes` over frames [start, stop); even passes go backward.

    Only the last pass finishes frames. A shot with a single pass has no such event.
    """

    start: int
    stop: int
    number: int
    passes: int


@dataclass(frozen=True)
class Iterated(Event):
    """Progress on a frame: `iteration` of `iterations` at most are done, the latest `steps` in `seconds`."""

    frame: int  # index in the job
    iteration: int
    iterations: int
    loss: float
    seconds: float
    steps: int
    left: float = 0.0
    """Upper bound on the frame's remaining iterations, in units of the latest: larger sizes take longer."""


@dataclass(frozen=True)
class FrameDone(Event):
    """A painted frame, safe in the work folder."""

    frame: int  # index in the job
    index: int  # index in the source
    resumed: bool  # painted by an earlier run
    iterations: int
    seconds: float
    loss: Losses | None
    """Losses of the painted frame; None with `--painter none`."""
    warping_error: float | None
    warping_error_source: float | None
    path: Path | None = None
    """File of the stored frame, a 16-bit PNG in the work folder, which exists until the job ends."""


@dataclass(frozen=True)
class Encoding(Event):
    """Start of encoding."""

    frames: int


@dataclass(frozen=True)
class JobDone(Event):
    """End of a job whose result is published at `output`."""

    output: Path
    seconds: float
    frames: int
    style_loss: float | None  # mean over the frames
    warping_error: float | None
    warping_error_source: float | None
    warping_error_10: float | None = None  # of frames ten apart
    warping_error_10_source: float | None = None


@dataclass(frozen=True)
class JobSkipped(Event):
    """End of a job whose output an earlier run of the same request has written."""

    output: Path


@dataclass(frozen=True)
class JobFailed(Event):
    """End of a job without a result; `error` is a whole sentence."""

    input: Path
    error: str


@dataclass(frozen=True)
class JobInterrupted(Event):
    """End of a job on request, with `frames_left` frames unpainted."""

    input: Path
    frames_left: int


Observer = Callable[[Event], None]
"""Receiver of every event, in order."""


def ignore(event: Event) -> None:
    """Observe nothing."""


class StopRequest:
    """Request to stop a run: made once, after the current frame; made twice, within about one second.

    Safe to call from a signal handler.
    """

    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> None:
        """Make the request once more."""
        self._count += 1

    @property
    def after_frame(self) -> bool:
        """True if no further frame should be started."""
        return self._count >= 1

    @property
    def now(self) -> bool:
        """True if the current frame should be abandoned too."""
        return self._count >= 2
