"""JSON lines: every event as one JSON object per line, for programs."""

import json
from collections.abc import Callable

from vidstyle import events as ev
from vidstyle.cli.report.eta import BatchProgress
from vidstyle.cli.report.format import count_by_status
from vidstyle.cli.report.json_values import to_json

_BATCH_MOVES = (ev.FrameDone, ev.JobDone, ev.JobSkipped, ev.JobFailed)


class JsonLines:
    """Observer that writes events as JSON, and of a batch its progress after each frame and job.

    Parameters
    ----------
    write_line
        Called with each line.
    """

    def __init__(self, write_line: Callable[[str], None]) -> None:
        self._write_line, self._batch = write_line, BatchProgress()

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        if isinstance(event, ev.BatchDone):
            self._write("BatchDone", {**count_by_status(event.outcomes), "left": event.left})
            return
        self._write(type(event).__name__, to_json(event))
        self._batch(event)
        if self._batch.jobs and isinstance(event, _BATCH_MOVES):
            self._write("BatchProgress", to_json(self._progress(event.job)))

    def _write(self, name: str, fields: dict[str, object]) -> None:
        self._write_line(json.dumps({"event": name, **fields}))

    def _progress(self, job: int) -> dict[str, float | None]:
        """Collect the progress of the batch: share of the work, seconds left, frames per second."""
        batch = self._batch
        counts = {"job": job, "jobs": batch.jobs, "ended": batch.ended, "failed": batch.failed}
        return counts | {"done": batch.done, "left_s": batch.left_s, "frames_per_s": batch.frames_per_s}
