"""Text of numbers, durations, paths, results and forecasts."""

import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from vidstyle.errors import quoted
from vidstyle.events import JobDone, Outcome, Status


def printable(path: Path) -> str:
    """Format a path as one printable line, whatever bytes its name holds."""
    return quoted(path)[1:-1]


def format_count(number: int, noun: str) -> str:
    """Format a number with its noun: `1 frame`, `36 frames`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def format_number(value: float) -> str:
    """Format a number with three digits, or two below 0.1; without an exponent from 0.000001 to a million."""
    if not math.isfinite(value) or value == 0 or not 1e-6 <= abs(value) < 1e6:
        return f"{value:.3g}"
    decimals = (2 if abs(value) >= 0.1 else 1) - math.floor(math.log10(abs(value)))
    return f"{value:.{max(0, decimals)}f}"


def format_duration(seconds: float) -> str:
    """Format a duration: `0:07`, `12:30`, `3:05:00`, `2 days 3 h`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 24:
        return f"{format_count(hours // 24, 'day')} {hours % 24} h"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def format_age(seconds: float) -> str:
    """Format the time since an event: `just now`, `20 minutes ago`, `3 days ago`."""
    for unit, length_s in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length_s:
            return f"{format_count(int(seconds // length_s), unit)} ago"
    return "just now"


def format_size(size_bytes: int) -> str:
    """Format an amount of memory: `640 B`, `24 MiB`, `1.2 GiB`."""
    value, units = float(size_bytes), iter(("B", "KiB", "MiB", "GiB"))
    unit = next(units)
    while value >= 1000 and unit != "GiB":
        value, unit = value / 1024, next(units)
    return f"{value:.1f} {unit}" if value < 10 and unit != "B" else f"{value:.0f} {unit}"


def format_summary(done: JobDone) -> str:
    """Format the result of a job, with its metrics next to those of the source.

    `out/in-starry.mp4: 36 frames, 4.2 s per frame, style loss 812, warping error 0.00021 (source 0.00018)`
    """
    frame_s = done.seconds / max(1, done.frames)
    parts = [
        format_count(done.frames, "frame"),
        f"{frame_s:.1f} s per frame" if frame_s >= 1 else f"{frame_s:.2g} s per frame",
    ]
    if done.style_loss is not None:
        parts.append(f"style loss {format_number(done.style_loss)}")
    if done.warping_error is not None:
        source = done.warping_error_source
        floor = f" (source {format_number(source)})" if source is not None else ""
        parts.append(f"warping error {format_number(done.warping_error)}{floor}")
    if done.warping_error_10 is not None and done.warping_error_10_source is not None:
        error, floor = map(format_number, (done.warping_error_10, done.warping_error_10_source))
        parts.append(f"{error} ten frames apart (source {floor})")
    return f"{printable(done.output)}: {', '.join(parts)}"


def count_by_status(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Count jobs by status: `{"done": 12, "skipped": 3, "failed": 1}`."""
    counts = Counter(outcome.status for outcome in outcomes)
    return {status.value: counts[status] for status in Status if counts[status] or status is Status.DONE}


class Forecast(Protocol):
    """Requirements of a job, known before it runs."""

    @property
    def width(self) -> int: ...  # noqa: D102 - described by its name, as are the others.
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


def format_forecast(source: Path, output: Path, forecast: Forecast) -> str:
    """Format the forecast of a job, in several lines."""
    lines = (
        f"{printable(source)} -> {printable(output)}",
        f"  {forecast.width}x{forecast.height}, {format_count(forecast.frames, 'frame')}",
        f"  about {format_size(forecast.memory_bytes)} of memory, {format_size(forecast.disk_bytes)} of disk",
        *_duration_lines(forecast),
        *(f"  {note}" for note in forecast.notes),
    )
    return "\n".join(lines)


def _duration_lines(forecast: Forecast) -> tuple[str, ...]:
    if forecast.seconds is None:
        return ()
    more = (
        f", and {format_duration(forecast.seconds_a_shot)} more per detected cut"
        if forecast.seconds_a_shot
        else ""
    )
    return (f"  at most {format_duration(forecast.seconds)} to paint{more}",)
