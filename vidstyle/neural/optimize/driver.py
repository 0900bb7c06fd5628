"""Loop that drives a descent from outside, by any method, and reports on it."""

import time
from collections.abc import Callable

from vidstyle.errors import Interrupted
from vidstyle.neural.optimize.monitor import Checkpoints, Monitor, Progress
from vidstyle.neural.optimize.solver import S, Solution, Solver

POLL_S = 1.0
"""Seconds between polls for progress and interruption."""


def drive(solver: Solver[S], iterations: int, monitor: Monitor) -> Solution:
    """Run a descent in chunks of about a second; their length does not change the result.

    Parameters
    ----------
    solver
        Method and start.
    iterations
        Their greatest number, not counting the evaluation of the start.
    monitor
        Progress, interruption, snapshots and checkpoints.

    Raises
    ------
    Interrupted
        The monitor asked to stop.

    """
    state, seconds = _begin(solver, monitor.checkpoints)
    done, chunk = solver.iteration(state), 1
    try:
        while done < iterations and not solver.terminate(state):
            check_stop(monitor.should_stop)
            began = time.perf_counter()
            state = solver.step(state, _until(done, chunk, iterations, monitor))
            before, done = done, solver.iteration(state)  # This waits for the device.
            elapsed = time.perf_counter() - began
            seconds += elapsed
            iteration = min(max(done, 0), iterations)
            left = iterations - iteration
            loss = solver.loss(state)
            monitor.on_progress(Progress(iteration, iterations, loss, elapsed, done - before, left))
            if monitor.snapshots is not None and (solver.in_rounds or done % monitor.snapshots.every == 0):
                monitor.snapshots(solver.image(state))
            chunk = max(1, round(POLL_S * (done - before) / elapsed))
            if monitor.checkpoints and monitor.checkpoints.due:
                _save(solver, state, seconds, monitor.checkpoints)
    # A user who does not want to wait for the end of a step interrupts the process itself.
    except (Interrupted, KeyboardInterrupt):
        _save(solver, state, seconds, monitor.checkpoints)
        raise
    return solver.solution(state, seconds)


def check_stop(should_stop: Callable[[], bool]) -> None:
    """Interrupt a descent on request."""
    if should_stop():
        raise Interrupted("Stopped; what is painted is kept.")


def _begin(solver: Solver[S], checkpoints: Checkpoints | None) -> tuple[S, float]:
    """State to go on from, and the seconds that it took: the one saved, or the start."""
    start = solver.init()
    saved = checkpoints.load() if checkpoints else None
    return (saved and solver.restore(saved, start)) or (start, 0.0)


def _until(done: int, chunk: int, iterations: int, monitor: Monitor) -> int:
    """End the next chunk at an iteration no later than the next snapshot."""
    until = min(done + chunk, iterations)
    if monitor.snapshots is None:
        return until
    every = monitor.snapshots.every
    return min(until, (done // every + 1) * every)  # The first is the start.


def _save(solver: Solver[S], state: S, seconds: float, checkpoints: Checkpoints | None) -> None:
    arrays = solver.save(state, seconds) if checkpoints else None
    if checkpoints and arrays:
        checkpoints.save(arrays)
