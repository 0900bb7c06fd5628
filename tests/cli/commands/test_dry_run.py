import json
import types
from dataclasses import dataclass
from pathlib import Path

import pytest

from vidstyle.cli.commands.dry_run import report_forecasts
from vidstyle.cli.parameters import RunOptions
from vidstyle.errors import InputError
from vidstyle.pipeline.estimate import estimate as module


@dataclass(frozen=True)
class Estimate:
    seconds: float | None
    width: int = 320
    height: int = 180
    frames: int = 36
    memory_bytes: int = 1 << 30
    disk_bytes: int = 1 << 20
    notes: tuple[str, ...] = ()
    seconds_a_shot: float | None = None


def job(name):
    return types.SimpleNamespace(input=Path(name), output=Path("out", name))


@pytest.fixture(autouse=True)
def forecasts(monkeypatch):
    """Replace estimates by known ones; a job of any other name cannot be estimated."""
    known = {"a.mp4": Estimate(30.0), "b.mp4": Estimate(90.0), "copied.mp4": Estimate(None)}

    def estimate(job, _painters):
        if job.input.name not in known:
            raise InputError(f"'{job.input}' is broken; give another.")
        return known[job.input.name]

    monkeypatch.setattr(module, "estimate", estimate)


def test_duration_of_a_batch_is_that_of_all_jobs(capsys):
    assert report_forecasts([job("a.mp4"), job("b.mp4")], RunOptions()) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 jobs: at most 2:00 to paint"


def test_duration_is_omitted_where_nothing_is_painted(capsys):
    assert report_forecasts([job("copied.mp4"), job("copied.mp4")], RunOptions()) == 0
    assert "to paint" not in capsys.readouterr().out


def test_json_has_one_object_per_job(capsys):
    assert report_forecasts([job("a.mp4"), job("b.mp4")], RunOptions(log_json=True)) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(record["event"], record["input"], record["seconds"]) for record in records] == [
        ("Estimate", "a.mp4", 30.0),
        ("Estimate", "b.mp4", 90.0),
    ]


@pytest.mark.parametrize(("names", "code"), [(["a.mp4", "x.mp4"], 3), (["x.mp4"], 1), (["a.mp4"], 0)])
def test_exit_code_is_that_of_the_run(names, code, capsys):
    assert report_forecasts([job(name) for name in names], RunOptions()) == code
    assert capsys.readouterr().err.count("is broken") == names.count("x.mp4")
