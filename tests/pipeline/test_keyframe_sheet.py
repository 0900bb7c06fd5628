import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED, QUICK
from support.masks import save
from support.textures import CUT

from vidstyle.errors import InputError, UsageError
from vidstyle.options.groups import MotionOptions, SourceOptions
from vidstyle.options.style import Style, StyleOptions
from vidstyle.options.values import Cuts, Size, Time
from vidstyle.pipeline import keyframe_sheet as module
from vidstyle.pipeline.keyframe_sheet import ShotKeyframes, paint_keyframe_sheet
from vidstyle.pipeline.results import JobResult

SOURCE = SourceOptions(size=Size(48), cuts=Cuts.parse("6f"))
OPTIONS = replace(COPIED, source=SOURCE)


@pytest.fixture(scope="module")
def cut(film):
    """Film of 14 frames, 96 x 64, with a cut after the sixth."""
    return film("cut", CUT)


@pytest.fixture
def sheets(monkeypatch):
    """Record the sheets instead of writing them."""
    written = []
    monkeypatch.setattr(module, "write_sheet", lambda *arguments: written.append(arguments))
    return written


@pytest.fixture
def jobs(monkeypatch):
    """Copy pictures instead of painting them, whatever the painter."""
    done = []

    def stylize_many(jobs, **_):
        for job in jobs:
            done.append(job)
            shutil.copyfile(job.input, job.output)
            yield JobResult(job.input, job.output)

    monkeypatch.setattr(module, "stylize_many", stylize_many)
    return done


def test_sheet_has_a_row_per_shot(cut, style, tmp_path):
    paint_keyframe_sheet(cut, [Style(style)], OPTIONS, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as image:
        sheet = np.asarray(image)
    assert sheet.shape[1] == 3 * (48 + 6) + 6
    assert (sheet.shape[0] - 6) % 2 == 0
    assert (sheet[:6] == 255).all()
    row = (sheet.shape[0] - 6) // 2
    first, second = sheet[6:38, 6:54], sheet[6 + row : 38 + row, 6:54]
    assert np.abs(first.astype(float) - second).mean() > 10


def test_cells_are_labelled_frames_of_the_film(cut, style, tmp_path, sheets):
    told = []
    options = replace(OPTIONS, source=replace(SOURCE, size=Size(96)))
    paint_keyframe_sheet(
        cut, [Style(style)], options, tmp_path / "sheet.png", on_cell=lambda *n: told.append(n)
    )
    ((path, rows, labels),) = sheets
    assert path == tmp_path / "sheet.png"
    # Without a painter every frame is a keyframe, and three of a shot are shown.
    indices = [[0, 2, 5], [6, 10, 13]]
    times = [["0:00.00", "0:00.08", "0:00.20"], ["0:00.24", "0:00.40", "0:00.52"]]
    assert labels == [
        [f"{time}, frame {index}" for time, index in zip(*row, strict=True)]
        for row in zip(times, indices, strict=True)
    ]
    for cells, row in zip(rows, indices, strict=True):
        for cell, index in zip(cells, row, strict=True):
            np.testing.assert_allclose(cell, CUT[index] / 255, atol=2 / 255)
    assert told == [(number, 6) for number in range(1, 7)]


def test_shots_are_returned_with_their_times_and_keyframes(cut, style, tmp_path, sheets, jobs):
    found = paint_keyframe_sheet(cut, [Style(style)], replace(QUICK, source=SOURCE), tmp_path / "sheet.png")
    assert found == [
        ShotKeyframes(0.0, 6, (0, 5)),
        ShotKeyframes(pytest.approx(0.24), 8, (6, 13)),
    ]
    assert [len(row) for row in sheets[0][1]] == [2, 2]
    assert {job.styles for job in jobs} == {(Style(style),)}


def test_part_of_the_film_keeps_its_times(cut, style, tmp_path, sheets, jobs):
    source = SourceOptions(Size(48), Time(frame=8), Time(frame=12), Cuts.parse("off"))
    found = paint_keyframe_sheet(cut, [Style(style)], replace(QUICK, source=source), tmp_path / "sheet.png")
    assert found == [ShotKeyframes(pytest.approx(0.32), 4, (8, 11))]
    assert sheets[0][2] == [["0:00.32, frame 8", "0:00.44, frame 11"]]
    assert len(jobs) == 2


def test_masks_that_move_are_refused_by_name(cut, style, tmp_path):
    for index in range(14):
        save(tmp_path / "masks" / f"{index:02d}.png", np.ones((32, 48)))
    options = replace(QUICK, source=SOURCE, style=StyleOptions(mask=tmp_path / "masks"))
    with pytest.raises(InputError, match=r"the masks of .* move, and a sheet shows single frames"):
        paint_keyframe_sheet(cut, [Style(style)], options, tmp_path / "sheet.png")
    assert not (tmp_path / "sheet.png").exists()


def test_pictures_of_keyframes_are_not_passed_on(cut, style, tmp_path, sheets, jobs):
    picture = tmp_path / "edited.png"
    Image.new("RGB", (48, 32)).save(picture)
    motion = MotionOptions(keyframe=(f"0={picture}",))
    options = replace(QUICK, source=SOURCE, motion=motion)
    paint_keyframe_sheet(cut, [Style(style)], options, tmp_path / "sheet.png")
    assert {job.options.motion.keyframe for job in jobs} == {()}
    assert sheets


@pytest.mark.parametrize(("shots", "cells"), [(1, 3), (3, 3), (4, 2)])
def test_few_shots_have_a_row_each_from_the_first_frame_to_the_last(shots, cells):
    bounds = [(10 * number, 10 * number + 10) for number in range(shots)]
    chosen = module._choose(bounds, [tuple(range(*shot)) for shot in bounds])
    assert [len(row) for row in chosen] == [cells] * shots
    assert (chosen[0][0], chosen[-1][-1]) == (0, 10 * shots - 1)


@pytest.mark.parametrize(("shots", "rows"), [(5, [3, 2]), (9, [3, 3, 3]), (30, [3, 3, 3])])
def test_many_shots_have_one_keyframe_each_from_their_middle(shots, rows):
    bounds = [(10 * number, 10 * number + 10) for number in range(shots)]
    chosen = module._choose(bounds, [tuple(range(*shot)) for shot in bounds])
    assert [len(row) for row in chosen] == rows
    assert (chosen[0][0], chosen[-1][-1]) == (5, 10 * (shots - 1) + 5)


def test_shot_with_few_keyframes_has_a_short_row():
    assert module._choose([(0, 5), (5, 6)], [(0, 4), (5,)]) == [[0, 4], [5]]


def test_photo_is_refused(style, tmp_path):
    with pytest.raises(InputError, match=r"starry\.png' is a photo, which has no keyframes; give a film"):
        paint_keyframe_sheet(style, [Style(style)], COPIED, tmp_path / "sheet.png")
    assert list(tmp_path.iterdir()) == []


def test_file_that_is_missing_is_refused_by_name(style, tmp_path):
    with pytest.raises(InputError, match=r"gone\.mp4'"):
        paint_keyframe_sheet(tmp_path / "gone.mp4", [Style(style)], COPIED, tmp_path / "sheet.png")


def test_sheet_that_is_no_picture_is_refused_before_painting(cut, style, tmp_path):
    with pytest.raises(UsageError, match=r"sheet\.mp4"):
        paint_keyframe_sheet(cut, [Style(style)], COPIED, tmp_path / "sheet.mp4")
