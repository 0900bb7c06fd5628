from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from support.textures import CUT

from vidstyle.cli.app import main
from vidstyle.options.style import Style
from vidstyle.options.values import Size
from vidstyle.pipeline.keyframe_sheet import ShotKeyframes


@pytest.fixture
def requests(monkeypatch):
    """Record requests to the pipeline, instead of painting."""
    import vidstyle.pipeline.keyframe_sheet as module

    calls = []

    def paint_keyframe_sheet(*arguments, stop, on_cell):
        calls.append(SimpleNamespace(arguments=arguments, stop=stop))
        on_cell(1, 2)
        return [ShotKeyframes(0.0, 6, (0, 5)), ShotKeyframes(1.25, 1, (6,))]

    monkeypatch.setattr(module, "paint_keyframe_sheet", paint_keyframe_sheet)
    return calls


def test_words_become_a_request(requests, capsys):
    assert (
        main(
            [
                "keyframes",
                "film.mp4",
                "--style",
                "a.jpg",
                "--style",
                "b.jpg:2",
                "-o",
                "out.png",
                "--size",
                "96",
            ]
        )
        == 0
    )
    film, styles, options, output = requests[0].arguments
    assert (film, output) == (Path("film.mp4"), Path("out.png"))
    assert styles == (Style(Path("a.jpg")), Style(Path("b.jpg"), 2))
    assert (options.source.size, options.paint.first_iterations) == (Size(96), 20)
    assert "1 of 2 painted" in capsys.readouterr().err


def test_keyframes_are_painted_small_by_default(requests):
    assert main(["keyframes", "film.mp4", "--style", "a.jpg"]) == 0
    options, output = requests[0].arguments[2:]
    assert (options.source.size, options.paint.first_iterations) == (Size(192), 20)
    assert output == Path("keyframes.png")


@pytest.mark.usefixtures("requests")
def test_shots_and_the_sheet_are_printed(capsys):
    assert main(["keyframes", "film.mp4", "--style", "a.jpg", "-o", "out.png"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "shot 1: from 0.00 s, 6 frames, 2 keyframes",
        "shot 2: from 1.25 s, 1 frame, 1 keyframe",
        "out.png",
    ]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("keyframes film.mp4", "no style"),
        ("keyframes --style a.jpg", "FILM"),
        ("keyframes a b --style c", "b"),
    ],
)
def test_incomplete_command_line_is_refused(requests, words, fault, capsys):
    assert main(words.split()) == 2
    assert fault in capsys.readouterr().err
    assert requests == []


def test_film_becomes_a_sheet(film, style, tmp_path, capsys):
    path, sheet = film("cut", CUT), tmp_path / "sheet.png"
    words = ["--painter", "none", "--size", "48", "--cuts", "6f", "-o", str(sheet)]
    assert main(["keyframes", str(path), "--style", str(style), *words]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "shot 1: from 0.00 s, 6 frames, 6 keyframes",
        "shot 2: from 0.24 s, 8 frames, 8 keyframes",
        str(sheet),
    ]
    with Image.open(sheet) as image:
        assert image.format == "PNG"


def test_photo_is_refused(style, tmp_path, capsys):
    words = ["keyframes", str(style), "--style", str(style), "-o", str(tmp_path / "sheet.png")]
    assert main(words) == 1
    assert "is a photo, which has no keyframes; give a film." in capsys.readouterr().err
