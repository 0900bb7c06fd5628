import dataclasses
from pathlib import Path

import pytest
from support.clips import COPIED, QUICK

from vidstyle.options.groups import MotionOptions, SourceOptions
from vidstyle.options.style import StyleOptions
from vidstyle.options.values import Cuts, FlowSource, TemporalFrames, Time
from vidstyle.pipeline.estimate.disk import Disk, disk_of
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.survey import resolve
from vidstyle.pipeline.run import stylize_many
from vidstyle.pipeline.work.frame_store import FrameStore
from vidstyle.pipeline.work.workdir import ExistingWork


@pytest.fixture
def disk(short, style):
    """Estimate for 6 frames of 48 x 32."""

    def estimate(begun=None, options=QUICK, cuts=(), strength=1.0, **motion):
        options = dataclasses.replace(
            options,
            motion=MotionOptions(**motion),
            source=SourceOptions(cuts=Cuts(cuts)),
            style=StyleOptions(strength=strength),
        )
        job = plan([short], [style], Path("out.mp4"), options)[0]
        return disk_of(job, resolve(job), begun)

    return estimate


def test_each_frame_is_stored_with_three_channels_of_16_bits(disk):
    assert disk().total_bytes == 6 * 48 * 32 * 3 * 2


def test_copies_take_less(disk):
    assert disk(options=COPIED).total_bytes < disk().total_bytes


def test_a_further_pass_has_the_frames_of_the_pass_before_and_flow_beside_it(disk):
    twice = disk(passes=2)
    assert (twice.earlier, twice.flows) == (6, 5)
    assert twice.total_bytes == 48 * 32 * (12 * 6 + 5 * 10)
    # Of all passes but two the frames are gone.
    assert disk(passes=5) == twice


def test_flow_is_kept_of_every_pair_that_is_looked_at(disk):
    assert disk(passes=2, temporal_frames=TemporalFrames((1, 2, 4))).flows == 5 + 4 + 2


def test_flow_that_is_read_is_not_kept(disk, tmp_path):
    assert disk(passes=2, flow=FlowSource(folder=tmp_path)).flows == 0


def test_of_several_shots_only_one_at_a_time_has_more_than_its_frames(disk):
    parted = disk(passes=2, cuts=(Time(frame=4),))
    assert (parted.frames, parted.earlier, parted.flows) == (6, 4, 3)


def test_where_shots_are_still_to_be_found_the_film_may_be_one(disk):
    assert disk(passes=2, cuts=None) == disk(passes=2)


def test_what_lies_there_needs_no_room(disk):
    left = disk(ExistingWork(frames=2, earlier=6, flows=4), passes=2)
    assert (left.frames, left.earlier, left.flows) == (4, 0, 1)


def test_transparency_is_put_back_into_frames_of_their_own(draw, style):
    film = draw("clear.mov", "-f", "lavfi", "-i", "testsrc2=s=48x32:r=25:d=0.2,format=yuva444p10le", "-c:v", "prores_ks", "-profile:v", 4)  # fmt: skip
    jobs = [plan([film], [style], Path(name), QUICK)[0] for name in ("out.mp4", "out.webm")]
    flat, clear = (disk_of(job, resolve(job)) for job in jobs)
    assert (flat.transparent, clear.transparent) == (0, 5)
    assert clear.total_bytes - flat.total_bytes == 5 * 48 * 32 * 4 * 2


def test_frames_that_something_is_made_of_are_stored_once_more(disk):
    assert disk().shown == 0
    assert disk(strength=0.5).shown == 6
    assert "6 as they are shown, 6 bytes a pixel," in str(disk(strength=0.5))


def test_the_sum_names_what_it_is_made_of():
    assert str(Disk(64, 48, 6, 25)) == "25 frames of 64 x 48 pixels, 6 bytes each,"
    assert str(Disk(64, 48, 6, 25, 20, 19, 3)) == (
        "25 frames of 64 x 48 pixels, 6 bytes each, 20 of an earlier pass, the flow of 19 pairs of frames, 10 bytes a pixel, "
        "and 3 frames with their transparency, 8 bytes a pixel,"
    )


def test_a_run_takes_no_more_than_that_and_not_much_less(draw, style, tmp_path, monkeypatch):
    grain = "nullsrc=s=64x48:r=25:d=0.4,geq=random(1)*255:random(2)*255:random(3)*255"
    film = draw("grain.mkv", "-f", "lavfi", "-i", grain, "-c:v", "ffv1")
    options = dataclasses.replace(COPIED, motion=MotionOptions(passes=2), source=SourceOptions(cuts=Cuts(())))
    job = plan([film], [style], tmp_path / "out.mp4", options)[0]
    forget, taken = FrameStore.forget, []

    def look(store, indices):
        # Before the first thing is taken away, most lies there.
        files = [path for path in tmp_path.rglob("*") if path.suffix in {".png", ".npz"}]
        taken.append(sum(path.stat().st_size for path in files))
        forget(store, indices)

    monkeypatch.setattr(FrameStore, "forget", look)
    list(stylize_many([job]))
    assert 0.6 < max(taken) / disk_of(job, resolve(job)).total_bytes <= 1
