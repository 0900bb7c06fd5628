"""Paint the frames of one pass over a shot, each from those painted before it, carried along by the motion.

Reading, flow and saving go on in threads of their own beside the painter, which never waits for them if it can be helped.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from vidstyle.errors import Interrupted
from vidstyle.events import Iterated
from vidstyle.imaging.types import Image
from vidstyle.media.frame_png import read_frame, write_frame
from vidstyle.motion.stability import warping_error
from vidstyle.pipeline.background import BackgroundWriter, Prefetcher
from vidstyle.pipeline.paint.frame_state import FrameState, Reference, packed, unpacked
from vidstyle.pipeline.paint.motion_steps import FrameWithMotion, with_motion
from vidstyle.pipeline.paint.multiscale import paint_multiscale
from vidstyle.pipeline.paint.passes import Pass, Source, in_order
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.paint.temporal_weight import firmness_after
from vidstyle.pipeline.paint.warm_start import blended, carried, finished
from vidstyle.pipeline.results import FrameMetrics, Stages
from vidstyle.pipeline.work.checkpoint_file import StoredCheckpoints
from vidstyle.pipeline.work.frame_store import FrameStore, Record

if TYPE_CHECKING:  # Loading it takes seconds; whoever has one has loaded it.
    from vidstyle.neural.optimize.monitor import Progress
    from vidstyle.neural.result import Painted


DEPTH = 4
"""Frames that are read ahead, whose flow is known ahead, or that wait to be saved."""


def resumed(record: Record) -> FrameMetrics:
    """Figures of a frame that was painted before."""
    return FrameMetrics.from_dict(dict(record.figures), resumed=True)


class Painting:
    """Frames of one pass, painted in its order."""

    def __init__(
        self,
        session: JobContext,
        now: Pass,
        kept: Mapping[int, Record],
        done: Callable[[FrameMetrics], None],
        place: Callable[[Image], Reference | None] = lambda _: None,
    ) -> None:
        self.session, self.now, self.kept, self.done = session, now, kept, done
        self.place = place
        self.store = session.store(now.number)
        self.earlier = session.store(now.number - 1) if now.number > 1 else None
        self.recent: deque[tuple[int, FrameState]] = deque(maxlen=max(session.distances))
        self.last = now.number == session.passes
        self._steady = session.guide is None or session.guide.steady

    def paint(self, source: Source, indices: range, stages: Stages) -> None:
        """Paint the frames at some indices, but for those that are kept."""
        session = self.session
        with (
            closing(in_order(source, indices)) as images,
            Prefetcher(images, DEPTH, "decode") as frames,
            Prefetcher(self._stepper(frames), DEPTH, "flow") as known,
            Prefetcher(self._looker(known), 1, "look") as steps,
            BackgroundWriter(self._save, DEPTH, "save") as saver,
        ):

            def tell(saved: Iterable[FrameMetrics]) -> None:
                for figures in saved:
                    self.done(figures)

            def report(step: FrameWithMotion, progress: "Progress") -> None:
                # The frames before are saved meanwhile, and are not to be heard of only when this one is painted.
                tell(saver.ready())
                session.observer(_iterated(session, step, progress))

            try:
                for step, seen in steps:
                    if record := self.kept.get(step.index):
                        tell(saver.drain())
                        self.done(resumed(record))
                        continue
                    if session.stop.after_frame:
                        tell(saver.drain())
                        raise Interrupted("Stopped; what is painted is kept.")
                    origins = self._origins(step) or self._returned(step)
                    own = _read_back(self.earlier, step.index) if self.earlier else None
                    painted, now = None, origins[0].painted if origins else None
                    if now is None or not (step.still and self._steady):
                        painted = self._paint(step, origins, own, seen, partial(report, step))
                        firmness = self._firmness(step, painted, origins, own)
                        now = finished(step.source, origins, painted, own, firmness)
                    stages.paint += painted.seconds if painted else 0.0
                    previous = origins[0].painted if origins else None
                    tell(saver.submit(step, now, previous, painted))
                    self.recent.append((step.index, now))
                tell(saver.drain())
            finally:
                stages.decode += frames.busy_s
                stages.flow += known.busy_s - frames.waited_s
                stages.look += steps.busy_s - known.waited_s
                stages.save += saver.busy_s
                stages.wait += steps.waited_s + saver.waited_s

    def _stepper(self, frames: Iterable[tuple[int, Image]]) -> Iterator[FrameWithMotion]:
        flows, distances = self.session.flows, self.session.distances
        return with_motion(
            frames, flows, distances, self.now, skipped=self.kept, measured=self.last or not self.earlier
        )

    def _looker(self, steps: Iterable[FrameWithMotion]) -> Iterator[tuple[FrameWithMotion, Any]]:
        """Look at each frame that is to be carried on, so that its painting need not begin with that."""
        painter, guide = self.session.painter, self.session.guide
        for step in steps:
            seen = None
            carried_on = self.earlier is not None or (step.motions and not (step.still and self._steady))
            if painter and guide and carried_on and step.index not in self.kept:
                seen = painter.encode_content(guide.content(step.source))
            yield step, seen

    def _origins(self, step: FrameWithMotion) -> list[Reference]:
        """Painted frames that a frame is carried from, the nearest first."""
        recent, guide = dict(self.recent), self.session.guide
        origins = []
        for distance, motion in sorted(step.motions.items()):
            index = self.now.before(step.index, distance)
            if index is None:
                continue
            painted = recent.get(index) or _read_back(self.store, index)
            if painted is not None:
                gained = guide.gained(step.index, index, motion.backward_flow) if guide else None
                origins.append(Reference(painted, motion.without(gained), distance))
        return origins

    def _firmness(
        self,
        step: FrameWithMotion,
        painted: "Painted | None",
        origins: Sequence[Reference],
        own: FrameState | None,
    ) -> float:
        """How firmly the next frame is held to one."""
        painter, guide = self.session.painter, self.session.guide
        if painter is None or not origins or own is not None or (guide and guide.changes):
            return 1.0
        return firmness_after(step, painted, origins[0].painted, painter.options.temporal_weight)

    def _returned(self, step: FrameWithMotion) -> list[Reference]:
        """Painted frame of an earlier shot that shows what this one begins with."""
        begins = self.now.number == 1 and step.index == self.now.start
        origin = self.place(step.source) if begins else None
        return [origin] if origin else []

    def _paint(
        self,
        step: FrameWithMotion,
        origins: Sequence[Reference],
        own: FrameState | None,
        seen: Any,
        report: "Callable[[Progress], None]",
    ) -> "Painted | None":
        session = self.session
        if session.painter is None or session.guide is None:
            return None
        first = own is None and not origins
        report_to = {"on_progress": report, "should_stop": lambda: session.stop.now}
        height, width, _ = step.source.shape
        if first:
            guides = (*session.guide.coarser, session.guide)
            kept = self._checkpoints(step.index)
            # Pictures of how it comes into being are taken from its start.
            watched = {"on_image": session.watch.of(step.index)} if session.watch else {"checkpoints": kept}
            climb = partial(paint_multiscale, session.painter, guides, step.index, step.source)
            return session.fitted(height, width, partial(climb, **report_to, **watched))
        content, style, more = session.guide.at(step.index, step.source)
        handed: dict[str, Any] = {}
        if own is not None:
            handed = blended(own, origins)
        elif origins:
            handed = carried(content, origins, session.guide.matched(step.index, content, style))
            if step.index == self.now.start and self.now.number == 1:  # It returns to a place.
                handed["iterations"] = session.guide.scale.iterations
            if session.guide.changes:
                handed["standard"] = None
            if session.guide.unmoved:
                handed["start"] = origins[0].painted.image
        whole = self._checkpoints(step.index)[-1]
        paint: Callable[[], Painted] = partial(
            session.painter.paint,
            content,
            style,
            seen=seen,
            checkpoints=whole,
            **{**more, **handed, **report_to},
        )
        return session.fitted(height, width, paint)

    def _save(
        self,
        step: FrameWithMotion,
        finished: FrameState,
        previous: FrameState | None,
        painted: "Painted | None",
    ) -> FrameMetrics:
        """Store a frame, and then its line in the journal, which makes it count."""
        error = None
        if self.last and previous is not None and step.measured is not None:
            pair = (finished, previous) if self.now.backward else (previous, finished)
            error = warping_error(pair[0].image, pair[1].image, step.measured)
        record = self.earlier.finished(step.index) if self.earlier else None
        before = resumed(record) if record else None
        figures = FrameMetrics(
            index=step.index,
            resumed=False,
            iterations=(painted.iterations if painted else 0) + (before.iterations if before else 0),
            undone=(painted.undone if painted else 0) + (before.undone if before else 0),
            seconds=(painted.seconds if painted else 0.0) + (before.seconds if before else 0.0),
            loss=finished.losses,
            warping_error=error,
            warping_error_source=step.floor,
        )
        crc = write_frame(self.store.frame(step.index), finished.image, durable=self.store.durable)
        self.store.record(Record(step.index, crc, figures.as_dict(), packed(finished)))
        for kept in self._checkpoints(step.index):
            kept.remove()
        return figures

    def _checkpoints(self, index: int) -> list[StoredCheckpoints]:
        """Where it is kept how far the painting of a frame is at each of its sizes, the smallest first."""
        halvings = len(self.session.guide.coarser) if self.session.guide else 0
        return [
            self.session.checkpoints(self.now.number, index, halved) for halved in range(halvings, -1, -1)
        ]


def _iterated(session: JobContext, step: FrameWithMotion, progress: "Progress") -> Iterated:
    return Iterated(
        job=session.job,
        frame=step.index - session.first,
        iteration=progress.iteration,
        iterations=progress.iterations,
        loss=progress.loss,
        seconds=progress.seconds,
        steps=progress.steps,
        left=progress.left,
    )


def _read_back(store: FrameStore, index: int) -> FrameState | None:
    record = store.finished(index)
    return unpacked(read_frame(store.frame(index)), record.carry) if record else None
