"""Jobs one after the other: each is done, skipped, failed or interrupted, and none stops the rest."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from vidstyle.errors import OutputError, quoted
from vidstyle.events import (
    BatchStarted,
    Observer,
    Status,
    StopRequest,
    ignore,
)
from vidstyle.options.groups import Options
from vidstyle.options.style import Style
from vidstyle.pipeline.background import Prefetcher
from vidstyle.pipeline.estimate.duration import estimate_work
from vidstyle.pipeline.job import RunContext, run_job
from vidstyle.pipeline.plan.jobs import Job, plan
from vidstyle.pipeline.plan.keys import settings
from vidstyle.pipeline.plan.prepare import prepare_ahead
from vidstyle.pipeline.results import JobResult

__all__ = ["settings", "stylize", "stylize_many"]


def stylize(
    source: Path | str,
    style: Path | str | Style | Sequence[Path | str | Style],
    output: Path | str | None = None,
    *,
    options: Options | None = None,
    overwrite: bool = False,
    observer: Observer = ignore,
    stop: StopRequest | None = None,
) -> JobResult:
    """Paint a film or a photo in the style of a picture.

    Parameters
    ----------
    source
        A film or a photo.
    style
        A picture, or several to be mixed, each a `Style` where it has a weight or a mask.
    output
        The result's file; by default named after source and style, in the current folder.
    options
        How to paint, what part, how large, and on what.
    overwrite
        Whether an output that is there may be replaced.
    observer
        Called with every event.
    stop
        Call it, from any thread or a signal handler, to stop after the frame at hand.

    Returns
    -------
    JobResult
        With status `done`, or `skipped` when the same request had been fulfilled before.

    Raises
    ------
    VidstyleError
        Whatever kept the result from being made; a child of it says what.

    """
    jobs = plan(source, style, output, options, overwrite=overwrite)
    if len(jobs) > 1:
        raise OutputError(f"{quoted(source)} is a folder of {len(jobs)} files; hand it to stylize_many.")
    result, error = run_job(RunContext(1, observer, stop or StopRequest()), 0, jobs[0])
    if error:
        raise error
    return result


def stylize_many(
    jobs: Sequence[Job],
    *,
    observer: Observer = ignore,
    stop: StopRequest | None = None,
    fresh: bool = False,
    keep_frames: bool = False,
    debug: bool = False,
    stop_on_error: bool = False,
    snapshot_every: int | None = None,
) -> Iterator[JobResult]:
    """Paint jobs, from `pipeline.jobs.plan`, in order; the next photo is loaded while one is painted.

    Parameters
    ----------
    jobs
        What to paint.
    observer
        Called with every event.
    stop
        How to ask for an end.
    fresh
        Forget what earlier runs of the same jobs left.
    keep_frames
        Leave painted frames in the work folder when their output is made.
    debug
        Let a job's error through, with its traceback, instead of going on with the next.
    stop_on_error
        Begin no more jobs after one that failed.
    snapshot_every
        Keep the picture of the start and of every so many iterations, of a photo or of a shot's first frame.

    Yields
    ------
    JobResult
        One a job; after an interrupted one there are no more.

    """
    run = RunContext(len(jobs), observer, stop or StopRequest(), fresh, keep_frames, snapshot_every)
    if len(jobs) > 1:
        observer(BatchStarted(0, tuple(estimate_work(job) for job in jobs)))
    with Prefetcher(prepare_ahead(jobs, run.ledgers), 1, "prepare") as ahead:
        for number, (job, prepared) in enumerate(zip(jobs, ahead, strict=True)):
            result, error = run_job(run, number, job, prepared)
            if error and debug and result.status is Status.FAILED:
                raise error
            yield result
            if result.status is Status.INTERRUPTED or (stop_on_error and result.status is Status.FAILED):
                return
