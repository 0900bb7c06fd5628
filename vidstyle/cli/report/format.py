"""Figures, paths and results in words."""

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from vidstyle.errors import quoted
from vidstyle.events import JobDone, Status


def summary(done: JobDone) -> str:
    """`painted/in-starry.mp4: 36 frames, 4.2 s a frame, style loss 812, warping error 0.00021 (source 0.00018)`."""
    parts = [count(done.frames, "frame"), f"{_seconds(done.seconds / max(1, done.frames))} a frame"]
    if done.style_loss is not None:
        parts.append(f"style loss {figure(done.style_loss)}")
    if done.warping_error is not None:
        floor = (
            f" (source {figure(done.warping_error_source)})" if done.warping_error_source is not None else ""
        )
        parts.append(f"warping error {figure(done.warping_error)}{floor}")
    if done.warping_error_10 is not None and done.warping_error_10_source is not None:
        far = figure(done.warping_error_10), figure(done.warping_error_10_source)
        parts.append("{} ten frames apart (source {})".format(*far))
    return f"{shown(done.output)}: {', '.join(parts)}"


class Outcome(Protocol):
    """What came of a job."""

    @property
    def input(self) -> Path: ...  # noqa: D102 - said by its name, as are the others.
    @property
    def output(self) -> Path: ...  # noqa: D102
    @property
    def status(self) -> Status: ...  # noqa: D102
    @property
    def error(self) -> str | None: ...  # noqa: D102


def tally(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many jobs ended how: `{"done": 12, "skipped": 3, "failed": 1}`."""
    counts = Counter(outcome.status for outcome in outcomes)
    return {status.value: counts[status] for status in Status if counts[status] or status is Status.DONE}


class Forecast(Protocol):
    """What is known of a job before it runs."""

    @property
    def width(self) -> int: ...  # noqa: D102 - said by its name, as are the others.
    @property
    def height(self) -> int: ...  # noqa: D102
    @property
    def frames(self) -> int: ...  # noqa: D102
    @property
    def memory_bytes(self) -> int: ...  # noqa: D102
    @property
    def disk_bytes(self) -> int: ...  # noqa: D102
    @property
    def notes(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def seconds(self) -> float | None: ...  # noqa: D102
    @property
    def seconds_a_shot(self) -> float | None: ...  # noqa: D102


def forecast(source: Path, output: Path, guess: Forecast) -> str:
    """Lines of a dry run about one job."""
    lines = (
        f"{shown(source)} -> {shown(output)}",
        f"  {guess.width}x{guess.height}, {count(guess.frames, 'frame')}",
        f"  about {size(guess.memory_bytes)} of memory, {size(guess.disk_bytes)} of disk",
        *_time(guess),
        *(f"  {note}" for note in guess.notes),
    )
    return "\n".join(lines)


def _time(guess: Forecast) -> tuple[str, ...]:
    if guess.seconds is None:
        return ()
    more = (
        f", and {clock(guess.seconds_a_shot)} more for each cut that is found" if guess.seconds_a_shot else ""
    )
    return (f"  at most {clock(guess.seconds)} to paint{more}",)


def shown(path: Path) -> str:
    """Path as one printable line, whatever bytes its name holds."""
    return quoted(path)[1:-1]


def count(number: int, noun: str) -> str:
    """`1 frame`, `36 frames`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def figure(value: float) -> str:
    """Three digits of a large number, two of a small one, and no exponent between 0.000001 and a million."""
    if not math.isfinite(value) or value == 0 or not 1e-6 <= abs(value) < 1e6:
        return f"{value:.3g}"
    decimals = (2 if abs(value) >= 0.1 else 1) - math.floor(math.log10(abs(value)))
    return f"{value:.{max(0, decimals)}f}"


def clock(seconds: float) -> str:
    """`0:07`, `12:30`, `3:05:00`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def ago(seconds: float) -> str:
    """`just now`, `20 minutes ago`, `3 days ago`."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return f"{count(int(seconds // length), unit)} ago"
    return "just now"


def size(amount: int) -> str:
    """`640 B`, `24 MiB`, `1.2 GiB`."""
    value, units = float(amount), iter(("B", "KiB", "MiB", "GiB"))
    unit = next(units)
    while value >= 1000 and unit != "GiB":
        value, unit = value / 1024, next(units)
    return f"{value:.1f} {unit}" if value < 10 and unit != "B" else f"{value:.0f} {unit}"


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value >= 1 else f"{value:.2g} s"
