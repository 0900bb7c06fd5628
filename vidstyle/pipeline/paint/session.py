"""Context of a job: everything that the painting of its shots shares, built once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from vidstyle.events import Notice, Observer, StopRequest
from vidstyle.imaging.types import FrameSource
from vidstyle.neural.device.retry import retry_smaller
from vidstyle.options.groups import MotionOptions, Options
from vidstyle.pipeline.flow_source import FlowProvider
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.paint.snapshots import SnapshotWriter
from vidstyle.pipeline.paint.target_loader import load_targets
from vidstyle.pipeline.paint.targets import TargetSource
from vidstyle.pipeline.painters.painter import Painter
from vidstyle.pipeline.plan.survey import JobSpec
from vidstyle.pipeline.results import FrameMetrics, Stages
from vidstyle.pipeline.work.checkpoint_file import StoredCheckpoints
from vidstyle.pipeline.work.frame_store import FrameStore
from vidstyle.pipeline.work.workdir import CHECKPOINT, Workdir

Done = TypeVar("Done")


@dataclass(frozen=True)
class TileFallback:
    """Retry in smaller tiles of what does not fit into the device's memory; it is reported and remembered."""

    painter: Painter
    work: Workdir
    observer: Observer
    job: int

    def __call__(self, height: int, width: int, do: Callable[[], Done]) -> Done:
        """Do something for an image of a size, again in smaller tiles as long as it does not fit."""

        def note(side_px: int) -> None:
            self.work.note_tile(side_px)
            message = (
                f"The device has too little memory for {width} x {height} pixels at once; "
                f"painting goes on in tiles of {side_px}."
            )
            self.observer(Notice(self.job, message))

        return retry_smaller(self.painter, height, width, do, note)


@dataclass(frozen=True)
class JobContext:
    """Everything that the painting of a job's shots shares."""

    job: int
    """Number of the job, for events."""
    first: int
    """The job's first frame, by index in the source."""
    options: Options
    work: Workdir
    source: FrameSource
    painter: Painter
    targets: TargetSource
    flow: FlowProvider
    motion: MotionOptions
    observer: Observer
    stop: StopRequest
    on_frame: Callable[[FrameMetrics], None]
    """Called for each frame, in order, once it is safe."""
    snapshots: SnapshotWriter | None = None
    given: Mapping[int, Path] = field(default_factory=dict)
    """Pictures of the frames that were painted by hand, by index in the source."""
    stages: Stages = field(default_factory=Stages)
    """Stopwatch: the time spent in each stage, added up."""

    @property
    def passes(self) -> int:
        """Number of passes over each shot."""
        return self.motion.passes

    @property
    def distances(self) -> tuple[int, ...]:
        """Distances to the reference frames, the nearest first."""
        return self.motion.temporal_frames.frames

    def fitted(self, height: int, width: int, do: Callable[[], Done]) -> Done:
        """Do something for an image of a size that may not fit into the device's memory."""
        return TileFallback(self.painter, self.work, self.observer, self.job)(height, width, do)

    def store(self, number: int) -> FrameStore:
        """Give the store of a pass's frames."""
        return self.work if number == self.passes else self.work.earlier_pass(number)

    def checkpoints(self, number: int, index: int) -> list[StoredCheckpoints]:
        """Give the checkpoints of a frame in a pass, one per size, the smallest first."""
        return [
            self._checkpoint(number, index, halvings) for halvings in range(len(self.targets.coarser), -1, -1)
        ]

    def _checkpoint(self, number: int, index: int, halvings: int) -> StoredCheckpoints:
        smaller = f"-{halvings}" if halvings else ""
        path = self.work.path / f"{CHECKPOINT}{number}-{index}{smaller}.npz"
        # A checkpoint of other tiles is no start: the image is painted from its own.
        return StoredCheckpoints(path, lambda: str(self.work.tile_px))


def open_context(
    number: int,
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
    spec
        Specification of the job.
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
    load = partial(load_targets, painters, painter, spec, source)
    return JobContext(
        job=number,
        first=spec.start,
        options=spec.job.options,
        work=work,
        source=source,
        painter=painter,
        targets=fitted(largest.height, largest.width, load),
        flow=flow,
        motion=spec.motion,
        observer=observer,
        stop=stop,
        on_frame=on_frame,
        snapshots=snapshots,
        given=dict(spec.given),
        stages=stages,
    )
