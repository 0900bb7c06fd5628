import io
import json
import os
import signal
import subprocess
import sys
import time
import types
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

import vidstyle
from vidstyle import events as ev
from vidstyle.cli.app import main
from vidstyle.errors import InputError
from vidstyle.events import Status
from vidstyle.options.groups import Options
from vidstyle.options.style import Style
from vidstyle.options.values import Size, Time

STYLE = ["--style", "starry.jpg"]


@dataclass(frozen=True)
class Job:
    input: Path
    styles: tuple[Path, ...]
    output: Path
    options: Options
    overwrite: bool


@dataclass(frozen=True)
class Result:
    input: Path
    output: Path
    status: Status
    error: str | None = None
    exit_code: int = 0

    def as_dict(self):
        return {
            "input": str(self.input),
            "output": str(self.output),
            "status": self.status,
            "error": self.error,
        }


@dataclass(frozen=True)
class Estimate:
    width: int = 320
    height: int = 180
    frames: int = 36
    memory_bytes: int = 1 << 30
    disk_bytes: int = 1 << 20
    notes: tuple[str, ...] = ()
    seconds: float | None = 30.0
    seconds_a_shot: float | None = None


class Pipeline:
    """Fake of the pipeline that records requests, and ends jobs as a test wants."""

    def __init__(self):
        self.jobs, self.asked, self.during = [], {}, lambda _job: None
        self.endings, self.awaits_signal = {}, False

    def has_request(self, stop):
        """Wait for a request to stop, which another thread makes."""
        deadline = time.monotonic() + 30
        while not stop.after_frame and time.monotonic() < deadline:
            time.sleep(0.001)
        return stop.after_frame

    def plan_all(self, requests, naming, _observer):
        if self.asked.get("refuse"):
            raise self.asked["refuse"]
        self.jobs = [
            Job(path, tuple(r.styles), r.output or Path("out.mp4"), r.options, naming.overwrite)
            for r in requests
            for path in r.inputs
        ]
        return self.jobs

    def estimate(self, job, _painters):
        if job.input.name in self.endings:
            raise InputError(self.endings[job.input.name].error)
        return Estimate()

    def stylize_many(self, jobs, *, observer, stop, **asked):
        self.asked |= asked
        for number, job in enumerate(jobs):
            self.during(job)
            if self.awaits_signal:
                assert self.has_request(stop)
            result = self.endings.get(job.input.name) or Result(job.input, job.output, Status.DONE)
            if stop.after_frame:
                result = Result(job.input, job.output, Status.INTERRUPTED, exit_code=130)
                observer(ev.JobInterrupted(number, job.input, 5))
            elif result.status is Status.FAILED:
                observer(ev.JobFailed(number, job.input, result.error))
            else:
                observer(ev.JobDone(number, job.output, 4.2, 1, None, None, None))
            yield result
            if result.status is Status.INTERRUPTED:
                return


@pytest.fixture
def pipeline(monkeypatch):
    fake = Pipeline()
    for name, members in (
        ("plan.jobs", {"plan_all": fake.plan_all, "Request": SimpleNamespace}),
        ("plan.naming", {"OutputNaming": SimpleNamespace}),
        ("plan.albums", {"scan_folder": None}),
        ("estimate.estimate", {"estimate": fake.estimate}),
        (
            "run",
            {
                "stylize_many": fake.stylize_many,
                "settings": lambda options: {"size": str(options.source.size)},
            },
        ),
    ):
        module = types.ModuleType(f"vidstyle.pipeline.{name}")
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return fake


def failing(name, error="the film is broken; give another.", exit_code=1):
    return {name: Result(Path(name), Path("out.mp4"), Status.FAILED, error, exit_code)}


def run_child(*words, **kwargs):
    command = [sys.executable, "-m", "vidstyle", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **kwargs)


