from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED

from vidstyle.errors import InputError, UsageError
from vidstyle.options.groups import SourceOptions
from vidstyle.options.style import Style
from vidstyle.options.values import Size
from vidstyle.pipeline import grid as module
from vidstyle.pipeline.grid import Axis, paint_grid

OPTIONS = replace(COPIED, source=SourceOptions(size=Size(32)))


def test_axis_is_an_option_with_its_values():
    assert Axis.parse("--style_weight=1,2") == Axis("style-weight", ("1", "2"))
    assert Axis.parse("style-layers=conv1_1,conv2_1;conv3_1").values == ("conv1_1,conv2_1", "conv3_1")


@pytest.mark.parametrize("text", ["", "size", "size=", "=1", "size=1,,2"])
def test_invalid_axis_is_refused(text):
    with pytest.raises(UsageError, match="--grid"):
        Axis.parse(text)


def test_each_combination_is_painted_and_labelled(style, tmp_path, monkeypatch):
    sheets, told = [], []
    monkeypatch.setattr(module, "write_sheet", lambda *arguments: sheets.append(arguments))
    axes = [Axis("size", ("24", "32")), Axis("seed", ("1", "2", "3"))]
    paint_grid(
        style, [Style(style)], axes, OPTIONS, tmp_path / "sheet.png", on_cell=lambda *n: told.append(n)
    )
    ((path, rows, labels),) = sheets
    assert path == tmp_path / "sheet.png"
    assert [[image.shape for image in row] for row in rows] == [[(18, 24, 3)] * 3, [(24, 32, 3)] * 3]
    assert labels[1] == ["size 32, seed 1", "size 32, seed 2", "size 32, seed 3"]
    assert told[-1] == (6, 6)


def test_style_is_labelled_without_folders(style, tmp_path, monkeypatch):
    sheets = []
    monkeypatch.setattr(module, "write_sheet", lambda *arguments: sheets.append(arguments))
    axes = [Axis("style", (str(style), f"{style}@{style}:2"))]
    paint_grid(style, [], axes, OPTIONS, tmp_path / "sheet.png")
    assert sheets[0][2] == [["style starry.png", "style starry.png@starry.png:2"]]


def test_sheet_is_an_image_with_margins(style, tmp_path):
    paint_grid(style, [Style(style)], [Axis("seed", ("1", "2"))], OPTIONS, tmp_path / "sheet.png")
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert sheet.shape[1] > 2 * 32
    assert (sheet[:6] == 255).all()


@pytest.mark.parametrize(
    ("axis", "fault"),
    [
        (Axis("sizes", ("1",)), "unknown option 'sizes'"),
        (Axis("seed", ("many",)), "--grid: .*'many'"),
        (Axis("preset", ("picasso",)), "unknown preset 'picasso'"),
        (Axis("size", ("3",)), "--size 3"),
        (Axis("seed", tuple(map(str, range(65)))), "65 combinations"),
    ],
)
def test_invalid_combination_is_refused(style, tmp_path, axis, fault):
    with pytest.raises(UsageError, match=fault):
        paint_grid(style, [Style(style)], [axis], OPTIONS, tmp_path / "sheet.png")


def test_film_is_refused(short, style, tmp_path):
    with pytest.raises(InputError, match="is a film; give a photo"):
        paint_grid(short, [Style(style)], [Axis("seed", ("1",))], OPTIONS, tmp_path / "sheet.png")
