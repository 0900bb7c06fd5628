from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED, QUICK
from support.masks import save
from support.textures import CUT, STILL, smooth_noise

from vidstyle.errors import Interrupted
from vidstyle.events import StopRequest
from vidstyle.media.frame_png import write_frame
from vidstyle.options.groups import MotionOptions, SourceOptions
from vidstyle.options.style import StyleOptions
from vidstyle.options.values import Cuts, Init, InitKind, PaintEvery
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.survey import resolve
from vidstyle.pipeline.shots import keyframes_of, plan_shot, shots_of
from vidstyle.pipeline.work.frame_store import Record
from vidstyle.pipeline.work.workdir import SHOTS, Workdir

FRAMES = 12
SHOTS_OF_FILM = [(0, 4), (4, 8), (8, 12)]
ENDS = [(0, 3), (4, 7), (8, 11)]


@pytest.fixture(scope="module")
def returning(film):
    """Film of three still shots, the last of which returns to the place of the first."""
    here, there = STILL[:4], np.stack([smooth_noise(3)] * 4)
    return film("returning", np.concatenate([here, there, here]))


@pytest.fixture
def resolved(returning, style):
    """Resolve the film; without a painter being loaded, as nothing is painted."""

    def make(*, cuts="4f,8f", options=QUICK, path=returning, output="out.mkv", **groups):
        options = replace(options, source=SourceOptions(cuts=Cuts.parse(cuts)), **groups)
        return resolve(plan([path], [style], Path(output), options)[0])

    return make


def store(work):
    for index in range(FRAMES):
        crc = write_frame(work.frame(index), np.full((2, 2, 3), 0.5, np.float32), durable=False)
        start = max(start for start, _ in SHOTS_OF_FILM if start <= index)
        work.record(Record(index, crc, {}, {}), shot_start=start)


@pytest.fixture
def work(tmp_path):
    """Work folder in which every frame is painted."""
    with Workdir(tmp_path / "out.mkv", "key", durable=False) as work:
        store(work)
        yield work


def given(path, *times, color=(9, 99, 199)):
    """Options with a picture at some times."""
    Image.new("RGB", (96, 64), color).save(path)
    return MotionOptions(keyframe=tuple(f"{time}={path}" for time in times))


def planned(spec, work):
    return keyframes_of(spec, shots_of(spec, StopRequest()), work, StopRequest())


def fail(*_arguments, **_keywords):
    raise AssertionError("it is planned again")


def test_photo_is_one_shot_of_one_keyframe(resolved, style, work):
    spec = resolved(cuts="auto", path=style, output="out.png")
    assert shots_of(spec, StopRequest()) == ((0, 1),)
    assert planned(spec, work) == [(0,)]


def test_shots_are_detected_where_no_cut_is_given(resolved, film):
    spec = resolved(cuts="auto", path=film("cut", CUT))
    assert list(shots_of(spec, StopRequest())) == [(0, 6), (6, 14)]


def test_detection_of_shots_is_stopped_on_request(resolved):
    stop = StopRequest()
    stop()
    with pytest.raises(Interrupted):
        shots_of(resolved(cuts="auto"), stop)


def test_keyframes_of_still_shots_are_their_ends(resolved, work):
    assert planned(resolved(), work) == ENDS


def test_keyframes_that_were_painted_by_hand_are_among_the_others(resolved, work, tmp_path):
    motion = given(tmp_path / "edited.png", "6f", "9f")
    assert planned(resolved(motion=motion), work) == [(0, 3), (4, 6, 7), (8, 9, 11)]


def test_keyframes_are_kept_in_the_work_folder_and_not_planned_again(resolved, work, monkeypatch):
    spec = resolved()
    planned(spec, work)
    assert [work.shot_plans[start].keyframes for start, _ in SHOTS_OF_FILM] == ENDS
    assert {plan.given for plan in work.shot_plans.values()} == {""}
    monkeypatch.setattr("vidstyle.pipeline.shots.plan_keyframes", fail)
    assert planned(spec, work) == ENDS
    assert work.missing(range(FRAMES)) == []


@pytest.mark.parametrize("torn", [b"", b"{", b"[1]", b'{"0": 1}', b'{"0": [["x"], ""]}'])
def test_torn_plan_is_made_again(resolved, work, torn):
    spec = resolved()
    planned(spec, work)
    (work.path / SHOTS).write_bytes(torn)
    assert planned(spec, work) == ENDS
    assert sorted(work.shot_plans) == [0, 4, 8]


