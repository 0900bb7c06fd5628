"""Contract of a scheduler: shots in the order of their dependencies, nothing passed back but results."""

import pickle

import numpy as np
import pytest
from support.shots import Stage, moving_texture

from vidstyle.errors import Interrupted
from vidstyle.events import ShotStarted
from vidstyle.media.video.probe import Kind
from vidstyle.options.groups import Options
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.schedule.in_process import InProcess
from vidstyle.pipeline.schedule.task import ShotResult, plan_tasks
from vidstyle.pipeline.work.workdir import Workdir

SHOTS = [(0, 3), (3, 6), (6, 9)]


class Pickling(InProcess):
    """Scheduler whose tasks go through a pickle, as on their way to another machine."""

    def run(self, tasks):
        return super().run(pickle.loads(pickle.dumps(task)) for task in tasks)


@pytest.fixture(params=[InProcess, Pickling])
def scheduler(request):
    return request.param


def to_and_fro():
    here, there = moving_texture(6), [image[::-1, ::-1] * np.float32(0.4) for image in moving_texture(3, 2)]
    return [*here[:3], *map(np.ascontiguousarray, there), *here[3:]]


def paint(stage, scheduler, recurring=range(9)):
    job = Job(stage.output, Kind.FILM, (), stage.output, Options())
    with Workdir(stage.output, "key") as work:
        stage.work = work
        tasks = plan_tasks(job, SHOTS, stage.source, recurring=recurring)
        return list(scheduler(stage.context(work)).run(tasks))


def test_every_shot_is_announced_and_painted_in_order(tmp_path, scheduler):
    stage = Stage(tmp_path, to_and_fro())
    results = paint(stage, scheduler)
    assert [(result.task.start, result.frames) for result in results] == [(0, 3), (3, 3), (6, 3)]
    assert all(isinstance(result, ShotResult) for result in results)
    started = [(event.start, event.stop) for event in stage.events if isinstance(event, ShotStarted)]
    assert started == SHOTS
    assert stage.painter.painted == list(range(9))


def test_shot_that_recurs_starts_from_the_shot_it_depends_on(tmp_path, scheduler):
    stage = Stage(tmp_path, to_and_fro())
    results = paint(stage, scheduler)
    assert [result.task.depends_on for result in results] == [None, None, 0]
    assert [stage.painter.given[index].start is None for index in (0, 3, 6)] == [True, True, False]


def test_finished_shots_are_reported_and_not_painted_again(tmp_path, scheduler):
    stage = Stage(tmp_path, to_and_fro())
    paint(stage, scheduler)
    stage.painter.painted.clear()
    assert [result.frames for result in paint(stage, scheduler, ())] == [0, 0, 0]
    assert stage.painter.painted == []


def test_request_to_stop_interrupts_between_two_frames(tmp_path, scheduler):
    stage = Stage(tmp_path, to_and_fro())
    stage.painter.before = lambda index, _report: index == 4 and stage.stop()
    with pytest.raises(Interrupted):
        paint(stage, scheduler)
    assert stage.painter.painted == [0, 1, 2, 3, 4]
