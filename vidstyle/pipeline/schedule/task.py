"""Task of a scheduler: a shot as a frozen, picklable unit of work."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from vidstyle.imaging.types import FrameSource
from vidstyle.pipeline.paint.recurring_shots import find_recurring_frame
from vidstyle.pipeline.plan.jobs import Job


@dataclass(frozen=True)
class ShotTask:
    """A shot to paint: frames [start, stop) of the job's source."""

    job: Job
    number: int
    """Number of the shot in the job, from 0."""
    start: int
    stop: int
    depends_on: int | None = None
    """Number of the earlier shot that has to be painted before, because this one returns to its place."""
    recurs_from: int | None = None
    """Frame of that shot that this one starts from, by index in the source."""
    keyframes: tuple[int, ...] = ()
    """Frames that are painted, ascending, while the others are filled; by default all."""


@dataclass(frozen=True)
class ShotResult:
    """A painted shot."""

    task: ShotTask
    frames: int
    """Frames that were painted for it, without those of interrupted runs."""


class Scheduler(Protocol):
    """Scheduler of shots."""

    def run(self, tasks: Iterable[ShotTask]) -> Iterator[ShotResult]:
        """Paint shots, each after the one that it depends on; gives each result as it comes.

        Raises
        ------
        Interrupted
            On request; what is painted is kept.
        VidstyleError
            Painting a shot failed.

        """


def plan_tasks(
    job: Job,
    shots: Sequence[tuple[int, int]],
    source: FrameSource,
    *,
    recurring: Container[int],
    keyframes: Sequence[tuple[int, ...]] = (),
) -> Iterator[ShotTask]:
    """Make the tasks of a job's shots [start, stop), in their order, each when it is asked for.

    Parameters
    ----------
    job
        The job.
    shots
        Its shots, in the source's indices.
    source
        The source's frames.
    recurring
        First frames of shots for which it is to be found whether they return to the place of an earlier one.
    keyframes
        Frames of each shot that are painted; by default all.

    """
    ends = [stop - 1 for _, stop in shots]
    for number, (start, stop) in enumerate(shots):
        found = find_recurring_frame(source, ends[:number], start) if start in recurring else None
        depends_on = None if found is None else ends.index(found)
        painted = keyframes[number] if keyframes else ()
        yield ShotTask(job, number, start, stop, depends_on, found, painted)