def test_stopped_planning_keeps_the_shots_before(resolved, work, monkeypatch):
    spec, stop = resolved(), StopRequest()
    shots = shots_of(spec, stop)
    note = work.note_shot_plans
    monkeypatch.setattr(work, "note_shot_plans", lambda plans: (note(plans), stop()))
    with pytest.raises(Interrupted):
        keyframes_of(spec, shots, work, stop)
    assert list(work.shot_plans) == [0]


def test_paint_every_spreads_keyframes(resolved, monkeypatch):
    monkeypatch.setattr("vidstyle.pipeline.shots.plan_keyframes", fail)
    spec = resolved(cuts="off", motion=MotionOptions(paint_every=PaintEvery(4)))
    assert plan_shot(spec, (0, FRAMES), StopRequest()) == (0, 4, 8, 11)


def test_paint_every_spreads_keyframes_around_those_that_were_painted_by_hand(resolved, tmp_path):
    motion = replace(given(tmp_path / "edited.png", "5f"), paint_every=PaintEvery(4))
    spec = resolved(cuts="off", motion=motion)
    assert plan_shot(spec, (0, FRAMES), StopRequest(), spec.given) == (0, 4, 5, 8, 11)


def test_every_frame_is_painted_where_none_follows_from_two_others(resolved, tmp_path, monkeypatch):
    monkeypatch.setattr("vidstyle.pipeline.shots.plan_keyframes", fail)
    for index in range(FRAMES):
        save(tmp_path / "masks" / f"{index:02d}.png", np.ones((64, 96)))
    previous = replace(QUICK.paint, init=Init(InitKind.PREVIOUS))
    for spec in (
        resolved(options=COPIED),
        resolved(paint=previous),
        resolved(style=StyleOptions(mask=tmp_path / "masks")),
        resolved(options=COPIED, motion=MotionOptions(paint_every=PaintEvery(4))),
    ):
        assert plan_shot(spec, (4, 8), StopRequest()) == (4, 5, 6, 7)


def test_mask_that_stands_still_changes_no_keyframe(resolved, tmp_path):
    mask = save(tmp_path / "mask.png", np.ones((64, 96)))
    assert plan_shot(resolved(style=StyleOptions(mask=mask)), (4, 8), StopRequest()) == (4, 7)


def test_another_picture_discards_the_frames_of_its_shot_only(resolved, work, tmp_path):
    planned(resolved(), work)
    motion = given(tmp_path / "edited.png", "5f")
    assert planned(resolved(motion=motion), work)[1] == (4, 5, 7)
    assert work.missing(range(FRAMES)) == [4, 5, 6, 7]


@pytest.mark.parametrize("is_omitted", [False, True])
def test_changed_or_omitted_picture_discards_the_frames_of_its_shot(resolved, work, tmp_path, is_omitted):
    planned(resolved(motion=given(tmp_path / "edited.png", "10f")), work)
    store(work)
    before = work.shot_plans
    changed = MotionOptions() if is_omitted else given(tmp_path / "edited.png", "10f", color=(1, 2, 3))
    planned(resolved(motion=changed), work)
    assert work.missing(range(FRAMES)) == [8, 9, 10, 11]
    assert [start for start in before if work.shot_plans[start] != before[start]] == [8]


def test_keyframes_of_another_shot_are_not_planned_again(resolved, work, tmp_path, monkeypatch):
    import vidstyle.pipeline.shots as module

    planned(resolved(), work)
    ranges, plan_keyframes = [], module.plan_keyframes

    def note(images, indices, *others, **keywords):
        ranges.append(indices)
        return plan_keyframes(images, indices, *others, **keywords)

    monkeypatch.setattr(module, "plan_keyframes", note)
    planned(resolved(motion=given(tmp_path / "edited.png", "5f")), work)
    assert ranges == [range(4, 8)]


def test_shot_that_returns_to_the_place_of_a_discarded_one_is_discarded(resolved, work, tmp_path):
    planned(resolved(), work)
    assert planned(resolved(motion=given(tmp_path / "edited.png", "1f")), work) == [(0, 1, 3), *ENDS[1:]]
    assert work.missing(range(FRAMES)) == [0, 1, 2, 3, 8, 9, 10, 11]
