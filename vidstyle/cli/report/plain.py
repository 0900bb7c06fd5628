"""Progress as plain lines without control codes, a few per minute: for logs, pipes and cron."""

import math
import time
from collections.abc import Callable

from vidstyle import events as ev
from vidstyle.cli.report.eta import BatchProgress, JobProgress
from vidstyle.cli.report.format import (
    count_by_status,
    format_count,
    format_duration,
    format_number,
    printable,
)


class PlainLines:
    """Observer that writes the progress of jobs as lines.

    Parameters
    ----------
    write_line
        Called with each line.
    iterations
        Iterations of a frame that starts from its predecessor, for the time left.
    every_s
        Seconds between lines about finished frames; lines about iterations are three times as far apart.
    """

    def __init__(self, write_line: Callable[[str], None], iterations: int, *, every_s: float = 5.0) -> None:
        self._write_line, self._iterations, self._every_s = write_line, iterations, every_s
        self._name, self._batch, self._job = "", BatchProgress(), JobProgress(0, 0, iterations)
        self._latest_s = -math.inf

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        self._batch(event)
        self._job(event)
        match event:
            case ev.JobStarted():
                self._start(event)
            case ev.Iterated() | ev.FrameDone():
                self._progress(event)
            case ev.Encoding() if event.frames > 1:
                self._write_line(f"{self._name}: encoding {format_count(event.frames, 'frame')}")
            case ev.BatchDone():
                counts = count_by_status(event.outcomes)
                self._write_line(", ".join(f"{number} {status}" for status, number in counts.items()))
            case _:
                pass

    def _start(self, event: ev.JobStarted) -> None:
        self._name = printable(event.input)
        self._job = JobProgress(event.frames, event.resumed, self._iterations, event.passes)
        self._latest_s = -math.inf
        position = f"[{event.job + 1}/{event.jobs}{self._batch_progress()}] " if event.jobs > 1 else ""
        resumed = f", {event.resumed} already painted" if event.resumed else ""
        self._write_line(
            f"{position}{self._name} -> {printable(event.output)}: "
            f"{format_count(event.frames, 'frame')} of {event.width}x{event.height}{resumed}"
        )

    def _batch_progress(self) -> str:
        batch = self._batch
        text = f", {batch.done:.0%} done" if batch.done else ""
        text += f", {batch.failed} failed" if batch.failed else ""
        return text + (f", {format_duration(batch.left_s)} left" if batch.left_s else "")

    def _progress(self, event: ev.Iterated | ev.FrameDone) -> None:
        """Report the progress, unless the latest report was a moment ago."""
        now_s = time.monotonic()
        is_last = isinstance(event, ev.FrameDone) and event.frame + 1 == self._job.frames
        if is_last and event.loss is None and self._job.frames == 1:
            return  # A photo that is copied: its result follows immediately.
        # A finished frame is more informative than one in progress, which is reported only if it takes long.
        pause_s = self._every_s if isinstance(event, ev.FrameDone) else 3 * self._every_s
        if now_s - self._latest_s < pause_s and not is_last:
            return
        self._latest_s = now_s
        text = f"{self._name}: frame {event.frame + 1}/{self._job.frames}{self._job.pass_text}"
        if isinstance(event, ev.Iterated):
            text += f", iteration {event.iteration}/{event.iterations}, loss {format_number(event.loss)}"
        elif event.resumed:
            text += ", already painted"
        else:
            loss = f", loss {format_number(event.loss.total)}" if event.loss else ""
            text += f", {format_count(event.iterations, 'iteration')}, {event.seconds:.1f} s{loss}"
        if self._job.left_s:
            text += f", {format_duration(self._job.left_s)} left"
        self._write_line(text)
