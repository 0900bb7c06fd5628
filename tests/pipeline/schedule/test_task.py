import pickle
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from vidstyle.media.video.probe import Kind
from vidstyle.options.groups import Options
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.schedule.task import ShotTask, plan_tasks

JOB = Job(Path("in.mp4"), Kind.FILM, (), Path("out.mp4"), Options())
HERE, THERE = np.random.default_rng(4).random((2, 32, 48, 3), np.float32)
FILM = [HERE, HERE, THERE, THERE, HERE, HERE]


def opened():
    read = []

    @contextmanager
    def source(index):
        read.append(index)
        yield iter(FILM[index:])

    return source, read


def test_task_survives_pickling():
    task = ShotTask(JOB, 2, 4, 6, 0, 1)
    assert pickle.loads(pickle.dumps(task)) == task


def test_shot_that_returns_to_a_place_names_the_shot_it_depends_on():
    source, _ = opened()
    shots = [(0, 2), (2, 4), (4, 6)]
    tasks = list(plan_tasks(JOB, shots, source, recurring=range(6)))
    assert [(task.start, task.stop) for task in tasks] == shots
    assert [(task.depends_on, task.recurs_from) for task in tasks] == [(None, None), (None, None), (0, 1)]


def test_shots_that_are_painted_are_not_compared():
    source, read = opened()
    tasks = list(plan_tasks(JOB, [(0, 2), (2, 4), (4, 6)], source, recurring=()))
    assert {task.recurs_from for task in tasks} == {None}
    assert read == []


def test_tasks_are_made_when_they_are_asked_for():
    source, read = opened()
    tasks = plan_tasks(JOB, [(0, 2), (2, 4), (4, 6)], source, recurring=range(6))
    next(tasks)
    assert read == []
    next(tasks)
    assert read
