import json
import os
import time

import pytest

from vidstyle.errors import InputError, WorkdirError
from vidstyle.pipeline.work.leftovers import find_stale, remove
from vidstyle.pipeline.work.workdir import Workdir


@pytest.fixture
def output(tmp_path):
    """The output of a run that was stopped after two frames of three."""
    output = tmp_path / "out.mp4"
    with Workdir(output, "key") as work:
        work.describe(tmp_path / "in.mp4", output, 3)
        for index in range(2):
            work.frame(index).write_bytes(bytes(500))
    return output


def test_stopped_run_is_described(output, tmp_path):
    (left,) = find_stale(tmp_path)
    assert (left.source, left.output) == (str(tmp_path / "in.mp4"), str(output))
    assert (left.done, left.frames, left.kept, left.busy) == (2, 3, False, False)
    assert left.size_bytes == 1000 + len((left.path / "about.json").read_bytes())
    assert 0 <= left.idle_s < 100


def test_kept_frames_differ_from_those_of_stopped_run(output, tmp_path):
    with Workdir(output, "key") as work:
        work.finish(keep=True)
    assert find_stale(tmp_path)[0].kept
    # And stay so: another way to put them together does not take them away.
    with Workdir(output, "key") as work:
        work.describe(tmp_path / "in.mp4", output, 3)
        work.finish()
    assert find_stale(tmp_path)[0].kept


def test_oldest_folder_comes_first(output, tmp_path):
    with Workdir(tmp_path / "other.mp4", "other"):
        pass
    for path in (output.parent / ".vidstyle/other").rglob("*"):
        os.utime(path, (1, time.time() - 9000))
    os.utime(output.parent / ".vidstyle/other", (1, time.time() - 9000))
    assert [left.path.name for left in find_stale(tmp_path)] == ["other", "key"]


def test_folder_of_running_job_is_not_removed(output, tmp_path):
    with Workdir(output, "key"):
        (left,) = find_stale(tmp_path)
        assert left.busy
        with pytest.raises(WorkdirError, match="another run is working"):
            remove(left)
    assert left.path.exists()


def test_removed_folder_leaves_no_trace(output):
    (left,) = find_stale(output.parent)
    remove(left)
    assert find_stale(output.parent) == []
    assert not left.path.exists()


def test_links_are_not_followed(output, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").touch()
    (tmp_path / ".vidstyle/link").symlink_to(tmp_path / "precious")
    (tmp_path / ".vidstyle/key/link").symlink_to(tmp_path / "precious")
    for left in find_stale(output.parent):
        remove(left)
    assert (tmp_path / "precious/file").exists()
    assert not (tmp_path / ".vidstyle/key").exists()


def test_folder_without_description_is_listed(output, tmp_path):
    for text in ("no json", json.dumps([1]), json.dumps({"frames": "many"})):
        (tmp_path / ".vidstyle/key/about.json").write_text(text)
        (left,) = find_stale(output.parent)
        assert (left.done, left.frames, left.kept) == (2, 0, False)


def test_folder_without_work_has_no_find_stale(tmp_path):
    assert find_stale(tmp_path) == []
    with pytest.raises(InputError, match="is not a folder"):
        find_stale(tmp_path / "missing")
