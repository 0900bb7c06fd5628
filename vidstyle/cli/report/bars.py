"""Progress bars on a terminal or in a notebook: one per job and one for the batch, and a table at the end."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from vidstyle import events as ev
from vidstyle.cli.report.eta import BatchProgress, JobProgress
from vidstyle.cli.report.format import count_by_status, format_duration, format_number, printable
from vidstyle.cli.streams import Stream

_MAX_ROWS = 30
"""Jobs that fit on a screen; in a table of more, only those that failed or were interrupted are listed."""
_JOB_ENDS = (ev.JobDone, ev.JobSkipped, ev.JobFailed, ev.JobInterrupted)


def terminal_console(stream: Stream) -> Console:
    """Open a console on a terminal, where file names are not markup: `[red].mp4` is shown as it is."""
    file: Any = stream
    return Console(file=file, force_terminal=True, markup=False, highlight=False, emoji=False)


def line_printer(console: Console) -> Callable[[str], None]:
    """Get a function that prints a line, above the bars where there are any."""
    return partial(console.print, soft_wrap=True)


class ProgressBars:
    """Observer that draws a bar for the current job, and one for the batch if there are several jobs.

    Parameters
    ----------
    console
        Console to draw on.
    iterations
        Iterations of a frame that starts from its predecessor, for the time left.
    """

    def __init__(self, console: Console, iterations: int) -> None:
        self._console, self._iterations = console, iterations
        self._batch, self._job = BatchProgress(), JobProgress(0, 0, iterations)
        self._progress: Progress | None = None
        self._job_task = TaskID(0)
        self._batch_task: TaskID | None = None
        self._began: float | None = None

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        if isinstance(event, _JOB_ENDS):
            self.close()
        self._batch(event)
        self._job(event)
        match event:
            case ev.JobStarted():
                self._start(event)
            case ev.Iterated() | ev.FrameDone():
                self._advance(event)
            case ev.Encoding():
                self._update(completed=event.frames, state="encoding", left="")
            case ev.BatchDone():
                self._print_table(event)
            case _:
                pass

    def close(self) -> None:
        """Remove the bars."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _start(self, event: ev.JobStarted) -> None:
        """Draw new bars."""
        self.close()
        self._job = JobProgress(event.frames, event.resumed, self._iterations, event.passes)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[state]}", markup=False),
            _Elapsed(),
            TextColumn("{task.fields[left]}", markup=False),
        )
        # stdout may be a file while stderr is the terminal: text for stdout must not end up above the bars.
        self._progress = Progress(*columns, console=self._console, transient=True, redirect_stdout=False)
        self._batch_task, now = None, time.monotonic()
        self._began = self._began or now
        if event.jobs > 1:
            self._batch_task = self._progress.add_task("all", total=1.0, state="", left="", began=self._began)
            self._update_batch(event.job, event.jobs)
        name = printable(event.input)
        self._job_task = self._progress.add_task(
            name, total=event.frames, completed=event.resumed, state="starting", left="", began=now
        )
        self._progress.start()

    def _advance(self, event: ev.Iterated | ev.FrameDone) -> None:
        job = self._job
        if isinstance(event, ev.FrameDone) and event.frame < job.current:
            return  # Saved while a later frame is painted, which the bar shows.
        done, loss = float(job.done) / job.passes, None
        if isinstance(event, ev.Iterated):
            done = job.position(event.frame) + event.iteration / max(1, event.iterations)
            done, loss = done / job.passes, event.loss
        elif event.loss is not None:
            loss = event.loss.total
        state = f"frame {event.frame + 1}/{job.frames}{job.pass_text}"
        state += f"  {job.rate:.1f} it/s" if job.rate else ""
        state += f"  loss {format_number(loss)}" if loss is not None else ""
        left_s = job.left_s
        left = "" if left_s is None else f"{format_duration(left_s)} left"
        self._update(completed=done, state=state, left=left)
        self._update_batch(event.job, self._batch.jobs)

    def _update(self, **values: Any) -> None:
        if self._progress is not None:
            self._progress.update(self._job_task, **values)

    def _update_batch(self, job: int, jobs: int) -> None:
        if self._progress is None or self._batch_task is None:
            return
        batch = self._batch
        state = f"{job + 1} of {jobs}" + (f"  {batch.failed} failed" if batch.failed else "")
        state += f"  {batch.frames_per_s:.2g} frames/s" if batch.frames_per_s else ""
        left = f"{format_duration(batch.left_s)} left" if batch.left_s else ""
        done = batch.done if any(batch.work) else job / max(1, jobs)
        self._progress.update(self._batch_task, completed=done, state=state, left=left)

    def _print_table(self, batch: ev.BatchDone) -> None:
        """Print the counts of a batch, and the jobs that failed or were interrupted."""
        self.close()
        table = Table("result", "file", "why", box=None, pad_edge=False)
        for out in batch.outcomes:
            if out.status in {ev.Status.FAILED, ev.Status.INTERRUPTED} or len(batch.outcomes) <= _MAX_ROWS:
                cells = (out.status.value, printable(out.input), out.error or printable(out.output))
                table.add_row(*map(Text, cells))
        counts = ", ".join(f"{number} {status}" for status, number in count_by_status(batch.outcomes).items())
        left = f"{batch.left} not started" if batch.left else ""
        table.add_row(Text("all"), Text(counts), Text(left))
        self._console.print(table)


class _Elapsed(ProgressColumn):
    """Time since a task's `began`: bars are drawn again with each job, and the batch's clock goes on."""

    def render(self, task: Task) -> Text:
        """Draw the column."""
        return Text(format_duration(time.monotonic() - task.fields["began"]))