def test_styles_have_times_and_masks(pipeline, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.jpg").touch()
    assert main(["a.mp4", "--style-at", "0=s.jpg@m.png", "--style-at", "5=t.jpg:2"]) == 0
    first, second = pipeline.jobs[0].styles
    assert first == Style(Path("s.jpg"), mask=Path("m.png"), at=Time(seconds=Fraction(0)))
    assert second == Style(Path("t.jpg"), 2, at=Time(seconds=Fraction(5)))


def test_preset_and_config_file_set_options_that_are_not_given(pipeline, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text(
        'style = ["s.jpg", "t.jpg:2"]\npreset = "tf-tutorial"\nsize = 320\niterations = 9\nsequence = true'
    )
    assert main(["a.mp4", "--config", str(file), "--iterations", "5", "--learning-rate", "0.5"]) == 0
    (job,) = pipeline.jobs
    assert job.styles == (Style(Path("s.jpg")), Style(Path("t.jpg"), 2))
    assert job.options.pictures.sequence
    paint = job.options.paint
    assert (paint.iterations, paint.first_iterations, paint.learning_rate) == (5, 1000, 0.5)
    assert (paint.optimizer, paint.adam_beta1, job.options.source.size) == ("adam", 0.99, Size(320))
    assert main(["a.mp4", "--config", str(file), "--preset", "gatys", "--style", "u.jpg"]) == 0
    (job,) = pipeline.jobs
    assert (job.styles, job.options.objective.pooling) == ((Style(Path("u.jpg")),), "avg")


def test_written_config_gives_the_same_run(pipeline, tmp_path):
    file = str(tmp_path / "run.toml")
    words = (
        "a.mp4 --style s.jpg:3 --style-crop 0,0,9,9 --preset cosine --encoder-option a=b --encoder-option c=d"
    )
    assert main([*words.split(), "--write-config", file]) == 0
    first = pipeline.jobs
    assert main(["--config", file]) == 0
    assert pipeline.jobs == first


def test_given_option_takes_precedence_over_quality_and_that_over_preset(pipeline):
    words = ["a.mp4", "--style", "s.jpg", "--preset", "gatys", "--quality", "draft"]
    assert main(words) == 0
    options = pipeline.jobs[0].options
    assert options.paint.first_iterations == 40
    assert options.objective == vidstyle.preset("gatys").objective
    assert main([*words, "--first-iterations", "9"]) == 0
    options = pipeline.jobs[0].options
    assert (options.paint.first_iterations, options.source.size) == (9, Size(256))


def test_best_quality_keeps_the_iterations_of_a_preset(pipeline):
    assert main(["a.mp4", "--style", "s.jpg", "--preset", "gatys", "--quality", "best"]) == 0
    paint = pipeline.jobs[0].options.paint
    assert (paint.first_iterations, paint.stop_below) == (500, 0)


def test_unknown_preset_is_refused(capsys):
    assert main(["a.mp4", "--style", "s.jpg", "--preset", "picasso"]) == 2
    assert "unknown preset 'picasso': give one of default," in capsys.readouterr().err


def test_words_become_options(pipeline):
    words = (
        "a.mp4 b.mp4 --style s.jpg --style t.jpg:0.5 -o out --overwrite --size full --start 1.5 --end 120f"
    )
    words += " --iterations 7 --first-iterations 9 --style-weight 2.5 --optimizer adam --precision float32"
    words += " --device cpu --painter none --weights w.npz --fresh"
    assert main(words.split()) == 0
    job = pipeline.jobs[1]
    assert (job.input, job.styles, job.output) == (
        Path("b.mp4"),
        (Style(Path("s.jpg")), Style(Path("t.jpg"), 0.5)),
        Path("out"),
    )
    assert job.overwrite
    source, paint, machine = job.options.source, job.options.paint, job.options.machine
    assert (source.size, source.start, source.end) == (
        Size(None),
        Time(seconds=Fraction(3, 2)),
        Time(frame=120),
    )
    assert (paint.iterations, paint.first_iterations, paint.style_weight) == (7, 9, 2.5)
    assert paint.optimizer == "adam"
    assert (machine.precision, machine.device, machine.weights) == ("float32", "cpu", Path("w.npz"))
    assert job.options.painter == "none"
    assert pipeline.asked == {
        "fresh": True,
        "keep_frames": False,
        "debug": False,
        "stop_on_error": False,
        "snapshot_every": None,
    }


def test_defaults_are_those_of_the_options(pipeline):
    assert main(["a.mp4", *STYLE]) == 0
    assert pipeline.jobs[0].options == Options()


def test_name_that_begins_with_a_dash_comes_after_two_dashes(pipeline):
    assert main([*STYLE, "--", "-x.mp4", "--debug"]) == 0
    assert [job.input.name for job in pipeline.jobs] == ["-x.mp4", "--debug"]
    assert not pipeline.asked["debug"]


def test_name_of_any_bytes_arrives_unchanged(pipeline):
    main(["50%d\udcff\n.mp4", *STYLE])
    assert os.fsencode(pipeline.jobs[0].input) == b"50%d\xff\n.mp4"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "no input was given"),
        (STYLE, "no input was given"),
        (["a.mp4"], "no style was given"),
        (["a.mp4", "--style"], "--style"),
        (["a.mp4", *STYLE, "--iteration", "3"], "--iterations"),
        (["a.mp4", *STYLE, "--no-quiet"], "--no-quiet"),
        (["a.mp4", *STYLE, "--empty-style"], "--empty-style"),
        (["a.mp4", *STYLE, "--iterations", "0"], "--iterations 0 is out of range"),
        (["a.mp4", *STYLE, "--iterations", "many"], "--iterations"),
        (["a.mp4", *STYLE, "--precision", "half"], '"auto", "float32", "bfloat16"'),
        (["a.mp4", *STYLE, "--size", "3"], "--size 3 is out of range"),
        (["a.mp4", *STYLE, "--start", "soon"], "--start: invalid time 'soon'"),
        (["a.mp4", *STYLE, "--style-layers", "conv9_9"], "--style-layers: unknown layer 'conv9_9'"),
        (["a.mp4", *STYLE, "--start", "-5"], "--start: invalid time '-5'"),
        (["a.mp4", *STYLE, "--start", "2", "--end", "1"], "--end 1 is not after --start 2"),
        (["a.mp4", *STYLE, "--dry-run", "--stats", "x.json"], "--dry-run"),
        (["a.mp4", *STYLE, "--stats", "a.mp4"], "is a file of this run itself"),
    ],
)
def test_wrong_command_line_is_one_line_and_exit_code_2(pipeline, capsys, words, part):
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("vidstyle: ")
    assert err.count("\n") == 1
    assert part in err
    assert not pipeline.asked


