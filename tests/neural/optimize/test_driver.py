import weakref
from dataclasses import dataclass

import numpy as np
import pytest
from support.checkpoints import MemoryCheckpoints

from vidstyle.errors import Interrupted
from vidstyle.neural.optimize import driver
from vidstyle.neural.optimize.driver import drive
from vidstyle.neural.optimize.monitor import Monitor, SnapshotCallback
from vidstyle.neural.optimize.solver import Solution


@dataclass
class State:
    """Iterations done, and so the image."""

    done: int


class Counter:
    """Solver that counts; its steps take no time."""

    in_rounds = False

    def __init__(self, ends_at=1000):
        self.ends_at, self.calls, self.alive = ends_at, [], []

    def init(self):
        start = State(-1)
        self.alive.append(weakref.ref(start))
        return start

    def step(self, state, until):
        self.calls.append((state.done, until))
        self.alive.append(self.alive[0]() is not None)
        return State(min(until, self.ends_at))

    def terminate(self, state):
        return state.done == self.ends_at

    def iteration(self, state):
        return state.done

    def loss(self, state):
        return 100.0 - state.done

    def image(self, state):
        return np.full((1, 1, 3), state.done, np.float32)

    def solution(self, state, seconds):
        return Solution(self.image(state), self.loss(state), state.done, seconds)

    def save(self, state, seconds):
        return None if state.done < 0 else {"done": np.array(state.done), "seconds": np.array(seconds)}

    def restore(self, arrays, _start):
        return State(int(arrays["done"])), float(arrays["seconds"])


class Rounds(Counter):
    """Solver that decides itself when a step ends."""

    in_rounds = True

    def init(self):
        return State(0)

    def step(self, state, _until):
        return State(state.done + 4)


@pytest.fixture
def one_by_one(monkeypatch):
    """Let every chunk be one iteration."""
    monkeypatch.setattr(driver, "POLL_S", 0.0)


@pytest.fixture
def at_once(monkeypatch):
    """Let the second chunk be all that is left."""
    monkeypatch.setattr(driver, "POLL_S", 1e9)


@pytest.mark.usefixtures("at_once")
def test_chunks_grow_with_speed_up_to_the_last_iteration():
    solver = Counter()
    found = drive(solver, 9, Monitor())
    assert solver.calls == [(-1, 0), (0, 9)]
    assert (found.iterations, found.loss) == (9, 91.0)


@pytest.mark.usefixtures("one_by_one")
def test_descent_ends_when_its_solver_does():
    reports = []
    assert drive(Counter(ends_at=4), 9, Monitor(on_progress=reports.append)).iterations == 4
    assert [report.iteration for report in reports] == [0, 1, 2, 3, 4]
    assert [(report.steps, report.left, report.iterations) for report in reports[:2]] == [
        (1, 9, 9),
        (1, 8, 9),
    ]
    assert reports[-1].loss == 96.0


@pytest.mark.parametrize("poll_s", [0.0, 1e9])
def test_snapshots_are_of_the_start_and_every_few_iterations(monkeypatch, poll_s):
    monkeypatch.setattr(driver, "POLL_S", poll_s)
    images = []
    drive(Counter(), 10, Monitor(snapshots=SnapshotCallback(4, images.append)))
    assert [int(image[0, 0, 0]) for image in images] == [0, 4, 8]


def test_each_round_is_a_snapshot_and_is_never_cut():
    images, reports = [], []
    monitor = Monitor(on_progress=reports.append, snapshots=SnapshotCallback(5, images.append))
    assert drive(Rounds(), 10, monitor).iterations == 12
    assert [int(image[0, 0, 0]) for image in images] == [4, 8, 12]
    assert [report.iteration for report in reports] == [4, 8, 10]


@pytest.mark.usefixtures("one_by_one")
def test_start_is_released_after_the_first_step():
    # Of a large image it takes as much memory as the current state.
    solver = Counter()
    drive(solver, 3, Monitor())
    assert solver.alive[1:] == [True, False, False, False]


@pytest.mark.usefixtures("one_by_one")
def test_state_is_saved_when_that_is_due():
    checkpoints = MemoryCheckpoints()
    drive(Counter(), 3, Monitor(checkpoints=checkpoints))
    assert [int(arrays["done"]) for arrays in checkpoints.saved] == [0, 1, 2, 3]


@pytest.mark.usefixtures("one_by_one")
def test_interrupted_descent_is_saved_and_goes_on_from_there():
    checkpoints, reports = MemoryCheckpoints(due=False), []
    monitor = Monitor(reports.append, lambda: len(reports) == 3, checkpoints=checkpoints)
    with pytest.raises(Interrupted):
        drive(Counter(), 9, monitor)
    assert [int(arrays["done"]) for arrays in checkpoints.saved] == [2]
    solver = Counter()
    drive(solver, 9, Monitor(checkpoints=checkpoints))
    assert solver.calls[0] == (2, 3)


def test_descent_interrupted_before_its_start_saves_nothing():
    checkpoints = MemoryCheckpoints()
    with pytest.raises(Interrupted):
        drive(Counter(), 9, Monitor(should_stop=lambda: True, checkpoints=checkpoints))
    assert checkpoints.saved == []
