"""Jobs one after the other: each is done, skipped, failed or interrupted, and none stops the rest."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from vidstyle.errors import Interrupted, OutputError, VidstyleError, quoted, reason
from vidstyle.events import (
    BatchStarted,
    JobDone,
    JobFailed,
    JobInterrupted,
    Observer,
    Status,
    StopRequest,
    ignore,
)
from vidstyle.options.groups import Options
from vidstyle.options.style import Style
from vidstyle.pipeline.background import Prefetcher
from vidstyle.pipeline.estimate.duration import estimate_work
from vidstyle.pipeline.job import RunContext, make
from vidstyle.pipeline.plan.jobs import Job, plan
from vidstyle.pipeline.plan.keys import settings
from vidstyle.pipeline.plan.prepare import Prepared, prepared_ahead
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
    result, error = _ended(RunContext(1, observer, stop or StopRequest()), 0, jobs[0])
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
    with Prefetcher(prepared_ahead(jobs, run.ledgers), 1, "prepare") as ahead:
        for number, (job, prepared) in enumerate(zip(jobs, ahead, strict=True)):
            result, error = _ended(run, number, job, prepared)
            if error and debug and result.status is Status.FAILED:
                raise error
            yield result
            if result.status is Status.INTERRUPTED or (stop_on_error and result.status is Status.FAILED):
                return


def _ended(
    run: RunContext, number: int, job: Job, prepared: Prepared | None = None
) -> tuple[JobResult, Exception | None]:
    """Run a job to whatever end, and tell what it raised."""
    result = JobResult(job.input, job.output)
    error: Exception | None = None
    began = time.perf_counter()
    try:
        make(run, number, job, result, prepared)
    except Interrupted as exc:
        error, result.status = exc, Status.INTERRUPTED
    except VidstyleError as exc:
        error, result.error = exc, str(exc)
    except Exception as exc:  # noqa: BLE001 - not even a fault that nobody thought of stops a batch.
        error = exc
        result.error = (
            f"{quoted(job.input)} failed for an unforeseen reason, {type(exc).__name__}: {reason(exc)}; "
            "--debug shows where, for a report of this bug."
        )
    result.seconds = time.perf_counter() - began
    result.exit_code = getattr(error, "exit_code", 1) if error else 0
    if result.status is Status.INTERRUPTED:
        run.observer(JobInterrupted(number, job.input, result.frames - len(result.per_frame)))
    elif result.error is not None:
        run.observer(JobFailed(number, job.input, result.error))
    elif result.status is Status.DONE:
        means = result.style_loss, result.warping_error, result.warping_error_source
        far = result.warping_error_10, result.warping_error_10_source
        run.observer(JobDone(number, job.output, result.seconds, result.frames, *means, *far))
    return result, error
