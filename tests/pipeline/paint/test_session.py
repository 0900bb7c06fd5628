from types import SimpleNamespace

import pytest

from vidstyle.errors import DeviceFullError
from vidstyle.options.groups import MotionOptions, Options
from vidstyle.options.values import TemporalFrames
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.painters.copying import CopyingPainter
from vidstyle.pipeline.work.workdir import Workdir


def session(motion=None, work=None, painter=None, observer=lambda _: None):
    targets = SimpleNamespace(coarser=())
    return JobContext(
        job=3,
        first=0,
        options=Options(),
        work=work,
        source=None,
        painter=painter or CopyingPainter(),
        targets=targets,
        flow=None,
        motion=motion or MotionOptions(),
        observer=observer,
        stop=None,
        on_frame=lambda _: None,
    )


def test_by_default_a_shot_is_gone_over_once_and_held_to_the_frame_before():
    assert (session().passes, session().distances) == (1, (1,))
    assert session(MotionOptions(temporal_frames=TemporalFrames((1, 5)))).distances == (1, 5)


def test_last_pass_lies_in_the_work_folder_itself_and_earlier_ones_beside():
    work = SimpleNamespace(earlier_pass=lambda number: f"pass {number}")
    found = [session(MotionOptions(passes=3), work).store(number) for number in (1, 2, 3)]
    assert found == ["pass 1", "pass 2", work]


def test_smaller_tiles_are_reported_and_stored_and_forbid_older_checkpoints(tmp_path):
    told, sides = [], [512]
    painter = SimpleNamespace(use_smaller_tiles=lambda *_: sides.pop() if sides else None)

    def do():
        if sides:
            raise DeviceFullError("It is full.")
        return "done"

    with Workdir(tmp_path / "out.png", "key") as work:
        made = session(work=work, painter=painter, observer=told.append)
        made.checkpoints(1, 7)[-1].save({})
        assert made.checkpoints(1, 7)[-1].load() == {}
        assert made.checkpoints(2, 7)[-1].load() is made.checkpoints(1, 8)[-1].load() is None
        assert made.fitted(30, 40, do) == "done"
        assert work.tile_px == 512
        assert made.checkpoints(1, 7)[-1].load() is None
    assert [event.job for event in told] == [3]
    assert "too little memory for 40 x 30 pixels at once; painting goes on in tiles of 512" in told[0].message


def test_copied_frame_fits():
    assert session().fitted(30, 40, lambda: "copied") == "copied"


def test_checkpoints_are_forgotten_with_the_run(tmp_path):
    for fresh in (False, True):
        with Workdir(tmp_path / "out.png", "key", fresh=fresh) as work:
            found = session(work=work).checkpoints(1, 0)[-1]
            assert found.load() is None
            found.save({})
    with pytest.raises(FileNotFoundError), Workdir(tmp_path / "out.png", "key", fresh=True):
        found.path.unlink()
