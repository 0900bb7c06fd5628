import dataclasses
from pathlib import Path

import pytest
from support.clips import COPIED, QUICK

from vidstyle.options.groups import MotionOptions, SourceOptions
from vidstyle.options.style import StyleOptions
from vidstyle.options.values import Cuts, FlowSource, TemporalFrames, Time
from vidstyle.pipeline.estimate.disk import DiskNeed, disk_needed
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.survey import resolve
from vidstyle.pipeline.run import stylize_many
from vidstyle.pipeline.work.frame_store import FrameStore
from vidstyle.pipeline.work.workdir import ExistingWork


@pytest.fixture
def disk(short, style):
    """Estimate for 6 frames of 48 x 32."""

    def estimate(existing=None, options=QUICK, cuts=(), strength=1.0, **motion):
        options = dataclasses.replace(
            options,
            motion=MotionOptions(**motion),
            source=SourceOptions(cuts=Cuts(cuts)),
            style=StyleOptions(strength=strength),
        )
        job = plan([short], [style], Path("out.mp4"), options)[0]
        return disk_needed(resolve(job), existing)

    return estimate


def test_frame_takes_three_channels_of_16_bits(disk):
    assert disk().total_bytes == 6 * 48 * 32 * 3 * 2


def test_copies_take_less(disk):
    assert disk(options=COPIED).total_bytes < disk().total_bytes


def test_second_pass_adds_frames_of_the_first_and_flow(disk):
    twice = disk(passes=2)
    assert (twice.earlier, twice.flows) == (6, 5)
    assert twice.total_bytes == 48 * 32 * (12 * 6 + 5 * 10)
    # Of all passes but two the frames are gone.
    assert disk(passes=5) == twice


def test_flow_is_stored_for_every_pair_of_temporal_frames(disk):
    assert disk(passes=2, temporal_frames=TemporalFrames((1, 2, 4))).flows == 5 + 4 + 2


def test_flow_from_files_is_not_stored(disk, tmp_path):
    assert disk(passes=2, flow=FlowSource(folder=tmp_path)).flows == 0


def test_only_the_longest_shot_has_frames_of_earlier_pass(disk):
    parted = disk(passes=2, cuts=(Time(frame=4),))
    assert (parted.frames, parted.earlier, parted.flows) == (6, 4, 3)


def test_undetected_shots_count_as_one(disk):
    assert disk(passes=2, cuts=None) == disk(passes=2)


def test_existing_work_takes_no_space(disk):
    left = disk(ExistingWork(frames=2, earlier=6, flows=4), passes=2)
    assert (left.frames, left.earlier, left.flows) == (4, 0, 1)


def test_transparent_frames_are_stored_again(draw, style):
    film = draw(
        "clear.mov",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=48x32:r=25:d=0.2,format=yuva444p10le",
        "-c:v",
        "prores_ks",
        "-profile:v",
        4,
    )
    jobs = [plan([film], [style], Path(name), QUICK)[0] for name in ("out.mp4", "out.webm")]
    flat, clear = (disk_needed(resolve(job)) for job in jobs)
    assert (flat.transparent, clear.transparent) == (0, 5)
    assert clear.total_bytes - flat.total_bytes == 5 * 48 * 32 * 4 * 2


def test_composited_frames_are_stored_again(disk):
    assert disk().composited == 0
    assert disk(strength=0.5).composited == 6
    assert "and 6 composited frames (6 bytes per pixel)" in str(disk(strength=0.5))


def test_sum_lists_its_terms():
    assert str(DiskNeed(64, 48, 6, 25)) == "25 frames of 64 x 48 pixels (6 bytes per pixel)"
    assert str(DiskNeed(64, 48, 6, 25, 20, 19, 3)) == (
        "25 frames of 64 x 48 pixels (6 bytes per pixel), 20 of an earlier pass, "
        "flow of 19 frame pairs (10 bytes per pixel) and 3 frames with transparency (8 bytes per pixel)"
    )


def test_run_takes_about_the_estimated_space(draw, style, tmp_path, monkeypatch):
    grain = "nullsrc=s=64x48:r=25:d=0.4,geq=random(1)*255:random(2)*255:random(3)*255"
    film = draw("grain.mkv", "-f", "lavfi", "-i", grain, "-c:v", "ffv1")
    options = dataclasses.replace(COPIED, motion=MotionOptions(passes=2), source=SourceOptions(cuts=Cuts(())))
    job = plan([film], [style], tmp_path / "out.mp4", options)[0]
    discard, taken = FrameStore.discard, []

    def measured(store, indices):
        # The folder is at its fullest before the first frame is discarded.
        files = [path for path in tmp_path.rglob("*") if path.suffix in {".png", ".npz"}]
        taken.append(sum(path.stat().st_size for path in files))
        discard(store, indices)

    monkeypatch.setattr(FrameStore, "discard", measured)
    list(stylize_many([job]))
    assert 0.6 < max(taken) / disk_needed(resolve(job)).total_bytes <= 1
