"""One job, from its input to its output: survey, paint into the work folder, put together, publish."""

import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import Interrupted, OutputError, WorkdirError, quoted, reason
from vidstyle.events import (
    Encoding,
    JobSkipped,
    JobStarted,
    Notice,
    Observer,
    ShotStarted,
    Status,
    StopRequest,
    ignore,
)
from vidstyle.media.encode.writer import write_film
from vidstyle.media.frame_png import read_frame
from vidstyle.media.photo.writer import write_photo
from vidstyle.media.video.probe import Video, check_intact, in_fields
from vidstyle.media.video.shots import find_shots
from vidstyle.options.groups import MotionOptions, PainterKind
from vidstyle.pipeline.compositing import finish_of, shown_frames
from vidstyle.pipeline.estimate.duration import foretold
from vidstyle.pipeline.estimate.estimate import check_room, notes
from vidstyle.pipeline.flow_source import Flows, StoredFlows, flows_of
from vidstyle.pipeline.measure.figures import far_errors
from vidstyle.pipeline.paint.painter_cache import Studio
from vidstyle.pipeline.paint.passes import source_of
from vidstyle.pipeline.paint.session import Session
from vidstyle.pipeline.paint.shot import paint_shot
from vidstyle.pipeline.paint.snapshots import Watch
from vidstyle.pipeline.paint.targets import guide_of
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.prepare import Ledgers, Prepared, check_free, prepare
from vidstyle.pipeline.plan.survey import Survey
from vidstyle.pipeline.provenance import signature_of
from vidstyle.pipeline.results import FrameFigures, JobResult
from vidstyle.pipeline.work.ledger import Ledger
from vidstyle.pipeline.work.workdir import Workdir, begun, found_interlaced


@dataclass(frozen=True)
class Run:
    """What the jobs of a run share."""

    jobs: int
    observer: Observer = ignore
    stop: StopRequest = field(default_factory=StopRequest)
    fresh: bool = False
    """Whether to forget what earlier runs left."""
    keep_frames: bool = False
    """Whether painted frames stay when their output is made."""
    save_every: int | None = None
    """Iterations after which the picture is kept, again and again."""
    studio: Studio = field(default_factory=Studio)
    ledgers: Ledgers = field(default_factory=Ledgers)


def make(run: Run, number: int, job: Job, result: JobResult, prepared: Prepared | None = None) -> None:
    """Make a job's output, or see that it is there.

    Parameters
    ----------
    run
        What the job shares with others.
    number
        Its place among them, from 0.
    job
        What to make.
    result
        Filled in as the job goes on, so that it tells how far it came.
    prepared
        What is known of it already, where it was looked at ahead.

    Raises
    ------
    Interrupted
        On request; what is painted is kept.
    VidstyleError
        Whatever kept the output from being made.

    """
    if prepared is None:
        prepared = prepare(job, run.ledgers)
    measures, keys, ledger = prepared.measures, prepared.keys, run.ledgers.of(job.output)
    frame = measures.frame
    result.width, result.height, result.frames = frame.width, frame.height, measures.frames
    if ledger.made(job.output, keys.result) and not run.fresh:
        _sweep(job.output, keys.frames)
        result.status = Status.SKIPPED
        run.observer(JobSkipped(number, job.output))
        return
    check_free(job, ledger, keys.result)
    if run.stop.after_frame:
        raise Interrupted("Stopped before it began.")
    before = begun(job.output, keys.frames)
    check_room(job, measures, None if run.fresh else before)
    if measures.video:
        measures = replace(measures, video=_looked_through(run, job, measures.video, keys.frames))
        prepared = replace(prepared, measures=measures)
    # Copies are made again in no time: they need not outlive the machine.
    durable = job.options.painter is not PainterKind.NONE
    with Workdir(job.output, keys.frames, fresh=run.fresh, durable=durable) as work:
        interlaced = measures.video is not None and measures.video.interlaced
        work.describe(job.input, job.output, measures.frames, interlaced=interlaced)
        resumed = measures.frames - len(work.missing(range(measures.start, measures.stop)))
        size = frame.width, frame.height
        passes = job.options.motion.passes if measures.video else 1
        run.observer(
            JobStarted(number, run.jobs, job.input, job.output, *size, measures.frames, resumed, passes)
        )
        for note in notes(measures):
            run.observer(Notice(number, f"{quoted(job.input)}: {note}."))
        began = time.perf_counter()
        shots = _shots(run, job, measures)
        result.shots = [(start - measures.start, stop - measures.start) for start, stop in shots]
        result.stages.decode += time.perf_counter() - began
        flows = flows_of(job.options.motion, frame, work.flows)
        if measures.video and isinstance(flows, StoredFlows):
            flows.check(shots)
        _paint(run, number, job, prepared, work, result, flows)
        if measures.video:
            began = time.perf_counter()
            _look_back(run, job, measures, work, result)
            result.stages.flow += time.perf_counter() - began
        began = time.perf_counter()
        run.observer(Encoding(number, measures.frames))
        made = _put_together(run, job, prepared, work)
        check_free(job, ledger, keys.result)  # Painting takes hours, in which another may have written there.
        _publish(made, job.output, ledger, keys.result)
        result.stages.encode = time.perf_counter() - began
        work.finish(keep=run.keep_frames)
    result.status = Status.DONE


