import json
import os
from pathlib import Path

import pytest

import vidstyle
from vidstyle.cli.report.stats_file import StatsFile
from vidstyle.errors import OutputError, UsageError
from vidstyle.events import AlbumRead, Notice


def test_statistics_have_version_settings_jobs_and_albums(tmp_path):
    path = tmp_path / "stats.json"
    with_albums = StatsFile(path)
    with_albums.check_writable(inputs_and_outputs=())
    assert list(tmp_path.iterdir()) == []
    with_albums(Notice(0, "By the way."))
    with_albums(AlbumRead(0, Path("album"), 1, {"hidden": 2}))
    with_albums.begin({"size": "512"})
    with_albums.add({"input": Path("raw\udcff.mp4")})
    with_albums.close()
    assert json.loads(path.read_text()) == {
        "version": vidstyle.__version__,
        "settings": {"size": "512"},
        "jobs": [{"input": "raw\udcff.mp4"}],
        "albums": [{"folder": "album", "passed_over": {"hidden": 2}}],
    }
    assert list(tmp_path.iterdir()) == [path]


def written(path, **settings):
    stats = StatsFile(path)
    stats.begin(settings)
    stats.close()
    return json.loads(path.read_text())


def test_albums_are_omitted_where_there_are_none(tmp_path):
    assert list(written(tmp_path / "stats.json")) == ["version", "settings", "jobs"]


def test_file_is_not_written_before_the_run_has_begun(tmp_path):
    StatsFile(tmp_path / "stats.json").close()
    assert list(tmp_path.iterdir()) == []


def test_file_is_written_once(tmp_path):
    stats = StatsFile(tmp_path / "stats.json")
    stats.begin({})
    stats.close()
    stats.path.unlink()
    stats.close()
    assert list(tmp_path.iterdir()) == []


def test_older_file_is_replaced_through_its_link(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("{}")
    link.symlink_to(real)
    assert written(link, new=1)["settings"] == {"new": 1}
    assert link.is_symlink()
    assert json.loads(real.read_text())["settings"] == {"new": 1}


def test_failed_write_keeps_the_older_file(tmp_path, monkeypatch):
    path = tmp_path / "stats.json"
    path.write_text("{}")

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space left on device"):
        written(path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "{}"


@pytest.mark.parametrize("name", ["nowhere/stats.json", "file/stats.json", "."])
def test_unwritable_file_is_refused_at_once(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="--stats"):
        StatsFile(tmp_path / name).check_writable(inputs_and_outputs=())


def test_device_is_not_replaced():
    with pytest.raises(OutputError, match="not a regular file"):
        StatsFile(Path(os.devnull)).check_writable(inputs_and_outputs=())


def test_files_of_the_run_are_refused_by_any_name(tmp_path):
    film, link = tmp_path / "in.mp4", tmp_path / "hard.mp4"
    film.touch()
    link.hardlink_to(film)
    for other in (film, link):
        with pytest.raises(UsageError, match="is a file of this run itself"):
            StatsFile(other).check_writable(inputs_and_outputs=[film])
    with pytest.raises(UsageError, match="is a file of this run itself"):
        StatsFile(tmp_path / "x" / ".." / "out.mp4").check_writable(inputs_and_outputs=[tmp_path / "out.mp4"])
