"""History of a shot: the frames that are painted, as references for those that follow."""

from collections import deque
from collections.abc import Sequence

from vidstyle.media.frame_png import read_frame
from vidstyle.pipeline.paint.frame_state import FrameState, Reference, from_json
from vidstyle.pipeline.paint.motion_steps import FrameWithMotion
from vidstyle.pipeline.paint.passes import Pass
from vidstyle.pipeline.paint.recurring_shots import recurring_reference
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.work.frame_store import FrameStore, Record


class History:
    """Painted frames of one pass over a shot; those of an interrupted run are restored.

    Parameters
    ----------
    context
        The job, with its work folder.
    shot_pass
        The pass.
    recurs_from
        Frame of an earlier shot that the first frame starts from; None for none.

    """

    def __init__(self, context: JobContext, shot_pass: Pass, recurs_from: int | None = None) -> None:
        self.shot_pass = shot_pass
        self._context, self._recurs_from = context, recurs_from
        self._store = context.store(shot_pass.number)
        self._earlier = context.store(shot_pass.number - 1) if shot_pass.number > 1 else None
        self._recent: deque[tuple[int, FrameState]] = deque(maxlen=max(context.distances))
        found = ((index, self._store.get(index)) for index in shot_pass.frames)
        self.restored: dict[int, Record] = {index: record for index, record in found if record}
        """Records of the frames that an interrupted run painted or filled."""

    def __contains__(self, index: int) -> bool:
        return index in self.restored

    @property
    def to_read(self) -> range:
        """Give the frames to read from the source: the missing ones, and those the first refers to."""
        indices, step = self.shot_pass.indices, self.shot_pass.frames.step
        needed = [place for place, index in enumerate(indices) if index not in self or self.to_fill(index)]
        first = indices[max(0, needed[0] - max(self._context.distances))]
        return range(first, indices[needed[-1]] + step, step)

    def to_fill(self, index: int) -> Sequence[int]:
        """Give the frames to fill between a painted frame and the one painted before it.

        They are filled in the last pass, all of them together, and again with a painted frame that was lost
        or not yet compared with the last of them.
        """
        between, own = self.shot_pass.between(index), self.restored.get(index)
        is_compared = own is not None and own.metrics["warping_error"] is not None
        is_missing = self.is_last and not (is_compared and all(each in self for each in between))
        return between if is_missing else ()

    @property
    def is_last(self) -> bool:
        """Tell whether the pass is the last one."""
        return self.shot_pass.number == self._context.passes

    @property
    def has_earlier_pass(self) -> bool:
        """Tell whether the frames were painted in an earlier pass."""
        return self._earlier is not None

    def references(self, frame: FrameWithMotion) -> list[Reference]:
        """Give the painted frames that a frame starts from, the nearest first, with flow and trust."""
        if not self._context.painter.uses_predecessors:
            return []
        targets, found = self._context.targets, []
        for distance, motion in sorted(frame.motions.items()):
            index = self.shot_pass.before(frame.index, distance)
            painted = None if index is None else self.state(index)
            if index is not None and painted is not None:
                newly_styled = targets.newly_styled(frame.index, index, motion.backward_flow)
                found.append(Reference(painted, motion.without(newly_styled), distance))
        return found or self._recurring(frame)

    def _recurring(self, frame: FrameWithMotion) -> list[Reference]:
        """Refer the first frame of a shot that returns to a place to its painting."""
        is_first = self.shot_pass.number == 1 and frame.index == self.shot_pass.start
        if self._recurs_from is None or not is_first:
            return []
        context = self._context
        return [recurring_reference(context.source, context.work, self._recurs_from, frame.source)]

    def state(self, index: int) -> FrameState | None:
        """Give the state of a painted frame of this pass; None if it is not painted."""
        return dict(self._recent).get(index) or _read_back(self._store, index)

    def previous(self, frame: FrameWithMotion) -> FrameState | None:
        """Give the state of the frame painted just before; None for the first of a shot, and if unneeded."""
        index = self.shot_pass.before(frame.index, 1)
        is_needed = frame.motions or frame.span
        return self.state(index) if is_needed and index is not None else None

    def restored_state(self, frame: FrameWithMotion) -> FrameState | None:
        """Give the state of a frame that an interrupted run painted; None for one that is to be painted."""
        return self.state(frame.index) if frame.index in self else None

    def earlier_pass(self, frame: FrameWithMotion) -> FrameState | None:
        """Give the state of the same frame in the earlier pass; None in the first."""
        return _read_back(self._earlier, frame.index) if self._earlier else None

    def append(self, frame: FrameWithMotion, state: FrameState) -> None:
        """Add a painted frame."""
        self._recent.append((frame.index, state))


def _read_back(store: FrameStore, index: int) -> FrameState | None:
    record = store.get(index)
    return from_json(read_frame(store.frame(index)), record.state) if record else None
