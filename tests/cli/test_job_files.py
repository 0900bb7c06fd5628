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


def test_list_has_one_input_per_line(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xef\xbb\xbfa.mp4\r\n\n# not this\n b c.jpg \nraw\xff.png\n./#d.png")
    assert read_list(path) == [Path("a.mp4"), Path(" b c.jpg "), Path("raw\udcff.png"), Path("#d.png")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_list_is_read_in_the_encodings_of_editors(tmp_path, encoding, end):
    mark = "" if encoding in {"utf-8-sig", "utf-16"} else "\ufeff"
    path = tmp_path / "list.txt"
    path.write_bytes((mark + end.join(["Zürich.mp4", "# not this", "", "写真.jpg", ""])).encode(encoding))
    assert read_list(path) == [Path("Zürich.mp4"), Path("写真.jpg")]


def test_list_that_is_not_text_is_refused_by_name(tmp_path):
    (tmp_path / "list.txt").write_bytes("a.mp4".encode("utf-16-le"))
    with pytest.raises(UsageError, match=r"--list '.*list.txt' is not text .*UTF-8"):
        read_list(tmp_path / "list.txt")


def test_wildcards_of_a_list_stand_for_files_unless_one_has_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a2.jpg", "a10.jpg", "a[1].jpg", "sub/deep/b.jpg", ".a.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "list.txt").write_text("a?*.jpg\na[1].jpg\n**/b.jpg\nnone*.jpg\na[2].jpg\nc%02d.png\n")
    assert [str(path) for path in read_list(Path("list.txt"))] == [
        "a2.jpg", "a10.jpg", "a[1].jpg", "a[1].jpg", "sub/deep/b.jpg", "none*.jpg", "a2.jpg", "c%02d.png",
    ]  # fmt: skip


def test_list_is_read_from_stdin(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a.mp4\n")))
    assert read_list(Path("-")) == [Path("a.mp4")]


def test_missing_or_empty_list_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"--list '.*gone'.*No such file"):
        read_list(tmp_path / "gone")
    (tmp_path / "empty").write_text("# nothing\n")
    with pytest.raises(UsageError, match="is empty"):
        read_list(tmp_path / "empty")


def test_job_may_have_styles_at_times(write):
    path = write("[[job]]\ninput = 'a.mp4'\nstyle-at = ['0=a.jpg', '2=b.jpg']")
    (job,) = read_jobs(path, Options())
    assert [str(style) for style in job.styles] == ["0=a.jpg", "2=b.jpg"]


def test_job_has_its_own_options_and_the_shared_ones(write):
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
        ("[[job]\n", "is not valid TOML"),
        ("[[job]]\nstyle = 'a.jpg'", "job 1: no input"),
        ("[[job]]\ninput = 3", "job 1: invalid input"),
        ("[[job]]\ninput = 'a'\n[[job]]\ninput = 'b'\nsizes = 3", "job 2: unknown option 'sizes'"),
        ("[[job]]\ninput = 'a'\nstyle = 'b:-1'", "job 1: --style b: weight -1 is out of range"),
        ("[[job]]\ninput = 'a'\nsize = 3", "job 1: --size 3 is out of range"),
        ("[[job]]\ninput = 'a'\niterations = 'many'", "job 1: .*'many'"),
        ("[[job]]\ninput = 'a'\niterations = true", "job 1: True"),
        ("[[job]]\ninput = 'a'\npainter = 'me'", "job 1: 'me'"),
        ("[[job]]\ninput = 'a'\nstrip-metadata = 1", "job 1: 1 is not a boolean"),
    ],
)
def test_mistake_is_reported_with_its_job(write, text, fault):
    with pytest.raises(UsageError, match=fault):
        read_jobs(write(text), Options())
