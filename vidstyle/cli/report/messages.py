"""Messages that every kind of progress display needs: errors, notices and results."""

from collections.abc import Callable

from vidstyle import events as ev
from vidstyle.cli.report.eta import BatchProgress
from vidstyle.cli.report.format import (
    format_count,
    format_duration,
    format_summary,
    printable,
)
from vidstyle.errors import format_counts

RESUMABLE = "run the same command to resume"
_MAX_NAMES = 20
"""Maximum number of failed inputs that are named at the end of a batch."""

WriteLine = Callable[[str], None]
"""Function that writes one line."""


class ErrorLines:
    """Observer that reports failed and interrupted jobs.

    Parameters
    ----------
    write_line
        Called with each line, from any thread.
    """

    def __init__(self, write_line: WriteLine) -> None:
        self._write_line = write_line

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        if isinstance(event, ev.JobFailed):
            self.warn(event.error)
        elif isinstance(event, ev.JobInterrupted):
            left = f", {format_count(event.frames_left, 'frame')} left" if event.frames_left else ""
            self.warn(f"{printable(event.input)}: stopped{left}; {RESUMABLE}.")
        elif isinstance(event, ev.BatchDone):
            self._summarize(event)

    def warn(self, sentence: str) -> None:
        """Write a message."""
        self._write_line(f"vidstyle: {sentence}")

    def _summarize(self, batch: ev.BatchDone) -> None:
        jobs = len(batch.outcomes) + batch.left
        if batch.left:
            self.warn(f"{batch.left} of {jobs} not started; {RESUMABLE}.")
        failed = [printable(out.input) for out in batch.outcomes if out.status is ev.Status.FAILED]
        if failed:
            more = f" and {len(failed) - _MAX_NAMES} more" if len(failed) > _MAX_NAMES else ""
            self.warn(f"{len(failed)} of {jobs} failed: {', '.join(failed[:_MAX_NAMES])}{more}.")


class NoticeLines:
    """Observer that reports notices, the contents of albums, and the estimated duration.

    Parameters
    ----------
    write_line
        Called with each line.
    """

    def __init__(self, write_line: WriteLine) -> None:
        self._write_line, self._batch = write_line, BatchProgress()
        self._name = ""
        self._has_estimate = False

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        self._batch(event)
        match event:
            case ev.Notice():
                self._write_line(f"vidstyle: {event.message}")
            case ev.AlbumRead():
                ignored = format_counts(event.passed_over)
                self._write_line(
                    f"vidstyle: {printable(event.folder)}: {format_count(event.found, 'file')} to paint"
                    + (f"; ignored: {ignored}." if ignored else ".")
                )
            case ev.JobStarted():
                self._name = printable(event.input)
            case ev.DurationEstimated():
                self._report_estimate(event)
            case _:
                pass

    def _report_estimate(self, event: ev.DurationEstimated) -> None:
        """Report the duration of a job; of a batch, that of all jobs too, and only once."""
        if self._batch.jobs > 1 and self._has_estimate:
            return
        self._has_estimate = True
        text = f"{self._name}: at most {format_duration(event.seconds)} to paint"
        if self._batch.jobs > 1 and self._batch.left_s:
            text += f"; all {self._batch.jobs} at most {format_duration(self._batch.left_s)}"
        self._write_line(text)


class ResultLines:
    """Observer that reports each result, one per line.

    Parameters
    ----------
    write_line
        Called with each line.
    """

    def __init__(self, write_line: WriteLine) -> None:
        self._write_line = write_line

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        if isinstance(event, ev.JobDone):
            self._write_line(format_summary(event))
        elif isinstance(event, ev.JobSkipped):
            self._write_line(f"{printable(event.output)}: already made by the same request, nothing to do")
