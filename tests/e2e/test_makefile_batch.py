"""samples/Makefile.batch, as people copy it."""

import os
import shutil
import subprocess
import sys

import pytest
from support.clips import SAMPLES

MAKEFILE = SAMPLES / "Makefile.batch"
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@pytest.fixture
def make(tmp_path, draw, short, style):
    (tmp_path / "films").mkdir()
    shutil.copyfile(short, tmp_path / "films" / "a.mp4")
    shutil.copyfile(
        draw("red.mp4", "-f", "lavfi", "-i", "color=red:s=32x32:r=5:d=1"), tmp_path / "films" / "b.mp4"
    )
    shutil.copyfile(style, tmp_path / "starry.png")

    def run(*words):
        program = f"VIDSTYLE={sys.executable} -m vidstyle"
        command = [
            "make",
            "-f",
            MAKEFILE,
            program,
            "STYLE=starry.png",
            "OPTIONS=--painter none --size 32",
            *words,
        ]
        root = str(MAKEFILE.parents[1])
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
        }
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": root},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def painted(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "painted").glob("*.mp4")}


def test_films_are_painted_side_by_side_and_once(make, tmp_path):
    (tmp_path / "films" / "c.mp4").write_bytes(b"no film")
    first = make("-j2", "-k")
    assert first.returncode == 2
    assert "'films/c.mp4'" in first.stderr
    before = painted(tmp_path)
    assert set(before) == {"a.mp4", "b.mp4"}
    (tmp_path / "films" / "c.mp4").unlink()
    assert "Nothing to be done" in make("-j2").stdout
    # Asked again, or by a date alone, vidstyle finds its work done.
    os.utime(tmp_path / "starry.png")
    assert make("-j2").returncode == 0
    assert painted(tmp_path) == before


def test_name_with_a_space_is_refused_with_its_remedy(make, tmp_path):
    shutil.copyfile(tmp_path / "films" / "a.mp4", tmp_path / "films" / "my film.mp4")
    run = make("-n")
    assert run.returncode == 2
    assert 'my film.mp4" has a space in its name' in run.stderr
    assert "vidstyle 'films' --style 'starry.png'" in run.stderr
