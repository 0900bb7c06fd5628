"""Progress of a job and of a batch, with the time left, computed from events."""

import time
from collections import deque

from vidstyle import events as ev


class JobProgress:
    """Progress of one job: frames done, iterations per second, time left.

    Parameters
    ----------
    frames
        Number of frames of the job.
    done
        Number of them painted by an earlier run.
    iterations
        Iterations of a frame that starts from its predecessor.
    passes
        Number of passes over each shot.
    """

    def __init__(self, frames: int, done: int, iterations: int, passes: int = 1) -> None:
        self.frames, self.passes, self.iterations = frames, passes, iterations
        self.done = done * passes
        """Frames done, counted in each pass."""
        self.rate: float | None = None
        """Iterations per second."""
        self.current = -1
        """Frame that is being painted; saving follows with a delay."""
        self._pass: ev.PassStarted | None = None
        self._left_in_frame: float | None = None
        self._estimate: ev.DurationEstimated | None = None
        self._cold_frames: set[int] = set()
        self._recent_s: deque[float] = deque(maxlen=20)

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        match event:
            case ev.DurationEstimated():
                self._estimate = event
                self._cold_frames |= set(event.firsts)
            case ev.ShotStarted():
                self._cold_frames.add(event.start)
            case ev.PassStarted():
                self._pass = event
            case ev.Iterated():
                # The time before the first iteration is compilation, which predicts nothing.
                if event.iteration > 0 and event.steps > 0 and event.seconds > 0:
                    self.rate = event.steps / event.seconds
                self._left_in_frame = event.left
                self.current = event.frame
                self.done = max(self.done, self.position(event.frame))
            case ev.FrameDone():
                self.done = max(self.done, self.position(event.frame) + 1)
                if event.frame >= self.current:
                    self._left_in_frame = None
                # The first frame of a shot takes many times the iterations of the others, and predicts
                # nothing.
                if not event.resumed and event.frame not in self._cold_frames:
                    self._recent_s.append(event.seconds / self.passes)
            case _:
                pass

    @property
    def pass_text(self) -> str:
        """The current pass as text, if there are several: `, pass 1/2`."""
        return f", pass {self._pass.number}/{self._pass.passes}" if self._pass else ""

    def position(self, frame: int) -> int:
        """Count the frames of all passes that come before a frame in the current pass."""
        current = self._pass
        if current is None:
            return frame * self.passes
        painted = current.stop - 1 - frame if current.number % 2 == 0 else frame - current.start
        return current.start * self.passes + (current.number - 1) * (current.stop - current.start) + painted

    @property
    def left_s(self) -> float | None:
        """Seconds to the last painted frame; None while nothing is known."""
        frames = self.frames * self.passes - self.done
        if frames <= 0:
            return 0.0
        seconds = 0.0
        if self._left_in_frame is not None and self.rate:
            seconds = self._left_in_frame / self.rate
            frames -= 1
        if not self._recent_s and not self.rate:
            return self._estimate.seconds if self._estimate else None
        cold = self._cold_frames_left
        if self._estimate and self.rate:
            seconds += cold * self._estimate.first_iterations / self.rate
            frames -= cold
        if self._recent_s:
            return seconds + frames * sum(self._recent_s) / len(self._recent_s)
        by_iterations = frames * self.iterations / (self.rate or 1)
        if self._estimate:  # Not all of them may have to be painted.
            by_estimate = frames * self._estimate.seconds / (self.frames * self.passes)
            return seconds + min(by_iterations, by_estimate)
        return seconds + by_iterations

    @property
    def _cold_frames_left(self) -> int:
        """Number of frames still to come that have no predecessor to start from."""
        reached = self._pass.start if self._pass else max(self.current, self.done - 1)
        return sum(start > reached for start in self._estimate.firsts) if self._estimate else 0


class BatchProgress:
    """Progress of a batch, whose jobs are weighted by their work, in pixels times iterations."""

    def __init__(self) -> None:
        self.work: list[float] = []
        self.jobs = self.ended = self.failed = 0
        self.frames = 0
        """Frames painted in this run."""
        self._ended_work = 0.0
        self._done_share = 0.0
        """Done share of the current job."""
        self._resumed_share = 0.0
        """Share of the current job that an earlier run has done."""
        self._painted_work = 0.0
        """Work of ended jobs that was done in this run."""
        self._job, self._frames = 0, 1
        self._began: float | None = None
        self._s_per_work: float | None = None
        """Estimate of the first job that has one."""

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        match event:
            case ev.BatchStarted():
                self.work, self.jobs = list(event.work), len(event.work)
            case ev.JobStarted():
                self._began = self._began or time.monotonic()
                self._job, self._frames = event.job, max(1, event.frames)
                self._done_share = self._resumed_share = event.resumed / self._frames
            case ev.DurationEstimated():
                work = self._current_work * (1 - self._done_share)
                self._s_per_work = self._s_per_work or (event.seconds / work if work > 0 else None)
            case ev.Iterated():
                frames = event.frame + event.iteration / max(1, event.iterations)
                self._done_share = max(self._done_share, frames / self._frames)
            case ev.FrameDone():
                self.frames += not event.resumed
                self._done_share = max(self._done_share, (event.frame + 1) / self._frames)
            case ev.JobDone() | ev.JobSkipped() | ev.JobFailed():
                self._end(event)
            case _:
                pass

    def _end(self, event: ev.Event) -> None:
        work = self.work[event.job] if event.job < len(self.work) else 0.0
        self.ended += 1
        self.failed += isinstance(event, ev.JobFailed)
        self._ended_work += work
        if isinstance(event, ev.JobDone):
            self._painted_work += work * (1 - self._resumed_share)
        self._done_share = self._resumed_share = 0.0

    @property
    def _current_work(self) -> float:
        return self.work[self._job] if self._job < len(self.work) else 0.0

    @property
    def done(self) -> float:
        """Done share of all the work, 0 to 1."""
        total = sum(self.work)
        return min(1.0, (self._ended_work + self._done_share * self._current_work) / total) if total else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds to the end of the batch; None while nothing is known."""
        painted = self._painted_work + (self._done_share - self._resumed_share) * self._current_work
        elapsed_s = time.monotonic() - self._began if self._began else 0.0
        left = max(0.0, (1 - self.done) * sum(self.work))
        if not painted or elapsed_s < 1:
            return None if self._s_per_work is None else self._s_per_work * left
        return elapsed_s / painted * left

    @property
    def frames_per_s(self) -> float | None:
        """Frames and photos painted per second, since the first job started."""
        elapsed_s = time.monotonic() - self._began if self._began else 0.0
        return self.frames / elapsed_s if self.frames and elapsed_s > 0 else None
