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
from vidstyle.pipeline.compositing import composited_frames, compositing_of
from vidstyle.pipeline.estimate.duration import predict_duration
from vidstyle.pipeline.estimate.estimate import check_room, notes
from vidstyle.pipeline.flow_source import FlowFiles, FlowProvider, open_flow
from vidstyle.pipeline.measure.figures import far_errors
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.paint.passes import source_of
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.paint.shot import paint_shot
from vidstyle.pipeline.paint.snapshots import SnapshotWriter
from vidstyle.pipeline.paint.targets import load_targets
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.prepare import Ledgers, Prepared, check_may_replace, prepare
from vidstyle.pipeline.plan.survey import JobSpec
from vidstyle.pipeline.provenance import command_of
from vidstyle.pipeline.results import FrameMetrics, JobResult
from vidstyle.pipeline.work.ledger import Ledger
from vidstyle.pipeline.work.workdir import Workdir, begun, known_interlaced


@dataclass(frozen=True)
class RunContext:
    """What the jobs of a run share."""

    jobs: int
    observer: Observer = ignore
    stop: StopRequest = field(default_factory=StopRequest)
    fresh: bool = False
    """Whether to forget what earlier runs left."""
    keep_frames: bool = False
    """Whether painted frames stay when their output is made."""
    snapshot_every: int | None = None
    """Iterations after which the picture is kept, again and again."""
    painters: PainterCache = field(default_factory=PainterCache)
    ledgers: Ledgers = field(default_factory=Ledgers)


def make(run: RunContext, number: int, job: Job, result: JobResult, prepared: Prepared | None = None) -> None:
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
    spec, keys, ledger = prepared.spec, prepared.keys, run.ledgers.of(job.output)
    frame = spec.frame
    result.width, result.height, result.frames = frame.width, frame.height, spec.frames
    if ledger.made(job.output, keys.result) and not run.fresh:
        _sweep(job.output, keys.frames)
        result.status = Status.SKIPPED
        run.observer(JobSkipped(number, job.output))
        return
    check_may_replace(job, ledger, keys.result)
    if run.stop.after_frame:
        raise Interrupted("Stopped before it began.")
    before = begun(job.output, keys.frames)
    check_room(job, spec, None if run.fresh else before)
    if spec.video:
        spec = replace(spec, video=_looked_through(run, job, spec.video, keys.frames))
        prepared = replace(prepared, spec=spec)
    # Copies are made again in no time: they need not outlive the machine.
    durable = job.options.painter is not PainterKind.NONE
    with Workdir(job.output, keys.frames, fresh=run.fresh, durable=durable) as work:
        interlaced = spec.video is not None and spec.video.interlaced
        work.describe(job.input, job.output, spec.frames, interlaced=interlaced)
        resumed = spec.frames - len(work.missing(range(spec.start, spec.stop)))
        size = frame.width, frame.height
        passes = job.options.motion.passes if spec.video else 1
        run.observer(JobStarted(number, run.jobs, job.input, job.output, *size, spec.frames, resumed, passes))
        for note in notes(spec):
            run.observer(Notice(number, f"{quoted(job.input)}: {note}."))
        began = time.perf_counter()
        shots = _shots(run, job, spec)
        result.shots = [(start - spec.start, stop - spec.start) for start, stop in shots]
        result.stages.decode += time.perf_counter() - began
        flows = open_flow(job.options.motion, frame, work.flows)
        if spec.video and isinstance(flows, FlowFiles):
            flows.check(shots)
        _paint(run, number, job, prepared, work, result, flows)
        if spec.video:
            began = time.perf_counter()
            _look_back(run, job, spec, work, result)
            result.stages.flow += time.perf_counter() - began
        began = time.perf_counter()
        run.observer(Encoding(number, spec.frames))
        made = _put_together(run, job, prepared, work)
        check_may_replace(
            job, ledger, keys.result
        )  # Painting takes hours, in which another may have written there.
        _publish(made, job.output, ledger, keys.result)
        result.stages.encode = time.perf_counter() - began
        work.finish(keep=run.keep_frames)
    result.status = Status.DONE


