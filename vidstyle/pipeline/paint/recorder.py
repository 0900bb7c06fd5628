"""Recorder of painted frames: each is saved in the background, and reported, in order, once it is safe."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from vidstyle.errors import Interrupted
from vidstyle.events import Iterated
from vidstyle.imaging.types import Image
from vidstyle.media.frame_png import write_frame
from vidstyle.motion.stability import warping_error
from vidstyle.neural.optimize.monitor import Monitor, Progress
from vidstyle.neural.result import Painted
from vidstyle.pipeline.background import BackgroundWriter
from vidstyle.pipeline.paint.filling import FilledFrame
from vidstyle.pipeline.paint.frame_state import FrameState, to_json
from vidstyle.pipeline.paint.history import History
from vidstyle.pipeline.paint.motion_steps import FrameWithMotion, Step
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.results import FrameKind, FrameMetrics
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
        # The frames of another pass, one that goes backward, or a part are reported when the shot is done.
        is_whole = self._pass.shot_start is None
        self._reports = history.is_last and is_whole and not self._pass.is_backward
        self._next = self._pass.start
        # A painted frame is complete when those before it are filled, as it is compared with the last of
        # them.
        self._complete = {
            index: resumed(record) for index, record in history.restored.items() if not history.to_fill(index)
        }
        self._writer = BackgroundWriter(self._write, DEPTH, "save")

    @classmethod
    @contextmanager
    def opened(cls, context: JobContext, history: History) -> "Iterator[FrameRecorder]":
        """Record the frames of a pass; leaving the context without an error saves and reports all of them."""
        recorder = cls(context, history)
        recorder._report(())
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
        """Save a painted frame, and compare it with the one before it, unless that is still to be filled.

        `painted` is None if it repeats the frame painted before it.
        """
        kind = FrameKind.PAINTED if painted else FrameKind.HELD
        step = None if frame.span else frame.step
        seconds = painted.seconds if painted else 0.0
        self._context.stages.paint += seconds
        image = previous.image if previous else None
        self._submit(_Save(frame.index, state, kind, painted, step, image, seconds))

    def save_filled(
        self, filled: Iterable[FilledFrame], frame: FrameWithMotion, state: FrameState, previous: FrameState
    ) -> None:
        """Save the frames that are filled between a painted one and the one painted before it.

        Each is compared with the one before it in the order of the pass, and so is the painted one at last.
        """
        before = previous.image
        for each in filled:
            self.heed_stop()
            between = each.frame
            own = FrameState(each.image, lazy_losses=each.repair.lazy_losses if each.repair else None)
            repair_s = each.repair.seconds if each.repair else 0.0
            self._context.stages.paint += repair_s
            self._context.stages.fill += each.seconds - repair_s
            save = _Save(between.index, own, each.kind, each.repair, between.step, before, each.seconds)
            self._submit(save)
            before = each.image
        self._submit(_Save(frame.index, state, None, None, frame.step, before))

    def _submit(self, save: "_Save") -> None:
        self._report(self._writer.submit(save))

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

    def monitor(self, index: int) -> Monitor:
        """Make the monitor of a frame."""
        context = self._context

        def on_progress(progress: Progress) -> None:
            # The frames before are saved meanwhile; they are reported now, not only when this one is painted.
            self._report(self._writer.ready())
            context.observer(_iterated(context, index, progress))

        checkpoint = context.checkpoints(self._pass.number, index)[-1]
        return Monitor(on_progress, lambda: context.stop.now, checkpoints=checkpoint)

    def monitor_first(self, frame: FrameWithMotion) -> tuple[Monitor, Sequence[StoredCheckpoints]]:
        """Make the monitor of a frame without painted predecessors, and the checkpoints of its sizes.

        Snapshots are taken from its start on, so there are no checkpoints with them.
        """
        context, monitor = self._context, replace(self.monitor(frame.index), checkpoints=None)
        if context.snapshots:
            return replace(monitor, snapshots=context.snapshots.open()), ()
        return monitor, context.checkpoints(self._pass.number, frame.index)

    def _report(self, metrics: Iterable[FrameMetrics | None]) -> None:
        """Report the frames that are complete, in the film's order."""
        self._complete |= {each.index: each for each in metrics if each}
        while self._reports and self._next in self._complete:
            self._context.on_frame(self._complete.pop(self._next))
            self._next += 1

    def _write(self, save: "_Save") -> FrameMetrics | None:
        """Store a frame, and then its line in the journal, which makes it count.

        Gives its metrics once it is complete.
        """
        metrics, crc, state = self._saved(save) if save.kind is None else self._stored(save)
        if save.step is not None and save.previous is not None and self._history.is_last:
            pair = (save.state.image, save.previous)
            earlier, later = pair if self._pass.is_backward else pair[::-1]
            error = warping_error(earlier, later, save.step.motion)
            metrics = replace(metrics, warping_error=error, warping_error_source=save.step.source_error)
        record = Record(save.index, crc, metrics.as_dict(), state)
        self._store.record(record, shot_start=self._pass.journal)
        is_compared = save.step is not None or not self._pass.between(save.index)
        return metrics if is_compared else None

    def _stored(self, save: "_Save") -> tuple[FrameMetrics, int, Mapping[str, Any]]:
        """Write a new frame's image; gives its metrics, checksum and state."""
        painted = save.painted
        record = self._earlier.get(save.index) if self._earlier else None
        before = resumed(record) if record else None
        metrics = FrameMetrics(
            index=save.index,
            resumed=False,
            iterations=(painted.iterations if painted else 0) + (before.iterations if before else 0),
            undone=(painted.rejected if painted else 0) + (before.undone if before else 0),
            seconds=save.seconds + (before.seconds if before else 0.0),
            loss=save.state.losses,
            warping_error=None,
            warping_error_source=None,
            kind=save.kind or FrameKind.PAINTED,
        )
        crc = write_frame(self._store.frame(save.index), save.state.image, durable=self._store.durable)
        for checkpoint in self._context.checkpoints(self._pass.number, save.index):
            checkpoint.remove()
        return metrics, crc, to_json(save.state)

    def _saved(self, save: "_Save") -> tuple[FrameMetrics, int, Mapping[str, Any]]:
        """Give metrics, checksum and state of a frame that is stored already."""
        record = self._store.get(save.index)
        assert record is not None  # noqa: S101 - it was saved before.
        is_resumed = save.index in self._history.restored
        return replace(resumed(record), resumed=is_resumed), record.crc, record.state


@dataclass(frozen=True)
class _Save:
    """A frame to save."""

    index: int
    state: FrameState
    kind: FrameKind | None
    """None for a painted frame that is stored already, and only compared."""
    painted: Painted | None
    step: Step | None
    """Step from the frame before it, by which the two are compared; None if they are not yet."""
    previous: Image | None
    """That frame, [H, W, 3]."""
    seconds: float = 0.0
    """Time that it took."""


def _iterated(context: JobContext, index: int, progress: Progress) -> Iterated:
    return Iterated(
        job=context.job,
        frame=index - context.first,
        iteration=progress.iteration,
        iterations=progress.iterations,
        loss=progress.loss,
        seconds=progress.seconds,
        steps=progress.steps,
        left=progress.left,
    )
