"""What a run looks like from outside: a progress bar, plain lines, JSON lines, or nothing but failures.

Progress and complaints go to stderr; results go to stdout, so that `vidstyle ... > done.txt` collects them.
"""

import json
import math
import sys
import time
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from vidstyle import events as ev
from vidstyle.pace import Pace
from vidstyle.stats import as_json
from vidstyle.streams import Stream
from vidstyle.wording import clock, count, figure, shown, summary

RESUMABLE = "run the same command to go on"


class Quiet:
    """Says only what went wrong."""

    def __init__(self, out: Stream, err: Stream) -> None:
        self.out, self.err = out, err

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take down what moves."""

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        if isinstance(event, ev.JobFailed):
            self.warn(event.error)
        elif isinstance(event, ev.JobInterrupted):
            left = f", {count(event.frames_left, 'frame')} left" if event.frames_left else ""
            self.warn(f"{shown(event.input)}: stopped{left}; {RESUMABLE}.")

    def warn(self, sentence: str) -> None:
        """Say something that must not be missed."""
        self.err.line(f"vidstyle: {sentence}")


class JsonLines(Quiet):
    """Writes every event as one JSON object a line on stdout; failures are said on stderr too."""

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        self.out.line(json.dumps({"event": type(event).__name__, **as_json(event)}))
        super().__call__(event)


class Plain(Quiet):
    """Writes lines without control codes, a few a minute: for logs, pipes and cron."""

    def __init__(self, out: Stream, err: Stream, iterations: int, *, every_s: float = 5.0) -> None:
        super().__init__(out, err)
        self.iterations, self.every_s = iterations, every_s
        self.name, self.pace = "", Pace(0, 0, iterations)
        self._said = -math.inf

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        super().__call__(event)
        self.pace.see(event)
        match event:
            case ev.Notice():
                self.warn(event.message)
            case ev.JobStarted():
                self.name = shown(event.input)
                self.pace = Pace(event.frames, event.resumed, self.iterations)
                self._said = -math.inf
                self.started(event)
            case ev.Iterated() | ev.FrameDone():
                self.progressed(event)
            case ev.Encoding():
                self.encoding(event)
            case ev.JobDone():
                self.finished(summary(event))
            case ev.JobSkipped():
                self.finished(f"{shown(event.output)}: made before by the same request, nothing to do")
            case _:
                pass

    def started(self, event: ev.JobStarted) -> None:
        """Announce a job."""
        place = f"[{event.job + 1}/{event.jobs}] " if event.jobs > 1 else ""
        before = f", {event.resumed} painted before" if event.resumed else ""
        self.err.line(
            f"{place}{self.name} -> {shown(event.output)}: "
            f"{count(event.frames, 'frame')} of {event.width}x{event.height}{before}"
        )

    def progressed(self, event: ev.Iterated | ev.FrameDone) -> None:
        """Say how far it is, unless that was said a moment ago."""
        now = time.monotonic()
        last = isinstance(event, ev.FrameDone) and event.frame + 1 == self.pace.frames
        # A finished frame says more than one under way, which speaks up only where a frame takes long.
        pause_s = self.every_s if isinstance(event, ev.FrameDone) else 3 * self.every_s
        if now - self._said < pause_s and not last:
            return
        self._said = now
        text = f"{self.name}: frame {event.frame + 1}/{self.pace.frames}"
        if isinstance(event, ev.Iterated):
            text += f", iteration {event.iteration}/{event.iterations}, loss {figure(event.loss)}"
        elif event.resumed:
            text += ", painted before"
        else:
            loss = f", loss {figure(event.loss.total)}" if event.loss else ""
            text += f", {count(event.iterations, 'iteration')}, {event.seconds:.1f} s{loss}"
        if self.pace.left_s:
            text += f", {clock(self.pace.left_s)} left"
        self.err.line(text)

    def encoding(self, event: ev.Encoding) -> None:
        """Say that the painting is over."""
        self.err.line(f"{self.name}: putting {count(event.frames, 'frame')} together")

    def finished(self, text: str) -> None:
        """Hand over a result."""
        self.out.line(text)


class Terminal(Plain):
    """Draws a bar a job, and one for the batch where there are several."""

    def __init__(self, out: Stream, err: Stream, iterations: int) -> None:
        super().__init__(out, err, iterations)
        # File names are no markup: `[red].mp4` is shown as it is written.
        file: Any = err
        self._console = Console(file=file, force_terminal=True, markup=False, highlight=False, emoji=False)
        self._progress: Progress | None = None
        self._task = TaskID(0)

    def close(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def warn(self, sentence: str) -> None:
        """Say something above the bar."""
        self._console.print(f"vidstyle: {sentence}", soft_wrap=True)

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        if isinstance(event, ev.JobFailed | ev.JobInterrupted | ev.JobDone | ev.JobSkipped):
            self.close()
        super().__call__(event)

    def started(self, event: ev.JobStarted) -> None:
        """Draw a new bar."""
        self.close()
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[state]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}", markup=False),
        )
        # stdout may be a file while stderr is the terminal: what is written there must not end up in the bar.
        self._progress = Progress(*columns, console=self._console, transient=True, redirect_stdout=False)
        if event.jobs > 1:
            batch = f"{event.job + 1} of {event.jobs}"
            self._progress.add_task("all", total=event.jobs, completed=event.job, state=batch, left="")
        self._task = self._progress.add_task(
            self.name, total=event.frames, completed=event.resumed, state="starting", left=""
        )
        self._progress.start()

    def progressed(self, event: ev.Iterated | ev.FrameDone) -> None:
        """Move the bar."""
        if isinstance(event, ev.FrameDone) and event.frame < self.pace.current:
            return  # It was saved while a later one is painted, which is what the bar shows.
        done, loss = float(self.pace.done), None
        if isinstance(event, ev.Iterated):
            done, loss = event.frame + event.iteration / max(1, event.iterations), event.loss
        elif event.loss is not None:
            loss = event.loss.total
        state = f"frame {event.frame + 1}/{self.pace.frames}"
        state += f"  {self.pace.rate:.1f} it/s" if self.pace.rate else ""
        state += f"  loss {figure(loss)}" if loss is not None else ""
        left = self.pace.left_s
        self._update(completed=done, state=state, left="" if left is None else f"{clock(left)} left")

    def encoding(self, event: ev.Encoding) -> None:
        """Say that the painting is over."""
        self._update(completed=event.frames, state="putting the frames together", left="")

    def _update(self, **values: Any) -> None:
        if self._progress is not None:
            self._progress.update(self._task, **values)


def choose(*, quiet: bool, log_json: bool, iterations: int) -> Quiet:
    """Face for this run: JSON lines or silence where asked for, a bar for who watches, lines for a log."""
    out, err = Stream(sys.stdout), Stream(sys.stderr)
    if log_json:
        return JsonLines(out, err)
    if quiet:
        return Quiet(out, err)
    return Terminal(out, err, iterations) if err.isatty() else Plain(out, err, iterations)
