"""What a run looks like to who watches it: a bar a job and one for the batch, and a table at the end."""

import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from vidstyle import events as ev
from vidstyle.cli.report.format import Outcome, clock, figure, shown, tally
from vidstyle.cli.report.plain import Plain, Quiet
from vidstyle.cli.streams import Stream

_ROWS = 30
"""So many jobs fit on a screen; of more, only those that did not go well are listed."""


class _Elapsed(ProgressColumn):
    """Time since a task's `began`; bars are drawn anew with each job, and the batch's clock goes on."""

    def render(self, task: Task) -> Text:
        """Draw the column."""
        return Text(clock(time.monotonic() - task.fields["began"]))


class Terminal(Plain):
    """Draws a bar a job, and one for the batch where there are several."""

    def __init__(self, out: Stream, err: Stream, iterations: int) -> None:
        super().__init__(out, err, iterations)
        # File names are no markup: `[red].mp4` is shown as it is written.
        file: Any = err
        self._console = Console(file=file, force_terminal=True, markup=False, highlight=False, emoji=False)
        self._progress: Progress | None = None
        self._task = TaskID(0)
        self._began: float | None = None

    def close(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def warn(self, sentence: str) -> None:
        """Say something above the bar."""
        self._console.print(f"vidstyle: {sentence}", soft_wrap=True)

    def say(self, text: str) -> None:
        """Write a line above the bar."""
        self._console.print(text, soft_wrap=True)

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
            _Elapsed(),
            TextColumn("{task.fields[left]}", markup=False),
        )
        # stdout may be a file while stderr is the terminal: what is written there must not end up in the bar.
        self._progress = Progress(*columns, console=self._console, transient=True, redirect_stdout=False)
        self._all, now = None, time.monotonic()
        self._began = self._began or now
        if event.jobs > 1:
            self._all = self._progress.add_task("all", total=1.0, state="", left="", began=self._began)
            self._batch_moved(event.job, event.jobs)
        self._task = self._progress.add_task(
            self.name, total=event.frames, completed=event.resumed, state="starting", left="", began=now
        )
        self._progress.start()

    def progressed(self, event: ev.Iterated | ev.FrameDone) -> None:
        """Move the bar."""
        if isinstance(event, ev.FrameDone) and event.frame < self.pace.current:
            return  # It was saved while a later one is painted, which is what the bar shows.
        done, loss = float(self.pace.done) / self.pace.passes, None
        if isinstance(event, ev.Iterated):
            done = self.pace.place(event.frame) + event.iteration / max(1, event.iterations)
            done, loss = done / self.pace.passes, event.loss
        elif event.loss is not None:
            loss = event.loss.total
        state = f"frame {event.frame + 1}/{self.pace.frames}{self.pace.pass_shown}"
        state += f"  {self.pace.rate:.1f} it/s" if self.pace.rate else ""
        state += f"  loss {figure(loss)}" if loss is not None else ""
        left = self.pace.left_s
        self._update(completed=done, state=state, left="" if left is None else f"{clock(left)} left")
        self._batch_moved(event.job, self.batch.jobs)

    def _batch_moved(self, job: int, jobs: int) -> None:
        if self._progress is None or self._all is None:
            return
        batch = self.batch
        state = f"{job + 1} of {jobs}" + (f"  {batch.failed} failed" if batch.failed else "")
        state += f"  {batch.frames_per_s:.2g} frames/s" if batch.frames_per_s else ""
        left = f"{clock(batch.left_s)} left" if batch.left_s else ""
        done = batch.done if any(batch.work) else job / max(1, jobs)
        self._progress.update(self._all, completed=done, state=state, left=left)

    def ended(self, outcomes: Sequence[Outcome], left: int) -> None:
        """Show a table: the counts, and whatever did not go well."""
        table = Table("result", "file", "why", box=None, pad_edge=False)
        for outcome in outcomes:
            if outcome.status in {ev.Status.FAILED, ev.Status.INTERRUPTED} or len(outcomes) <= _ROWS:
                cells = (outcome.status.value, shown(outcome.input), outcome.error or shown(outcome.output))
                table.add_row(*map(Text, cells))
        counts = ", ".join(f"{number} {status}" for status, number in tally(outcomes).items())
        table.add_row(Text("all"), Text(counts), Text(f"{left} not begun" if left else ""))
        self._console.print(table)
        Quiet.ended(self, outcomes, left)

    def encoding(self, event: ev.Encoding) -> None:
        """Say that the painting is over."""
        self._update(completed=event.frames, state="putting the frames together", left="")

    def _update(self, **values: Any) -> None:
        if self._progress is not None:
            self._progress.update(self._task, **values)