def _looked_through(run: RunContext, job: Job, video: Video, key: str) -> Video:
    """Decode all of a film before anything is painted of it; what that finds is known to later runs."""
    interlaced = known_interlaced(job.output, key)
    if interlaced is None:
        return check_intact(video, should_stop=lambda: run.stop.after_frame)
    return in_fields(video) if interlaced else video


def _shots(run: RunContext, job: Job, spec: JobSpec) -> Sequence[tuple[int, int]]:
    """Where the source's shots are, in its own frames."""
    if spec.shots or spec.video is None:
        return spec.shots or [(0, 1)]
    return find_shots(
        spec.video,
        spec.start,
        spec.stop,
        job.options.source.cuts,
        should_stop=lambda: run.stop.after_frame,
    )


def _paint(
    run: RunContext,
    number: int,
    job: Job,
    prepared: Prepared,
    work: Workdir,
    result: JobResult,
    flows: FlowProvider,
) -> None:
    """Bring every frame into the work folder."""
    spec = prepared.spec

    def done(figures: FrameMetrics) -> None:
        result.per_frame.append(figures)
        run.observer(figures.event(number, spec.start))

    # With every frame finished there is nothing to paint, and no painter is loaded.
    missing = work.missing(range(spec.start, spec.stop))
    began = time.perf_counter()
    painter = run.painters.painter(job.options, spec.largest) if missing else None
    source = source_of(job, spec, prepared.photo)
    if painter:  # Another job's device may have been full.
        painter.set_tile_size(work.tile_px)
    motion = job.options.motion if spec.video else MotionOptions()
    watch = SnapshotWriter(job.output, run.snapshot_every) if run.snapshot_every else None
    session = JobContext(
        number, spec.start, work, painter, None, run.observer, run.stop, done, flows, motion, watch
    )
    if painter:
        largest = spec.largest
        look = partial(load_targets, run.painters, painter, job, spec, source)
        session = replace(session, guide=session.fitted(largest.height, largest.width, look))
    shots = [(spec.start + start, spec.start + stop) for start, stop in result.shots]
    if estimate := predict_duration(run.painters, session, job.options, shots, (result.width, result.height)):
        run.observer(estimate)
    result.stages.start += time.perf_counter() - began
    for shot, (start, stop) in enumerate(result.shots):
        run.observer(ShotStarted(number, start, stop))
        ends = [end - 1 for _, end in shots[:shot]]
        paint_shot(session, source, *shots[shot], result.stages, ends)


def _look_back(run: RunContext, job: Job, spec: JobSpec, work: Workdir, result: JobResult) -> None:
    """Compare frames that are ten apart, which neighbours, each true to the last, may have led astray."""

    def painted(index: int) -> NDArray[np.float32]:
        if run.stop.now:
            raise Interrupted("Stopped; what is painted is kept.")
        return read_frame(work.frame(index))

    shots = [(spec.start + start, spec.start + stop) for start, stop in result.shots]
    flows = open_flow(job.options.motion, spec.frame)  # Needed once, and not to be kept.
    with source_of(job, spec)(spec.start) as images:
        errors = far_errors(images, painted, shots, flows.between)
    result.warping_error_10, result.warping_error_10_source = errors


def _put_together(run: RunContext, job: Job, prepared: Prepared, work: Workdir) -> Path:
    """Make the output's file of the painted frames, in the work folder."""
    spec = prepared.spec
    made, finish = work.path / f"result{job.output.suffix.lower()}", compositing_of(job.options, job.styles)
    source = source_of(job, spec, prepared.photo)
    with composited_frames(finish, work, source, spec, lambda: run.stop.now) as shown:
        if spec.video is None:
            strip, note = job.options.photo.strip_metadata, command_of(job)
            image = read_frame(shown / work.frame(0).name)
            write_photo(made, image, spec.rendering, like=job.input, strip=strip, note=note)
        else:
            write_film(
                shown,
                made,
                spec.video,
                spec.frame,
                spec.start,
                spec.stop,
                encode=job.options.encode,
                note=command_of(job),
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
