import json
import os
from pathlib import Path

import pytest

from vidstyle.cli.report.stats_file import StatsFile, as_json
from vidstyle.errors import OutputError, UsageError
from vidstyle.events import Losses, Status


def test_losses_carry_their_total():
    assert as_json(Losses(content=1.0, style=2.0, tv=3.0, temporal=4.0)) == {
        "total": 10.0,
        "content": 1.0,
        "style": 2.0,
        "tv": 3.0,
        "temporal": 4.0,
    }


def test_what_json_has_no_word_for_is_null_or_text():
    value = {"loss": float("nan"), "path": Path("a/b"), "status": Status.DONE, "shots": ((0, 3),), "ok": True}
    assert as_json(value) == {"loss": None, "path": "a/b", "status": "done", "shots": [[0, 3]], "ok": True}


def test_figures_are_written_whole_and_leave_nothing_else_behind(tmp_path):
    path = tmp_path / "figures.json"
    stats = StatsFile.opened(path, apart_from=())
    assert list(tmp_path.iterdir()) == []
    stats.write({"jobs": [Path("raw\udcff.mp4")]})
    assert json.loads(path.read_text()) == {"jobs": ["raw\udcff.mp4"]}
    assert list(tmp_path.iterdir()) == [path]


def test_an_older_file_of_figures_is_replaced_through_its_link(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("{}")
    link.symlink_to(real)
    StatsFile.opened(link, apart_from=()).write({"new": 1})
    assert link.is_symlink()
    assert json.loads(real.read_text()) == {"new": 1}


def test_a_failed_write_keeps_the_older_figures(tmp_path, monkeypatch):
    path = tmp_path / "figures.json"
    path.write_text("{}")
    stats = StatsFile.opened(path, apart_from=())

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space left on device"):
        stats.write({"new": 1})
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "{}"


@pytest.mark.parametrize("name", ["nowhere/figures.json", "file/figures.json", "."])
def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="--stats"):
        StatsFile.opened(tmp_path / name, apart_from=())


def test_a_device_is_not_replaced():
    with pytest.raises(OutputError, match="no regular file"):
        StatsFile.opened(Path(os.devnull), apart_from=())


def test_the_runs_own_files_are_refused_by_any_name(tmp_path):
    film, link = tmp_path / "in.mp4", tmp_path / "hard.mp4"
    film.touch()
    link.hardlink_to(film)
    for other in (film, link):
        with pytest.raises(UsageError, match="of its own"):
            StatsFile.opened(other, apart_from=[film])
    with pytest.raises(UsageError, match="of its own"):
        StatsFile.opened(tmp_path / "x" / ".." / "out.mp4", apart_from=[tmp_path / "out.mp4"])
