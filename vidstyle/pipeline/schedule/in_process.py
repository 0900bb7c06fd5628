"""In-process scheduler: shots are painted one after the other, by one painter."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vidstyle.events import ShotStarted
from vidstyle.pipeline.paint.multipass import paint_passes
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.schedule.task import ShotResult, ShotTask


@dataclass(frozen=True)
class InProcess:
    """Scheduler that paints shots in their order, in the calling thread."""

    context: JobContext

    def run(self, tasks: Iterable[ShotTask]) -> Iterator[ShotResult]:
        """Paint shots in their order, by which each comes after the one that it depends on."""
        context = self.context
        for task in tasks:
            first = context.first
            context.observer(ShotStarted(context.job, task.start - first, task.stop - first))
            missing = context.work.missing(range(task.start, task.stop))
            paint_passes(context, task.start, task.stop, task.recurs_from, task.keyframes)
            yield ShotResult(task, len(missing))
