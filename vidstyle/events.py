"""What a run reports while it goes on, and how it is asked to stop.

The core never prints: it hands these events to an observer, any callable that takes one. They arrive in order, from
the thread that called `stylize`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Status(StrEnum):
    """How a job ended."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


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
    """Something happened to job `job` (0 is the first)."""

    job: int


@dataclass(frozen=True)
class Notice(Event):
    """Something that a user should know, in one sentence."""

    message: str


@dataclass(frozen=True)
class AlbumRead(Event):
    """A folder was looked through; `job` is the first that came of it."""

    folder: Path
    found: int
    """Pictures and films to paint."""
    passed_over: Mapping[str, int]
    """How many of what was left out: `{"hidden": 3, "sidecar": 2}`."""


def in_words(passed_over: Mapping[str, int]) -> str:
    """`3 hidden, 2 sidecars`."""
    return ", ".join(
        f"{number} {name}" + ("s" if number > 1 and name not in _UNCOUNTABLE else "")
        for name, number in passed_over.items()
        if number
    )


_UNCOUNTABLE = {"hidden", "painted before", "folder seen before"}


@dataclass(frozen=True)
class BatchStarted(Event):
    """Several jobs begin."""

    work: tuple[float, ...]
    """What each is expected to take, in pixels times iterations; 0 where its output is there."""


@dataclass(frozen=True)
class JobStarted(Event):
    """A job begins: `frames` pictures of `width` x `height`, `resumed` of them painted before."""

    jobs: int
    input: Path
    output: Path
    width: int
    height: int
    frames: int
    resumed: int
    passes: int = 1
    """How often each of its shots is gone over."""


@dataclass(frozen=True)
class DurationEstimated(Event):
    """Painting is about to begin, and takes `seconds` at most; few iterations are over before that could be said."""

    seconds: float
    """Of what was not painted before."""
    firsts: tuple[int, ...] = (0,)
    """Frames that are carried from no other, each of which takes `first_iterations` at most."""
    first_iterations: int = 0


@dataclass(frozen=True)
class ShotStarted(Event):
    """Frames [start, stop) of the job are one shot; nothing is carried into it."""

    start: int
    stop: int


@dataclass(frozen=True)
class PassStarted(Event):
    """Pass `number` of `passes` over frames [start, stop) of the job begins; every other one goes backward.

    Only the last one finishes frames. A shot that is gone over once has no such event.
    """

    start: int
    stop: int
    number: int
    passes: int


@dataclass(frozen=True)
class Iterated(Event):
    """The painter went on: `iteration` of at most `iterations` of frame `frame` of the job are done."""

    frame: int
    iteration: int
    iterations: int
    loss: float
    seconds: float
    """Time that the latest `steps` iterations took."""
    steps: int
    left: float = 0.0
    """Iterations of the frame still to come at most, counted as so many of the latest: at larger sizes they take longer."""


@dataclass(frozen=True)
class FrameDone(Event):
    """A frame is painted and safe in the work folder."""

    frame: int
    """Index in the job."""
    index: int
    """Index in the source."""
    resumed: bool
    iterations: int
    seconds: float
    loss: Losses | None
    """None where nothing was painted (`--painter none`)."""
    warping_error: float | None
    warping_error_source: float | None


@dataclass(frozen=True)
class Encoding(Event):
    """The frames are being put together."""

    frames: int


@dataclass(frozen=True)
class JobDone(Event):
    """The result is published at `output`."""

    output: Path
    seconds: float
    frames: int
    style_loss: float | None
    """Mean over the frames."""
    warping_error: float | None
    warping_error_source: float | None
    warping_error_10: float | None = None
    """Of frames ten apart."""
    warping_error_10_source: float | None = None


@dataclass(frozen=True)
class JobSkipped(Event):
    """The output was there already, made by the same request."""

    output: Path


@dataclass(frozen=True)
class JobFailed(Event):
    """The job ended without a result; `error` is a whole sentence."""

    input: Path
    error: str


@dataclass(frozen=True)
class JobInterrupted(Event):
    """The job was stopped on request, `frames_left` frames before its end."""

    input: Path
    frames_left: int


Observer = Callable[[Event], None]
"""Receives every event, in order."""


def ignore(event: Event) -> None:
    """Observe nothing."""


class StopRequest:
    """How a run is asked to stop: once, after the frame at hand; twice, within about a second.

    Safe to call from a signal handler.
    """

    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> None:
        """Ask once more."""
        self._count += 1

    @property
    def after_frame(self) -> bool:
        """Whether to stop before another frame begins."""
        return self._count >= 1

    @property
    def now(self) -> bool:
        """Whether to leave even the frame at hand."""
        return self._count >= 2
