"""What a run looks like from outside: a progress bar, plain lines, JSON lines, or nothing but failures.

Progress and complaints go to stderr; results go to stdout, so that `vidstyle ... > done.txt` collects them.
"""

import json
import math
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from vidstyle import events as ev
from vidstyle.cli.report.eta import BatchPace, Pace
from vidstyle.cli.report.format import Outcome, clock, count, figure, shown, summary, tally
from vidstyle.cli.report.stats_file import as_json
from vidstyle.cli.streams import Stream
from vidstyle.events import in_words

_NAMED = 20
"""So many failures are named again at the end."""
RESUMABLE = "run the same command to go on"


class Quiet:
    """Says only what went wrong."""

    def __init__(self, out: Stream, err: Stream) -> None:
        self.out, self.err = out, err
        self.batch = BatchPace()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take down what moves."""

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        self.batch.see(event)
        if isinstance(event, ev.JobFailed):
            self.warn(event.error)
        elif isinstance(event, ev.JobInterrupted):
            left = f", {count(event.frames_left, 'frame')} left" if event.frames_left else ""
            self.warn(f"{shown(event.input)}: stopped{left}; {RESUMABLE}.")

    def warn(self, sentence: str) -> None:
        """Say something that must not be missed."""
        self.err.line(f"vidstyle: {sentence}")

    def ended(self, outcomes: Sequence[Outcome], left: int) -> None:
        """Say what came of several jobs, of which so many were not begun."""
        if left:
            self.warn(f"{left} of {len(outcomes) + left} not begun; {RESUMABLE}.")
        failed = [shown(outcome.input) for outcome in outcomes if outcome.status is ev.Status.FAILED]
        if failed:
            more = f" and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
            names = ", ".join(failed[:_NAMED])
            self.warn(f"{len(failed)} of {len(outcomes) + left} failed: {names}{more}.")


class JsonLines(Quiet):
    """Writes every event as one JSON object a line on stdout; failures are said on stderr too."""

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        self.out.line(json.dumps({"event": type(event).__name__, **as_json(event)}))
        super().__call__(event)
        if self.batch.jobs and isinstance(event, _STEPS):
            self.out.line(json.dumps({"event": "BatchProgress", **as_json(self._progress(event.job))}))

    def _progress(self, job: int) -> dict[str, float | None]:
        """How far the batch is: the share of the work, seconds left, frames a second."""
        batch = self.batch
        counts = {"job": job, "jobs": batch.jobs, "ended": batch.ended, "failed": batch.failed}
        return counts | {"done": batch.done, "left_s": batch.left_s, "frames_per_s": batch.frames_per_s}

    def ended(self, outcomes: Sequence[Outcome], left: int) -> None:
        """Add the counts."""
        counts = tally(outcomes)
        self.out.line(json.dumps({"event": "BatchDone", **counts, "left": left}))
        super().ended(outcomes, left)


_STEPS = (ev.FrameDone, ev.JobDone, ev.JobSkipped, ev.JobFailed)


class Plain(Quiet):
    """Writes lines without control codes, a few a minute: for logs, pipes and cron."""

    def __init__(self, out: Stream, err: Stream, iterations: int, *, every_s: float = 5.0) -> None:
        super().__init__(out, err)
        self.iterations, self.every_s = iterations, every_s
        self.name, self.pace = "", Pace(0, 0, iterations)
        self._said = -math.inf
        self._foretold = False

    def __call__(self, event: ev.Event) -> None:
        """Observe an event."""
        super().__call__(event)
        self.pace.see(event)
        match event:
            case ev.Notice():
                self.warn(event.message)
            case ev.AlbumRead():
                self.album(event)
            case ev.JobStarted():
                self.name = shown(event.input)
                self.pace = Pace(event.frames, event.resumed, self.iterations, event.passes)
                self._said = -math.inf
                self.started(event)
            case ev.DurationEstimated():
                self.estimated(event)
            case ev.Iterated() | ev.FrameDone():
                self.progressed(event)
            case ev.Encoding():
                self.encoding(event)
            case ev.JobDone():
                self.finished(summary(event))
            case ev.JobSkipped():
                self.finished(f"{shown(event.output)}: made before by the same request, nothing to do")
            case _:
                pass

    def album(self, event: ev.AlbumRead) -> None:
        """Say what a folder holds."""
        passed = in_words(event.passed_over)
        self.warn(
            f"{shown(event.folder)}: {count(event.found, 'file')} to paint"
            + (f"; passed over: {passed}." if passed else ".")
        )

    def ended(self, outcomes: Sequence[Outcome], left: int) -> None:
        """Count them, and say what went wrong last."""
        self.err.line(", ".join(f"{number} {status}" for status, number in tally(outcomes).items()))
        super().ended(outcomes, left)

    def started(self, event: ev.JobStarted) -> None:
        """Announce a job."""
        place = f"[{event.job + 1}/{event.jobs}{self._overall()}] " if event.jobs > 1 else ""
        before = f", {event.resumed} painted before" if event.resumed else ""
        self.err.line(
            f"{place}{self.name} -> {shown(event.output)}: "
            f"{count(event.frames, 'frame')} of {event.width}x{event.height}{before}"
        )

    def estimated(self, event: ev.DurationEstimated) -> None:
        """Say how long it will take; of a batch, once."""
        if self.batch.jobs > 1 and self._foretold:
            return
        self._foretold = True
        text = f"{self.name}: at most {clock(event.seconds)} to paint"
        if self.batch.jobs > 1 and self.batch.left_s:
            text += f"; all {self.batch.jobs} at most {clock(self.batch.left_s)}"
        self.say(text)

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self.err.line(text)

    def _overall(self) -> str:
        """How far the batch is."""
        batch = self.batch
        text = f", {batch.done:.0%} done" if batch.done else ""
        text += f", {batch.failed} failed" if batch.failed else ""
        return text + (f", {clock(batch.left_s)} left" if batch.left_s else "")

    def progressed(self, event: ev.Iterated | ev.FrameDone) -> None:
        """Say how far it is, unless that was said a moment ago."""
        now = time.monotonic()
        last = isinstance(event, ev.FrameDone) and event.frame + 1 == self.pace.frames
        if last and event.loss is None and self.pace.frames == 1:
            return  # A photo that is copied: its result follows at once.
        # A finished frame says more than one under way, which speaks up only where a frame takes long.
        pause_s = self.every_s if isinstance(event, ev.FrameDone) else 3 * self.every_s
        if now - self._said < pause_s and not last:
            return
        self._said = now
        text = f"{self.name}: frame {event.frame + 1}/{self.pace.frames}{self.pace.pass_shown}"
        if isinstance(event, ev.Iterated):
            text += f", iteration {event.iteration}/{event.iterations}, loss {figure(event.loss)}"
        elif event.resumed:
            text += ", painted before"
        else:
            loss = f", loss {figure(event.loss.total)}" if event.loss else ""
            text += f", {count(event.iterations, 'iteration')}, {event.seconds:.1f} s{loss}"
        if self.pace.left_s:
            text += f", {clock(self.pace.left_s)} left"
        self.err.line(text)

    def encoding(self, event: ev.Encoding) -> None:
        """Say that the painting is over."""
        if event.frames > 1:
            self.err.line(f"{self.name}: putting {count(event.frames, 'frame')} together")

    def finished(self, text: str) -> None:
        """Hand over a result."""
        self.out.line(text)


def choose(*, quiet: bool, log_json: bool, iterations: int) -> Quiet:
    """Face for this run: JSON lines or silence where asked for, a bar for who watches, lines for a log."""
    out, err = Stream(sys.stdout), Stream(sys.stderr)
    if log_json:
        return JsonLines(out, err)
    if quiet:
        return Quiet(out, err)
    if not err.isatty():
        return Plain(out, err, iterations)
    from vidstyle.cli.report.bars import Terminal  # noqa: PLC0415 - whoever reads a log needs no bars.

    return Terminal(out, err, iterations)
