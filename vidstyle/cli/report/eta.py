"""How long a job, and a batch of them, will still take."""

import time
from collections import deque

from vidstyle import events as ev


class Pace:
    """How fast one job goes, and how long it will still take."""

    def __init__(self, frames: int, done: int, iterations: int, passes: int = 1) -> None:
        self.frames, self.passes = frames, passes
        self.done = done * passes  # of what all passes together paint
        self._pass: ev.PassStarted | None = None
        self.iterations = iterations  # of a frame that starts from its predecessor
        self.rate: float | None = None  # iterations a second
        self.current = -1  # frame under the brush; saving follows it at a distance
        self._left_in_frame: float | None = None
        self._estimate: ev.DurationEstimated | None = None
        self._cold: set[int] = set()
        self._recent: deque[float] = deque(maxlen=20)

    def see(self, event: ev.Event) -> None:
        """Take account of an event."""
        match event:
            case ev.DurationEstimated():
                self._estimate = event
                self._cold |= set(event.firsts)
            case ev.ShotStarted():
                self._cold.add(event.start)
            case ev.PassStarted():
                self._pass = event
            case ev.Iterated():
                # What comes before the first iteration is the compilation, which foretells nothing.
                if event.iteration > 0 and event.steps > 0 and event.seconds > 0:
                    self.rate = event.steps / event.seconds
                self._left_in_frame = event.left
                self.current = event.frame
                self.done = max(self.done, self.place(event.frame))
            case ev.FrameDone():
                self.done = max(self.done, self.place(event.frame) + 1)
                if event.frame >= self.current:
                    self._left_in_frame = None
                # A shot's first frame takes many times the iterations of the others, and foretells nothing.
                if not event.resumed and event.frame not in self._cold:
                    self._recent.append(event.seconds / self.passes)
            case _:
                pass

    @property
    def pass_shown(self) -> str:
        """The pass at hand in words, where there are several."""
        return f", pass {self._pass.number}/{self._pass.passes}" if self._pass else ""

    def place(self, frame: int) -> int:
        """How much of what all passes paint comes before a frame in the pass at hand."""
        now = self._pass
        if now is None:
            return frame * self.passes
        painted = now.stop - 1 - frame if now.number % 2 == 0 else frame - now.start
        return now.start * self.passes + (now.number - 1) * (now.stop - now.start) + painted

    @property
    def left_s(self) -> float | None:
        """Seconds to the last painted frame; None as long as nothing is known."""
        frames = self.frames * self.passes - self.done
        if frames <= 0:
            return 0.0
        current = 0.0
        if self._left_in_frame is not None and self.rate:
            current = self._left_in_frame / self.rate
            frames -= 1
        if not self._recent and not self.rate:
            return self._estimate.seconds if self._estimate else None
        firsts = self._firsts_left
        if self._estimate and self.rate:
            current += firsts * self._estimate.first_iterations / self.rate
            frames -= firsts
        if self._recent:
            return current + frames * sum(self._recent) / len(self._recent)
        return current + frames * self.iterations / (self.rate or 1)

    @property
    def _firsts_left(self) -> int:
        """How many shots are still to be begun."""
        now = self._pass.start if self._pass else max(self.current, self.done - 1)
        return sum(start > now for start in self._estimate.firsts) if self._estimate else 0


class BatchPace:
    """How far a batch is: jobs weighed by what each takes, in pixels times iterations."""

    def __init__(self) -> None:
        self.work: list[float] = []
        self.jobs = self.ended = self.failed = 0
        self.frames = 0
        """Frames painted in this run."""
        self._before = 0.0  # Work of the jobs that ended.
        self._within = 0.0  # Share of the job at hand that is done.
        self._resumed = 0.0  # Share of it that was done before.
        self._painted = 0.0  # Work that was painted in this run.
        self._job, self._frames = 0, 1
        self._began: float | None = None
        self._s_per_work: float | None = None  # As estimated.

    def see(self, event: ev.Event) -> None:
        """Take account of an event."""
        match event:
            case ev.BatchStarted():
                self.work, self.jobs = list(event.work), len(event.work)
            case ev.JobStarted():
                self._began = self._began or time.monotonic()
                self._job, self._frames = event.job, max(1, event.frames)
                self._within = self._resumed = event.resumed / self._frames
            case ev.DurationEstimated():
                work = self._current * (1 - self._within)
                self._s_per_work = self._s_per_work or (event.seconds / work if work > 0 else None)
            case ev.Iterated():
                self._within = max(
                    self._within, (event.frame + event.iteration / max(1, event.iterations)) / self._frames
                )
            case ev.FrameDone():
                self.frames += not event.resumed
                self._within = max(self._within, (event.frame + 1) / self._frames)
            case ev.JobDone() | ev.JobSkipped() | ev.JobFailed():
                self._end(event)
            case _:
                pass

    def _end(self, event: ev.Event) -> None:
        work = self.work[event.job] if event.job < len(self.work) else 0.0
        self.ended += 1
        self.failed += isinstance(event, ev.JobFailed)
        self._before += work
        if isinstance(event, ev.JobDone):
            self._painted += work * (1 - self._resumed)
        self._within = self._resumed = 0.0

    @property
    def _current(self) -> float:
        return self.work[self._job] if self._job < len(self.work) else 0.0

    @property
    def done(self) -> float:
        """Share of all the work that is done, 0 to 1."""
        total = sum(self.work)
        return min(1.0, (self._before + self._within * self._current) / total) if total else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds to the end of the batch; None as long as nothing is known."""
        painted = self._painted + (self._within - self._resumed) * self._current
        elapsed = time.monotonic() - self._began if self._began else 0.0
        left = max(0.0, (1 - self.done) * sum(self.work))
        if not painted or elapsed < 1:
            return None if self._s_per_work is None else self._s_per_work * left
        return elapsed / painted * left

    @property
    def frames_per_s(self) -> float | None:
        """Frames and photos painted a second, since the first began."""
        elapsed = time.monotonic() - self._began if self._began else 0.0
        return self.frames / elapsed if self.frames and elapsed > 0 else None
