from pathlib import Path
from types import SimpleNamespace

import pytest

from vidstyle.cli.app import main
from vidstyle.options.style import Style
from vidstyle.options.values import Size


@pytest.fixture
def requests(monkeypatch):
    """Record requests to the pipeline, instead of painting."""
    import vidstyle.pipeline.grid as module

    calls = []

    def paint_grid(*arguments, stop, on_cell):
        calls.append(SimpleNamespace(arguments=arguments, stop=stop))
        on_cell(1, 2)

    monkeypatch.setattr(module, "paint_grid", paint_grid)
    return calls


def test_words_become_axes(requests, capsys):
    words = "try photo.jpg --style a.jpg --grid style-weight=0.3,1 style-scale=0.5,1,2 -o out.png --size 96"
    assert main(words.split()) == 0
    photo, styles, axes, options, output = requests[0].arguments
    assert (photo, styles, output) == (Path("photo.jpg"), (Style(Path("a.jpg")),), Path("out.png"))
    assert [(axis.option, axis.values) for axis in axes] == [
        ("style-weight", ("0.3", "1")),
        ("style-scale", ("0.5", "1", "2")),
    ]
    assert (options.source.size, options.paint.first_iterations) == (Size(96), 40)
    assert capsys.readouterr().out == "out.png\n"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("try photo.jpg --style a.jpg", "no --grid"),
        ("try photo.jpg --grid style-weight=1", "no style"),
        ("try photo.jpg --style a.jpg --grid style-weight", "invalid --grid 'style-weight'"),
    ],
)
@pytest.mark.usefixtures("requests")
def test_incomplete_command_line_is_refused(words, fault, capsys):
    assert main(words.split()) == 2
    assert fault in capsys.readouterr().err
