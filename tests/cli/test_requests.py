from pathlib import Path

import pytest

from vidstyle.cli.parameters import BatchOptions, RunOptions
from vidstyle.cli.requests import plan_jobs, to_config
from vidstyle.errors import UsageError
from vidstyle.events import ignore
from vidstyle.options.groups import Options, PainterKind, PaintOptions
from vidstyle.options.style import Style


@pytest.fixture
def photos(tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    Path("styles").mkdir()
    for name in ("a.png", "b.png", "styles/kiss.png", "styles/wave.png"):
        Image.new("RGB", (32, 24)).save(name)


def planned(inputs, styles=(), batch=None, run=None):
    options = Options(painter=PainterKind.NONE)
    jobs = plan_jobs(
        [*map(Path, inputs)],
        [*map(Style, styles)],
        options,
        batch or BatchOptions(),
        run or RunOptions(),
        ignore,
    )
    return [(str(job.input), [str(style) for style in job.styles], str(job.output)) for job in jobs]


@pytest.mark.usefixtures("photos")
def test_inputs_of_the_command_line_come_before_those_of_a_list_and_of_jobs():
    Path("list.txt").write_text("b.png\n")
    Path("jobs.toml").write_text('[[job]]\ninput = "a.png"\nstyle = "styles/wave.png"\noutput = "c.png"')
    batch = BatchOptions(list=Path("list.txt"), jobs=Path("jobs.toml"))
    assert planned(["a.png"], ["styles/kiss.png"], batch, RunOptions(output=Path("out"))) == [
        ("a.png", ["styles/kiss.png"], "out/a-kiss.png"),
        ("b.png", ["styles/kiss.png"], "out/b-kiss.png"),
        ("a.png", ["styles/wave.png"], "c.png"),
    ]


@pytest.mark.usefixtures("photos")
def test_each_style_of_a_folder_is_a_job():
    styles = [style for _, style, _ in planned(["a.png"], batch=BatchOptions(styles=Path("styles")))]
    assert styles == [["styles/kiss.png"], ["styles/wave.png"]]


@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize(
    ("inputs", "styles", "batch", "message"),
    [
        ([], ["a.png"], BatchOptions(), "no input was given"),
        (["a.png"], [], BatchOptions(), "no style was given"),
        (
            ["a.png"],
            ["b.png"],
            BatchOptions(styles=Path("styles")),
            "--style and --styles cannot be combined",
        ),
    ],
)
def test_incomplete_request_is_refused(inputs, styles, batch, message):
    with pytest.raises(UsageError, match=message):
        planned(inputs, styles, batch)


def test_config_has_files_and_changed_options():
    styles = [Style(Path("s.jpg"), 2), Style.parse_at("5=t.jpg")]
    options = Options(paint=PaintOptions(iterations=7))
    assert to_config([Path("a.mp4")], styles, options, RunOptions(output=Path("out"))) == {
        "input": ["a.mp4"],
        "style": ["s.jpg:2"],
        "style-at": ["5=t.jpg"],
        "output": "out",
        "iterations": "7",
    }
    assert to_config([], [], Options(), RunOptions()) == {}
