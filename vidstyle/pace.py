"""How long a job will still take."""

from collections import deque

from vidstyle import events as ev


class Pace:
    """How fast one job goes, and how long it will still take."""

    def __init__(self, frames: int, done: int, iterations: int) -> None:
        self.frames, self.done = frames, done
        self.iterations = iterations  # of a frame that starts from its predecessor
        self.rate: float | None = None  # iterations a second
        self.current = -1  # frame under the brush; saving follows it at a distance
        self._left_in_frame: int | None = None
        self._cold: set[int] = set()
        self._recent: deque[float] = deque(maxlen=20)

    def see(self, event: ev.Event) -> None:
        """Take account of an event."""
        match event:
            case ev.ShotStarted():
                self._cold.add(event.start)
            case ev.Iterated():
                # What comes before the first iteration is the compilation, which foretells nothing.
                if event.iteration > 0 and event.steps > 0 and event.seconds > 0:
                    self.rate = event.steps / event.seconds
                self._left_in_frame = event.iterations - event.iteration
                self.current = event.frame
                self.done = max(self.done, event.frame)
            case ev.FrameDone():
                self.done = max(self.done, event.frame + 1)
                if event.frame >= self.current:
                    self._left_in_frame = None
                # A shot's first frame takes many times the iterations of the others, and foretells nothing.
                if not event.resumed and event.frame not in self._cold:
                    self._recent.append(event.seconds)
            case _:
                pass

    @property
    def left_s(self) -> float | None:
        """Seconds to the last painted frame; None as long as nothing is known."""
        frames = self.frames - self.done
        if frames <= 0:
            return 0.0
        current = 0.0
        if self._left_in_frame is not None and self.rate:
            current = self._left_in_frame / self.rate
            frames -= 1
        if self._recent:
            return current + frames * sum(self._recent) / len(self._recent)
        if self.rate:
            return current + frames * self.iterations / self.rate
        return None
