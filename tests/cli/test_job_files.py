import io
import sys
from pathlib import Path

import pytest

from vidstyle.cli.job_files import read_jobs, read_list
from vidstyle.errors import InputError, UsageError
from vidstyle.options.groups import Options, PainterKind, PaintOptions
from vidstyle.options.style import Style
from vidstyle.options.values import Cuts, FlowMethod, Size, Time


@pytest.fixture
def write(tmp_path):
    def put(text):
        path = tmp_path / "jobs.toml"
        path.write_text(text)
        return path

    return put


def test_a_list_has_one_input_a_line(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xef\xbb\xbfa.mp4\r\n\n# not this\n b c.jpg \nraw\xff.png\n./#d.png")
    assert read_list(path) == [Path("a.mp4"), Path(" b c.jpg "), Path("raw\udcff.png"), Path("#d.png")]


def test_a_list_may_come_on_stdin(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a.mp4\n")))
    assert read_list(Path("-")) == [Path("a.mp4")]


def test_a_list_that_is_missing_or_empty_is_named(tmp_path):
    with pytest.raises(InputError, match=r"--list '.*gone'.*No such file"):
        read_list(tmp_path / "gone")
    (tmp_path / "empty").write_text("# nothing\n")
    with pytest.raises(UsageError, match="names no input"):
        read_list(tmp_path / "empty")


def test_a_job_may_have_styles_over_time(write):
    path = write("[[job]]\ninput = 'a.mp4'\nstyle-at = ['0=a.jpg', '2=b.jpg']")
    (job,) = read_jobs(path, Options())
    assert [str(style) for style in job.styles] == ["0=a.jpg", "2=b.jpg"]


def test_each_job_has_its_own_options_and_shares_the_rest(write):
    path = write("""
        style = "starry.jpg"
        iterations = 7
        [[job]]
        input = "a.mp4"
        output = "out/a.mp4"
        size = 320
        start = "1.5"
        cuts = ["1.5", "30f"]
        painter = "none"
        [[job]]
        input = ["b.mp4", "c.mp4"]
        style = ["kiss.png:2", "wave.png"]
        first-iterations = 30
        size = "full"
        flow = "farneback"
        strip-metadata = true
        """)
    first, second = read_jobs(path, Options(paint=PaintOptions(style_weight=2)))
    assert (first.inputs, first.styles, first.output) == (
        (Path("a.mp4"),),
        (Style(Path("starry.jpg")),),
        Path("out/a.mp4"),
    )
    assert first.options.paint == PaintOptions(style_weight=2, iterations=7)
    assert first.options.source.size == Size(320)
    assert first.options.source.start == Time.parse("1.5")
    assert first.options.source.cuts == Cuts.parse("1.5,30f")
    assert first.options.painter is PainterKind.NONE
    assert (len(second.inputs), second.output) == (2, None)
    assert second.styles == (Style(Path("kiss.png"), 2), Style(Path("wave.png")))
    assert second.options.paint == PaintOptions(style_weight=2, iterations=7, first_iterations=30)
    assert second.options.source.size == Size(None)
    assert second.options.motion.flow.method is FlowMethod.FARNEBACK
    assert second.options.photo.strip_metadata


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "has no job"),
        ("job = 3", "has no job"),
        ("[[job]\n", "is no TOML"),
        ("[[job]]\nstyle = 'a.jpg'", "job 1: it has no input"),
        ("[[job]]\ninput = 3", "job 1: input is no name"),
        ("[[job]]\ninput = 'a'\n[[job]]\ninput = 'b'\nsizes = 3", "job 2: there is no option 'sizes'"),
        ("[[job]]\ninput = 'a'\nstyle = 'b:-1'", "job 1: --style b: weight -1 is out of range"),
        ("[[job]]\ninput = 'a'\nsize = 3", "job 1: --size 3 is out of range"),
        ("[[job]]\ninput = 'a'\niterations = 'many'", "job 1: .*'many'"),
        ("[[job]]\ninput = 'a'\niterations = true", "job 1: True"),
        ("[[job]]\ninput = 'a'\npainter = 'me'", "job 1: 'me'"),
        ("[[job]]\ninput = 'a'\nstrip-metadata = 1", "job 1: 1 is no yes or no"),
    ],
)
def test_a_mistake_is_named_with_its_place(write, text, fault):
    with pytest.raises(UsageError, match=fault):
        read_jobs(write(text), Options())
