"""Recorder of painted frames: each is saved in the background, and reported, in order, once it is safe."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from vidstyle.errors import Interrupted
from vidstyle.events import Iterated
from vidstyle.media.frame_png import write_frame
from vidstyle.motion.stability import warping_error
from vidstyle.neural.optimize.monitor import Monitor, Progress
from vidstyle.neural.result import Painted
from vidstyle.pipeline.background import BackgroundWriter
from vidstyle.pipeline.paint.frame_state import FrameState, to_json
from vidstyle.pipeline.paint.history import History
from vidstyle.pipeline.paint.motion_steps import FrameWithMotion
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.results import FrameMetrics
from vidstyle.pipeline.work.checkpoint_file import StoredCheckpoints
from vidstyle.pipeline.work.frame_store import Record

DEPTH = 4
"""Frames that wait to be saved."""


def resumed(record: Record) -> FrameMetrics:
    """Give the metrics of a frame that an interrupted run painted."""
    return FrameMetrics.from_dict(dict(record.metrics), resumed=True)


class FrameRecorder:
    """Recorder of the frames of one pass: saving, progress, stopping, snapshots and checkpoints."""

    def __init__(self, context: JobContext, history: History) -> None:
        self._context, self._history, self._pass = context, history, history.shot_pass
        self._store = context.store(self._pass.number)
        self._earlier = context.store(self._pass.number - 1) if history.has_earlier_pass else None
        self._is_last = self._pass.number == context.passes
        # The frames of a pass that is not the last, or goes backward, are reported when the shot is done.
        self._reports = self._is_last and not self._pass.is_backward
        self._writer = BackgroundWriter(self._write, DEPTH, "save")

    @classmethod
    @contextmanager
    def opened(cls, context: JobContext, history: History) -> "Iterator[FrameRecorder]":
        """Record the frames of a pass; leaving the context without an error saves and reports all of them."""
        recorder = cls(context, history)
        with recorder._writer as writer:
            try:
                yield recorder
                recorder.flush()
            finally:
                context.stages.save += writer.busy_s
                context.stages.wait += writer.waited_s

    def save(
        self,
        frame: FrameWithMotion,
        state: FrameState,
        painted: Painted | None,
        *,
        previous: FrameState | None,
    ) -> None:
        """Save a frame, and compare it with the previous one; `painted` is None if it repeats that."""
        self._context.stages.paint += painted.seconds if painted else 0.0
        self._report(self._writer.submit(frame, state, previous, painted))

    def report_restored(self, *indices: int) -> None:
        """Report frames that an interrupted run painted."""
        self.flush()
        self._report(resumed(self._history.restored[index]) for index in indices)

    def flush(self) -> None:
        """Wait until every frame is saved, and report them."""
        self._report(self._writer.drain())

    def heed_stop(self) -> None:
        """Stop between two frames on request.

        Raises
        ------
        Interrupted
            It was requested; what is painted is saved.

        """
        if self._context.stop.after_frame:
            self.flush()
            raise Interrupted("Stopped; what is painted is kept.")

    def monitor(self, frame: FrameWithMotion) -> Monitor:
        """Make the monitor of a frame."""
        context = self._context

        def on_progress(progress: Progress) -> None:
            # The frames before are saved meanwhile; they are reported now, not only when this one is painted.
            self._report(self._writer.ready())
            context.observer(_iterated(context, frame, progress))

        checkpoint = context.checkpoints(self._pass.number, frame.index)[-1]
        return Monitor(on_progress, lambda: context.stop.now, checkpoints=checkpoint)

    def monitor_first(self, frame: FrameWithMotion) -> tuple[Monitor, Sequence[StoredCheckpoints]]:
        """Make the monitor of a frame without painted predecessors, and the checkpoints of its sizes.

        Snapshots are taken from its start on, so there are no checkpoints with them.
        """
        context, monitor = self._context, replace(self.monitor(frame), checkpoints=None)
        if context.snapshots:
            return replace(monitor, snapshots=context.snapshots.open()), ()
        return monitor, context.checkpoints(self._pass.number, frame.index)

    def _report(self, metrics: Iterable[FrameMetrics]) -> None:
        for each in metrics:
            if self._reports:
                self._context.on_frame(each)

    def _write(
        self, frame: FrameWithMotion, state: FrameState, previous: FrameState | None, painted: Painted | None
    ) -> FrameMetrics:
        """Store a frame, and then its line in the journal, which makes it count."""
        error = None
        if self._is_last and previous is not None and frame.motion_in_time is not None:
            pair = (state, previous) if self._pass.is_backward else (previous, state)
            error = warping_error(pair[0].image, pair[1].image, frame.motion_in_time)
        record = self._earlier.get(frame.index) if self._earlier else None
        before = resumed(record) if record else None
        metrics = FrameMetrics(
            index=frame.index,
            resumed=False,
            iterations=(painted.iterations if painted else 0) + (before.iterations if before else 0),
            undone=(painted.rejected if painted else 0) + (before.undone if before else 0),
            seconds=(painted.seconds if painted else 0.0) + (before.seconds if before else 0.0),
            loss=state.losses,
            warping_error=error,
            warping_error_source=frame.source_error,
        )
        crc = write_frame(self._store.frame(frame.index), state.image, durable=self._store.durable)
        record = Record(frame.index, crc, metrics.as_dict(), to_json(state))
        self._store.record(record, shot_start=self._pass.start)
        for checkpoint in self._context.checkpoints(self._pass.number, frame.index):
            checkpoint.remove()
        return metrics


def _iterated(context: JobContext, frame: FrameWithMotion, progress: Progress) -> Iterated:
    return Iterated(
        job=context.job,
        frame=frame.index - context.first,
        iteration=progress.iteration,
        iterations=progress.iterations,
        loss=progress.loss,
        seconds=progress.seconds,
        steps=progress.steps,
        left=progress.left,
    )
