"""What painting a job needs beside its frames."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from vidstyle.events import Notice, Observer, StopRequest
from vidstyle.neural.device.retry import retry_smaller
from vidstyle.options.groups import MotionOptions
from vidstyle.pipeline.flow_source import FlowProvider
from vidstyle.pipeline.paint.snapshots import SnapshotWriter
from vidstyle.pipeline.paint.targets import TargetSource
from vidstyle.pipeline.results import FrameMetrics
from vidstyle.pipeline.work.checkpoint_file import StoredCheckpoints
from vidstyle.pipeline.work.frame_store import FrameStore
from vidstyle.pipeline.work.workdir import CHECKPOINT, Workdir

if TYPE_CHECKING:  # Loading it takes seconds; whoever has one has loaded it.
    from vidstyle.neural.painter import Painter

Done = TypeVar("Done")


@dataclass(frozen=True)
class JobContext:
    """What painting a job needs beside its frames."""

    job: int
    first: int
    """The source's index of the job's first frame."""
    work: Workdir
    painter: "Painter | None"
    """None copies the frames."""
    guide: TargetSource | None
    """What each frame is painted by."""
    observer: Observer
    stop: StopRequest
    done: Callable[[FrameMetrics], None]
    """Told of each frame, in order, when it is safe."""
    flows: FlowProvider
    """Where the motion between two frames comes from."""
    motion: MotionOptions = field(default_factory=MotionOptions)
    """Since which frames it is wanted, and how often each shot is gone over."""
    watch: SnapshotWriter | None = None
    """Who keeps how a picture comes into being."""

    @property
    def passes(self) -> int:
        """How often each shot is gone over, forward and backward in turn."""
        return self.motion.passes

    @property
    def distances(self) -> tuple[int, ...]:
        """How many frames before a frame lie those that it is carried from, the nearest first."""
        return self.motion.temporal_frames.frames

    def fitted(self, height: int, width: int, do: Callable[[], Done]) -> Done:
        """Do what may not fit into the device's memory; in smaller windows where it does not, which is said and noted."""

        def told(side_px: int) -> None:
            self.work.note_tile(side_px)
            size = f"{width} x {height} pixels"
            words = f"The device has too little memory for {size} at once; painting goes on in windows of {side_px}."
            self.observer(Notice(self.job, words))

        return do() if self.painter is None else retry_smaller(self.painter, height, width, do, told)

    def checkpoints(self, number: int, index: int, halved: int = 0) -> StoredCheckpoints:
        """Where it is kept how far the painting of a frame is, in a pass, by its index in the source and as often halved."""
        smaller = f"-{halved}" if halved else ""
        path = self.work.path / f"{CHECKPOINT}{number}-{index}{smaller}.npz"
        # What fills the device is painted in other windows, from its start.
        return StoredCheckpoints(path, lambda: str(self.work.tile_px))

    def store(self, number: int) -> FrameStore:
        """Where the frames of a pass are kept."""
        return self.work if number == self.passes else self.work.earlier_pass(number)