def test_refusal_of_the_plan_has_its_own_exit_code(pipeline, capsys):
    pipeline.asked["refuse"] = InputError("'a.mp4' does not exist; check its name.")
    assert main(["a.mp4", *STYLE]) == 1
    assert capsys.readouterr().err == "vidstyle: 'a.mp4' does not exist; check its name.\n"


@pytest.mark.parametrize(
    ("failures", "code"),
    [
        (failing("a"), 3),
        (failing("a") | failing("b"), 1),
        ({}, 0),
        (failing("a", exit_code=2) | failing("b"), 1),
    ],
)
def test_exit_code_depends_on_how_many_jobs_failed(pipeline, failures, code):
    pipeline.endings = failures
    assert main(["a", "b", *STYLE]) == code


def test_single_failed_job_has_its_own_exit_code(pipeline, capsys):
    pipeline.endings = failing("a", exit_code=2)
    assert main(["a", *STYLE]) == 2
    assert capsys.readouterr().err == "vidstyle: the film is broken; give another.\n"


def test_batch_ends_with_the_names_of_failed_inputs(pipeline, capsys):
    pipeline.endings = failing("b")
    main(["a", "b", "c", *STYLE])
    out, err = capsys.readouterr()
    assert err.splitlines()[-1] == "vidstyle: 1 of 3 failed: b."
    assert len(out.splitlines()) == 2


