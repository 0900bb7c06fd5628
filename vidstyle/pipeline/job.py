"""One job, from its input to its output: specify, paint into the work folder, encode, publish."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from vidstyle.errors import Interrupted, VidstyleError, quoted, reason
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
from vidstyle.imaging.types import Image
from vidstyle.media.frame_png import read_frame
from vidstyle.media.video.integrity import as_interlaced, check_intact
from vidstyle.pipeline.estimate.duration import predict_duration
from vidstyle.pipeline.estimate.estimate import check_room, notes
from vidstyle.pipeline.flow_source import FlowFiles, open_flow
from vidstyle.pipeline.measure.figures import far_errors
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.paint.passes import open_source
from vidstyle.pipeline.paint.session import open_context
from vidstyle.pipeline.paint.snapshots import SnapshotWriter
from vidstyle.pipeline.painters.copying import CopyingPainter
from vidstyle.pipeline.painters.registry import painter_type
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.prepare import Ledgers, Prepared, check_may_replace, prepare
from vidstyle.pipeline.plan.survey import JobSpec
from vidstyle.pipeline.publish import encode, publish, sweep
from vidstyle.pipeline.results import FrameMetrics, JobResult
from vidstyle.pipeline.schedule.in_process import InProcess
from vidstyle.pipeline.schedule.task import plan_tasks
from vidstyle.pipeline.shots import keyframes_of, shots_of
from vidstyle.pipeline.work.workdir import Workdir, count_existing, known_interlaced


@dataclass(frozen=True)
class RunContext:
    """Everything that the jobs of a run share."""

    jobs: int
    """Number of jobs."""
    observer: Observer = ignore
    stop: StopRequest = field(default_factory=StopRequest)
    fresh: bool = False
    """Whether what earlier runs left is discarded."""
    keep_frames: bool = False
    """Whether painted frames are kept when their output is made."""
    snapshot_every: int | None = None
    """Iterations between two snapshots; None for no snapshots."""
    painters: PainterCache = field(default_factory=PainterCache)
    ledgers: Ledgers = field(default_factory=Ledgers)


def run_job(
    run: RunContext, number: int, job: Job, prepared: Prepared | None = None
) -> tuple[JobResult, Exception | None]:
    """Make a job's output, or find that it is made already; no error gets out.

    Parameters
    ----------
    run
        The run that it belongs to.
    number
        Its number in the run, from 0.
    job
        The job.
    prepared
        Its specification, if it was prepared ahead.

    Returns
    -------
    tuple
        Result of the job, however it ended, and the error that ended it.

    """
    making = _Making(run, number, job)
    result = making.result
    error: Exception | None = None
    began = time.perf_counter()
    try:
        result.status = making.make(prepared)
    except Interrupted as exc:
        error, result.status = exc, Status.INTERRUPTED
    except VidstyleError as exc:
        error, result.error = exc, str(exc)
    except Exception as exc:  # noqa: BLE001 - not even an unforeseen fault stops a batch.
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


class _Making:
    """The making of one job's output, and its result as far as it came."""

    def __init__(self, run: RunContext, number: int, job: Job) -> None:
        self.run, self.number, self.job = run, number, job
        self.result = JobResult(job.input, job.output)

    def make(self, prepared: Prepared | None) -> Status:
        """Paint and encode, unless it is done already."""
        run, job, result = self.run, self.job, self.result
        prepared = prepared or prepare(job, run.ledgers)
        spec, keys, ledger = prepared.spec, prepared.keys, run.ledgers.of(job.output)
        result.width, result.height, result.frames = spec.size.width, spec.size.height, spec.frames
        if ledger.is_made(job.output, keys.result) and not run.fresh:
            sweep(job.output, keys.frames)
            run.observer(JobSkipped(self.number, job.output))
            return Status.SKIPPED
        check_may_replace(job, ledger, keys.result)
        if run.stop.after_frame:
            raise Interrupted("Stopped before it began.")
        check_room(spec, None if run.fresh else count_existing(job.output, keys.frames))
        spec = self._decode_all(spec, keys.frames)
        # Copies are made again in no time: they need not survive a crash of the machine.
        durable = painter_type(job.options).paints
        with Workdir(job.output, keys.frames, fresh=run.fresh, durable=durable) as work:
            self._start(spec, work)
            shots = self._find_shots(spec)
            with self._timed("plan"):
                keyframes = keyframes_of(spec, shots, work, run.stop)
            self._paint(spec, prepared.photo, work, shots, keyframes)
            if spec.video:
                with self._timed("flow"):
                    self._measure_far(spec, work, shots)
            with self._timed("encode"):
                run.observer(Encoding(self.number, spec.frames))
                source = open_source(spec, prepared.photo)
                made = encode(spec, source, work, lambda: run.stop.now)
                # Painting takes hours, in which somebody else may have written there.
                check_may_replace(job, ledger, keys.result)
                publish(made, job.output, ledger, keys.result)
            work.finish(keep=run.keep_frames)
        return Status.DONE

    def _decode_all(self, spec: JobSpec, key: str) -> JobSpec:
        """Decode all of a film before anything is painted of it; what that finds is known to later runs."""
        if spec.video is None:
            return spec
        if (interlaced := known_interlaced(self.job.output, key)) is not None:
            return replace(spec, video=as_interlaced(spec.video)) if interlaced else spec
        stop, is_batch = self.run.stop, self.run.jobs > 1
        video = check_intact(spec.video, tries_decoder=is_batch, should_stop=lambda: stop.after_frame)
        return replace(spec, video=video)

    def _start(self, spec: JobSpec, work: Workdir) -> None:
        """Note in the work folder whose it is, and report the start and what a user should know."""
        job, run = self.job, self.run
        interlaced = spec.video is not None and spec.video.interlaced
        work.describe(job.input, job.output, spec.frames, interlaced=interlaced)
        resumed = spec.frames - len(work.missing(range(spec.start, spec.stop)))
        size, passes = (spec.size.width, spec.size.height), spec.motion.passes
        run.observer(
            JobStarted(self.number, run.jobs, job.input, job.output, *size, spec.frames, resumed, passes)
        )
        for note in notes(spec):
            run.observer(Notice(self.number, f"{quoted(job.input)}: {note}."))

    def _find_shots(self, spec: JobSpec) -> Sequence[tuple[int, int]]:
        """Find the shots [start, stop), in the source's indices."""
        with self._timed("decode"):
            shots = shots_of(spec, self.run.stop)
        self.result.shots = [(start - spec.start, stop - spec.start) for start, stop in shots]
        return shots

    def _paint(
        self,
        spec: JobSpec,
        photo: Image | None,
        work: Workdir,
        shots: Sequence[tuple[int, int]],
        keyframes: Sequence[tuple[int, ...]],
    ) -> None:
        """Bring every frame into the work folder."""
        run, job = self.run, self.job
        flow = open_flow(spec.motion, spec.size, work.flows)
        if spec.video and isinstance(flow, FlowFiles):
            flow.check(shots)
        missing = set(work.missing(range(spec.start, spec.stop)))
        with self._timed("start"):
            context = open_context(
                self.number,
                spec,
                source=open_source(spec, photo),
                work=work,
                # With every frame painted no painter is loaded.
                painter=run.painters.painter(job.options, spec.largest) if missing else CopyingPainter(),
                painters=run.painters,
                flow=flow,
                observer=run.observer,
                stop=run.stop,
                on_frame=partial(self._on_frame, spec.start, work),
                snapshots=SnapshotWriter(job.output, run.snapshot_every) if run.snapshot_every else None,
                stages=self.result.stages,
            )
            size = spec.size.width, spec.size.height
            if estimate := predict_duration(run.painters, context, job.options, shots, size, keyframes):
                run.observer(estimate)
        recurring = missing if context.targets.starts_from_source else ()
        tasks = plan_tasks(job, shots, context.source, recurring=recurring, keyframes=keyframes)
        list(InProcess(context).run(tasks))

    def _on_frame(self, start: int, work: Workdir, metrics: FrameMetrics) -> None:
        self.result.per_frame.append(metrics)
        self.run.observer(metrics.event(self.number, start, work.frame(metrics.index)))

    def _measure_far(self, spec: JobSpec, work: Workdir, shots: Sequence[tuple[int, int]]) -> None:
        """Compare frames ten apart, which neighbours, each true to the last, may have led astray."""

        def painted(index: int) -> Image:
            if self.run.stop.now:
                raise Interrupted("Stopped; what is painted is kept.")
            return read_frame(work.frame(index))

        flow = open_flow(spec.motion, spec.size)  # Needed once, and not to be stored.
        with open_source(spec)(spec.start) as images:
            errors = far_errors(images, painted, shots, flow.between)
        self.result.warping_error_10, self.result.warping_error_10_source = errors

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        """Add the time that something takes to a stage."""
        began = time.perf_counter()
        yield
        stages = self.result.stages
        setattr(stages, stage, getattr(stages, stage) + time.perf_counter() - began)
