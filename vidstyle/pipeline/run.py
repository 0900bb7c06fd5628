"""Jobs one after the other: each is done, skipped, failed or interrupted, and none stops the rest."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from vidstyle.errors import Interrupted, OutputError, VidstyleError, quoted, reason
from vidstyle.events import (
    Encoding,
    JobDone,
    JobFailed,
    JobInterrupted,
    JobSkipped,
    JobStarted,
    Notice,
    Observer,
    Status,
    StopRequest,
    ignore,
)
from vidstyle.media.photos import check_photo_output, read_frame, read_photo, write_photo
from vidstyle.media.reader import VideoReader
from vidstyle.media.writer import check_output, write_film
from vidstyle.options import Options
from vidstyle.pipeline.estimate import notes
from vidstyle.pipeline.jobs import Job, plan
from vidstyle.pipeline.results import JobResult
from vidstyle.pipeline.studio import Studio
from vidstyle.pipeline.survey import Survey, key_of, settings, survey
from vidstyle.pipeline.video import Session, Source, paint_shot
from vidstyle.pipeline.workdir import Ledger, Workdir

__all__ = ["settings", "stylize", "stylize_many"]


def stylize(
    source: Path | str,
    style: Path | str | Sequence[Path | str],
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
        A picture, or several to be mixed.
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
    styles = [style] if isinstance(style, str | Path) else style
    jobs = plan(
        [Path(source)],
        [Path(picture) for picture in styles],
        Path(output) if output is not None else None,
        options or Options(),
        overwrite=overwrite,
    )
    if len(jobs) > 1:
        raise OutputError(f"{quoted(source)} is a folder of {len(jobs)} files; hand it to stylize_many.")
    failures: list[VidstyleError] = []
    result = _run(0, jobs, Studio(), observer, stop or StopRequest(), failures, fresh=False)
    if failures:
        raise failures[0]
    return result


def stylize_many(
    jobs: Sequence[Job],
    *,
    observer: Observer = ignore,
    stop: StopRequest | None = None,
    fresh: bool = False,
    debug: bool = False,
) -> Iterator[JobResult]:
    """Paint jobs, from `pipeline.jobs.plan`, in order.

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
    debug
        Let a job's error through, with its traceback, instead of going on with the next.

    Yields
    ------
    JobResult
        One a job; after an interrupted one there are no more.

    """
    studio, stop = Studio(), stop or StopRequest()
    for number in range(len(jobs)):
        failures: list[VidstyleError] = []
        result = _run(number, jobs, studio, observer, stop, failures, fresh=fresh)
        if failures and debug and result.status is Status.FAILED:
            raise failures[0]
        yield result
        if result.status is Status.INTERRUPTED:
            return


def _run(
    number: int,
    jobs: Sequence[Job],
    studio: Studio,
    observer: Observer,
    stop: StopRequest,
    failures: list[VidstyleError],
    *,
    fresh: bool,
) -> JobResult:
    """Run one job; what it raises on purpose goes to `failures` and into the result."""
    job = jobs[number]
    result = JobResult(job.input, job.output)
    began = time.perf_counter()
    try:
        if job.fault:
            raise job.fault
        _make(number, len(jobs), job, result, studio, observer, stop, fresh=fresh)
    except Interrupted as exc:
        failures.append(exc)
        result.status = Status.INTERRUPTED
        observer(JobInterrupted(number, job.input, result.frames - len(result.per_frame)))
    except VidstyleError as exc:
        failures.append(exc)
        result.error, result.exit_code = str(exc), exc.exit_code
        observer(JobFailed(number, job.input, str(exc)))
    result.seconds = time.perf_counter() - began
    if result.status is Status.DONE:
        observer(
            JobDone(
                number,
                job.output,
                result.seconds,
                result.frames,
                result.style_loss,
                result.warping_error,
                result.warping_error_source,
            )
        )
    return result


def _make(
    number: int,
    jobs: int,
    job: Job,
    result: JobResult,
    studio: Studio,
    observer: Observer,
    stop: StopRequest,
    *,
    fresh: bool,
) -> None:
    """Make a job's output, or see that it is there."""
    measures = survey(job)
    result.width, result.height, result.frames = measures.frame.width, measures.frame.height, measures.frames
    _check_output(job, measures)
    ledger = Ledger(job.output.parent)
    key = key_of(job, measures, ledger)
    if not fresh and ledger.made(job.output, key):
        result.status = Status.SKIPPED
        observer(JobSkipped(number, job.output))
        return
    if job.output.exists() and not job.overwrite:
        raise OutputError(
            f"{quoted(job.output)} exists already and was not made by this request; choose another name, or add --overwrite."
        )
    with Workdir(job.output, key, fresh=fresh) as work:
        resumed = sum(work.finished(index) is not None for index in range(measures.start, measures.stop))
        frame = measures.frame
        observer(
            JobStarted(
                number, jobs, job.input, job.output, frame.width, frame.height, measures.frames, resumed
            )
        )
        for note in notes(measures):
            observer(Notice(number, f"{quoted(job.input)}: {note}."))
        result.shots = [(0, measures.frames)]
        _paint(number, job, measures, result, work, studio, observer, stop, resumed=resumed)
        began = time.perf_counter()
        observer(Encoding(number, measures.frames))
        made = work.path / f"result{job.output.suffix.lower()}"
        if measures.video is None:
            write_photo(made, read_frame(work.frame(0)))
        else:
            write_film(
                work.frames,
                made,
                measures.video,
                frame,
                measures.start,
                measures.stop,
                should_stop=lambda: stop.now,
            )
        _publish(made, job.output, ledger, key)
        result.stages.encode = time.perf_counter() - began
        work.remove()
    result.status = Status.DONE


def _paint(
    number: int,
    job: Job,
    measures: Survey,
    result: JobResult,
    work: Workdir,
    studio: Studio,
    observer: Observer,
    stop: StopRequest,
    *,
    resumed: int,
) -> None:
    """Bring every frame into the work folder."""
    # With every frame finished there is nothing to paint, and no painter is loaded.
    painter = studio.painter(job.options) if resumed < measures.frames else None
    longer_side = max(measures.frame.width, measures.frame.height)
    style = studio.style(painter, job.styles, longer_side) if painter else None
    session = Session(number, work, painter, style, observer, stop)
    for figures in paint_shot(session, _source(job, measures), measures.start, measures.stop, result.stages):
        result.per_frame.append(figures)
        observer(figures.event(number, measures.start))


def _source(job: Job, measures: Survey) -> Source:
    video, frame = measures.video, measures.frame
    if video is None:
        return lambda _: nullcontext([read_photo(job.input, frame)])

    def film(index: int) -> AbstractContextManager[VideoReader]:
        return VideoReader(video, frame, index, measures.stop)

    return film


def _check_output(job: Job, measures: Survey) -> None:
    folder = job.output.parent
    try:
        if job.makes_folder:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputError(
            f"The folder {quoted(folder)} cannot be made: {reason(exc)}; choose another."
        ) from exc
    if measures.video is None:
        check_photo_output(job.output)
    else:
        check_output(job.output)


def _publish(made: Path, output: Path, ledger: Ledger, key: str) -> None:
    """Put a finished file in its place at once; a crash at any moment leaves either nothing or all of it, known."""
    ledger.note(output, made, key)
    try:
        made.replace(output)
    except OSError as exc:
        raise OutputError(f"{quoted(output)} cannot be written: {reason(exc)}; choose another name.") from exc