def test_bug_is_one_sentence_with_a_traceback_for_debug_only(pipeline, capsys):
    def bug(_job):
        raise KeyError("nothing")

    pipeline.during = bug
    assert main(["a", *STYLE]) == 1
    err = capsys.readouterr().err
    assert (
        err
        == "vidstyle: internal error, KeyError: 'nothing'; report this bug with the traceback of --debug.\n"
    )
    assert main(["a", *STYLE, "--debug"]) == 1
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "in bug" in err


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signal_ends_the_run_resumably_with_130(pipeline, capsys, name):
    pipeline.during, pipeline.awaits_signal = lambda _job: signal.raise_signal(getattr(signal, name)), True
    assert main(["a.mp4", "b.mp4", *STYLE]) == 130
    assert "a.mp4: stopped, 5 frames left; run the same command to resume." in capsys.readouterr().err


def test_third_signal_interrupts_and_statistics_are_still_written(pipeline, tmp_path, capsys):
    def three_times(_job):
        for _ in range(3):
            signal.raise_signal(signal.SIGINT)
        time.sleep(60)

    pipeline.during = three_times
    assert main(["a.mp4", *STYLE, "--stats", str(tmp_path / "s.json")]) == 130
    assert "run the same command to resume" in capsys.readouterr().err
    assert json.loads((tmp_path / "s.json").read_text())["jobs"][0]["status"] == "interrupted"


def test_statistics_have_version_settings_and_every_job(pipeline, tmp_path):
    pipeline.endings = failing("b")
    assert main(["a", "b", *STYLE, "--stats", str(tmp_path / "s.json")]) == 3
    stats = json.loads((tmp_path / "s.json").read_text())
    assert stats["version"] == vidstyle.__version__
    assert stats["settings"] == {"size": "512"}
    assert [job["status"] for job in stats["jobs"]] == ["done", "failed"]
    assert stats["jobs"][1]["error"] == "the film is broken; give another."


def test_unwritable_statistics_are_refused_before_painting(pipeline, tmp_path, capsys):
    assert main(["a", *STYLE, "--stats", str(tmp_path / "nowhere" / "s.json")]) == 1
    assert "nowhere" in capsys.readouterr().err
    assert not pipeline.asked


