"""Opening of a job's context: its targets are loaded, and everything that its shots share is put together."""

from collections.abc import Callable
from functools import partial

from vidstyle.events import Observer, StopRequest
from vidstyle.imaging.types import FrameSource
from vidstyle.options.groups import MotionOptions
from vidstyle.pipeline.flow_source import FlowProvider
from vidstyle.pipeline.paint.painter import Painter
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.paint.session import JobContext, TileFallback
from vidstyle.pipeline.paint.snapshots import SnapshotWriter
from vidstyle.pipeline.paint.target_loader import load_targets
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.survey import JobSpec
from vidstyle.pipeline.results import FrameMetrics, Stages
from vidstyle.pipeline.work.workdir import Workdir


def open_context(
    number: int,
    job: Job,
    spec: JobSpec,
    *,
    source: FrameSource,
    work: Workdir,
    painter: Painter,
    painters: PainterCache,
    flow: FlowProvider,
    observer: Observer,
    stop: StopRequest,
    on_frame: Callable[[FrameMetrics], None],
    snapshots: SnapshotWriter | None,
    stages: Stages,
) -> JobContext:
    """Load the targets of a job, and put together what its shots share.

    Parameters
    ----------
    number
        Number of the job, for events.
    job, spec
        The job and its specification.
    source, work, painter, flow, observer, stop, on_frame, snapshots, stages
        As `JobContext` has them.
    painters
        Cache of encoded styles.

    Raises
    ------
    VidstyleError
        A style or mask cannot be read, or the device failed.

    """
    largest = spec.largest
    painter.set_tile_size(work.tile_px)  # Another job's device may have been full.
    fitted = TileFallback(painter, work, observer, number)
    load = partial(load_targets, painters, painter, job, spec, source)
    return JobContext(
        job=number,
        first=spec.start,
        options=job.options,
        work=work,
        source=source,
        painter=painter,
        targets=fitted(largest.height, largest.width, load),
        flow=flow,
        motion=job.options.motion if spec.video else MotionOptions(),
        observer=observer,
        stop=stop,
        on_frame=on_frame,
        snapshots=snapshots,
        stages=stages,
    )