def _looked_through(run: Run, job: Job, video: Video, key: str) -> Video:
    """Decode all of a film before anything is painted of it; what that finds is known to later runs."""
    interlaced = found_interlaced(job.output, key)
    if interlaced is None:
        return check_intact(video, should_stop=lambda: run.stop.after_frame)
    return in_fields(video) if interlaced else video


def _shots(run: Run, job: Job, measures: Survey) -> Sequence[tuple[int, int]]:
    """Where the source's shots are, in its own frames."""
    if measures.shots or measures.video is None:
        return measures.shots or [(0, 1)]
    return find_shots(
        measures.video,
        measures.start,
        measures.stop,
        job.options.source.cuts,
        should_stop=lambda: run.stop.after_frame,
    )


def _paint(
    run: Run, number: int, job: Job, prepared: Prepared, work: Workdir, result: JobResult, flows: Flows
) -> None:
    """Bring every frame into the work folder."""
    measures = prepared.measures

    def done(figures: FrameFigures) -> None:
        result.per_frame.append(figures)
        run.observer(figures.event(number, measures.start))

    # With every frame finished there is nothing to paint, and no painter is loaded.
    missing = work.missing(range(measures.start, measures.stop))
    began = time.perf_counter()
    painter = run.studio.painter(job.options, measures.largest) if missing else None
    source = source_of(job, measures, prepared.photo)
    if painter:  # Another job's device may have been full.
        painter.look_through(work.tile_px)
    motion = job.options.motion if measures.video else MotionOptions()
    watch = Watch(job.output, run.save_every) if run.save_every else None
    session = Session(
        number, measures.start, work, painter, None, run.observer, run.stop, done, flows, motion, watch
    )
    if painter:
        largest = measures.largest
        look = partial(guide_of, run.studio, painter, job, measures, source)
        session = replace(session, guide=session.fitted(largest.height, largest.width, look))
    shots = [(measures.start + start, measures.start + stop) for start, stop in result.shots]
    if estimate := foretold(run.studio, session, job.options, shots, (result.width, result.height)):
        run.observer(estimate)
    result.stages.start += time.perf_counter() - began
    for shot, (start, stop) in enumerate(result.shots):
        run.observer(ShotStarted(number, start, stop))
        ends = [end - 1 for _, end in shots[:shot]]
        paint_shot(session, source, *shots[shot], result.stages, ends)


def _look_back(run: Run, job: Job, measures: Survey, work: Workdir, result: JobResult) -> None:
    """Compare frames that are ten apart, which neighbours, each true to the last, may have led astray."""

    def painted(index: int) -> NDArray[np.float32]:
        if run.stop.now:
            raise Interrupted("Stopped; what is painted is kept.")
        return read_frame(work.frame(index))

    shots = [(measures.start + start, measures.start + stop) for start, stop in result.shots]
    flows = flows_of(job.options.motion, measures.frame)  # Needed once, and not to be kept.
    with source_of(job, measures)(measures.start) as images:
        errors = far_errors(images, painted, shots, flows.between)
    result.warping_error_10, result.warping_error_10_source = errors


def _put_together(run: Run, job: Job, prepared: Prepared, work: Workdir) -> Path:
    """Make the output's file of the painted frames, in the work folder."""
    measures = prepared.measures
    made, finish = work.path / f"result{job.output.suffix.lower()}", finish_of(job.options, job.styles)
    source = source_of(job, measures, prepared.photo)
    with shown_frames(finish, work, source, measures, lambda: run.stop.now) as shown:
        if measures.video is None:
            strip, note = job.options.photo.strip_metadata, signature_of(job)
            image = read_frame(shown / work.frame(0).name)
            write_photo(made, image, measures.rendering, like=job.input, strip=strip, note=note)
        else:
            write_film(
                shown,
                made,
                measures.video,
                measures.frame,
                measures.start,
                measures.stop,
                encode=job.options.encode,
                note=signature_of(job),
                should_stop=lambda: run.stop.now,
            )
    return made


def _publish(made: Path, output: Path, ledger: Ledger, key: str) -> None:
    """Put a finished file in its place at once; a crash at any moment leaves either nothing or all of it, known."""
    try:
        if output.is_dir():
            shutil.rmtree(output)  # It is this request's own, or `check_free` would have refused.
        ledger.note(output, made, key)
        made.replace(output)
    except OSError as exc:
        raise OutputError(f"{quoted(output)} cannot be written: {reason(exc)}; choose another name.") from exc


def _sweep(output: Path, key: str) -> None:
    """Remove what a run left that was killed just after it had published its output."""
    if begun(output, key) is not None:
        with suppress(WorkdirError), Workdir(output, key) as work:
            work.finish()