def test_dry_run_reports_forecasts_and_paints_nothing(pipeline, capsys):
    assert main(["a.mp4", *STYLE, "--dry-run", "--quiet"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "a.mp4 -> out.mp4",
        "  320x180, 36 frames",
        "  about 1.0 GiB of memory, 1.0 MiB of disk",
        "  at most 0:30 to paint",
    ]
    assert err == ""
    assert main(["a.mp4", "b.mp4", *STYLE, "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 jobs: at most 1:00 to paint"
    assert not pipeline.asked


def test_dry_run_of_a_batch_continues_after_a_failure(pipeline, capsys):
    pipeline.endings = failing("a.mp4")
    assert main(["a.mp4", "b.mp4", *STYLE, "--dry-run", "--log-json"]) == 3
    out, err = capsys.readouterr()
    assert [json.loads(line)["input"] for line in out.splitlines()] == ["b.mp4"]
    assert err == "vidstyle: the film is broken; give another.\n"


def test_help_has_every_option_with_its_default_and_no_negations(capsys):
    assert main(["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for group in ("Input and output", "Painting", "Loss function", "Machine", "Run control", "Help"):
        assert f"─ {group} ─" in text
    for option in (
        "--style",
        "--output",
        "--size",
        "--end",
        "--tv-weight",
        "--painter",
        "--weights",
        "--log-json",
    ):
        assert option in text
    assert "[default: 512]" in text
    assert "--no-" not in text
    assert "--empty-" not in text
    assert "[default: False]" not in text
    assert "[default: None]" not in text


def test_version_is_that_of_the_package():
    run = run_child("--version")
    assert (run.returncode, run.stdout, run.stderr) == (0, f"vidstyle {vidstyle.__version__}\n", "")


def test_help_without_a_reader_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "vidstyle", "--help"]
    run = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors are closed by a POSIX shell")
def test_closed_streams_are_no_error():
    command = ["sh", "-c", '"$0" -m vidstyle --version <&- >&- 2>&-', sys.executable]
    assert subprocess.run(command, check=False).returncode == 0


def test_name_that_the_terminal_cannot_encode_is_no_error(tmp_path):
    name = str(tmp_path / "雪.mp4")
    run = run_child(name, *STYLE, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert run.returncode == 1
    assert "Traceback" not in run.stderr


@pytest.fixture
def folder(tmp_path, clip):
    """Make a folder with four copies of a film, and a style image."""
    from PIL import Image

    for letter in "abcd":
        (tmp_path / f"{letter}.mp4").write_bytes(clip.read_bytes())
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "starry.jpg")
    return tmp_path


COPY = [*STYLE, "--painter", "none", "--size", "32"]


def test_film_is_painted_once_with_plain_lines_without_a_terminal(folder):
    first = run_child("a.mp4", *COPY, "--stats", "s.json", cwd=folder, stdin=subprocess.DEVNULL)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("a-starry.mp4: 25 frames, ")
    assert not any(ord(letter) < 32 and letter != "\n" for letter in first.stdout + first.stderr)
    assert (folder / "a-starry.mp4").stat().st_size > 0
    (job,) = json.loads((folder / "s.json").read_text())["jobs"]
    assert (job["status"], job["frames"], len(job["per_frame"])) == ("done", 25, 25)
    again = run_child("a.mp4", *COPY, "--log-json", cwd=folder)
    assert [json.loads(line)["event"] for line in again.stdout.splitlines()] == ["JobSkipped"]
    assert (again.returncode, again.stderr) == (0, "")


def test_bad_film_does_not_stop_a_batch(folder):
    (folder / "b.mp4").write_text("this is not a film")
    run = run_child("a.mp4", "b.mp4", "c.mp4", *COPY, "-o", "out", "--quiet", cwd=folder)
    assert (run.returncode, run.stdout) == (3, "")
    assert sorted(path.name for path in (folder / "out").glob("*.mp4")) == ["a-starry.mp4", "c-starry.mp4"]
    assert run.stderr.splitlines()[-1] == "vidstyle: 1 of 3 failed: b.mp4."


def test_parallel_runs_in_one_folder_are_independent(folder):
    command = [sys.executable, "-m", "vidstyle", *COPY, "--quiet"]
    films = [[f"{letter}.mp4", "--start", f"{place}f"] for place, letter in enumerate("abcd")]
    runs = [subprocess.Popen([*command, *film], cwd=folder) for film in films]
    assert [run.wait(60) for run in runs] == [0, 0, 0, 0]
    assert len(list(folder.glob("*-starry.mp4"))) == 4


def test_reader_that_leaves_does_not_end_the_run(folder):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "vidstyle", "a.mp4", *COPY]
    run = subprocess.run(command, stdout=writing, stderr=subprocess.DEVNULL, cwd=folder, check=False)
    os.close(writing)
    assert run.returncode == 0
    assert (folder / "a-starry.mp4").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["-", *STYLE],
        [*STYLE, "-"],
        ["a.mp4", *STYLE, "-o", "-"],
        ["a.mp4", *STYLE, "--output", "-", "--quiet"],
        [*STYLE, "--", "-"],
    ],
)
def test_streams_are_refused_by_name(words, capsys):
    assert main(words) == 2
    assert "standard input and output ('-') are not supported" in capsys.readouterr().err


def test_list_on_stdin_is_written_as_a_dash(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"gone.mp4\n")))
    assert main(["--list", "-", "--style", "gone.jpg"]) == 1
    assert "gone.jpg" in capsys.readouterr().err
