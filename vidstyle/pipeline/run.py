"""Run of jobs, one after the other: each is done, skipped, failed or interrupted, and none stops the rest."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Unpack

from vidstyle.errors import OutputError, quoted
from vidstyle.events import (
    BatchStarted,
    Observer,
    Status,
    StopRequest,
    ignore,
)
from vidstyle.options.groups import Options
from vidstyle.options.keywords import OptionKeywords, with_keywords
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
    **keywords: Unpack[OptionKeywords],
) -> JobResult:
    """Paint a film or a photo in the style of a picture.

    >>> result = stylize("in.mp4", style="starry.jpg", size=320, iterations=10)  # doctest: +SKIP
    >>> result.status, result.output  # doctest: +SKIP
    (<Status.DONE: 'done'>, PosixPath('in-starry.mp4'))

    Parameters
    ----------
    source
        A film or a photo.
    style
        A picture, or several to be mixed, each a `Style` if it has a weight or a mask.
    output
        File of the result; by default named after source and style, in the current folder.
    options
        Options to start from, in their groups; by default the defaults.
    overwrite
        Whether an existing output may be replaced.
    observer
        Called with every event, such as `vidstyle.ProgressBar()`.
    stop
        Call it, from any thread or a signal handler, to stop after the current frame.
    keywords
        Options of the command line by name: `size=320`, `iterations=10`, `preset="gatys"`; they win over
        `options`.

    Returns
    -------
    JobResult
        Its status is `done`, or `skipped` if the same request was fulfilled before.

    Raises
    ------
    VidstyleError
        The result was not made; a subclass says why.

    """
    options = with_keywords(options or Options(), keywords)
    jobs = plan(source, style, output, options, overwrite=overwrite)
    if len(jobs) > 1:
        raise OutputError(
            f"{quoted(source)} is a folder of {len(jobs)} files; pass it to plan and stylize_many."
        )
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
    """Paint jobs, as `plan` makes them, in order; the next photo is read while one is painted.

    Parameters
    ----------
    jobs
        Jobs.
    observer
        Called with every event.
    stop
        Call it to stop.
    fresh
        Discard what earlier runs of the same jobs left.
    keep_frames
        Keep painted frames in the work folder when their output is made.
    debug
        Raise the error of a job, with its traceback, instead of going on with the next one.
    stop_on_error
        Begin no job after one that failed.
    snapshot_every
        Iterations between two snapshots of a photo or of a shot's first frame; None for no snapshots.

    Yields
    ------
    JobResult
        One per job; there are none after an interrupted one.

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
