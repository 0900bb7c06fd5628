"""Without a terminal: plain lines, no question, no control codes, and several runs side by side."""

import os
import shutil
import subprocess
import sys

import pytest

MAKEFILE = """
all: a-starry.mp4 b-starry.mp4 c-starry.mp4 d-starry.mp4
%-starry.mp4: %.mp4
\t"{python}" -m vidstyle $< --style starry.png --painter none --cuts off
"""


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_runs_several_at_once(bench, film):
    for place, letter in enumerate("abcd"):
        # Not the same film: frames of one request are held by one process at a time.
        bench.draw(f"{letter}.mp4", "-i", film, "-c", "copy", "-t", 0.2 * (place + 1))
    (bench / "Makefile").write_text(MAKEFILE.format(python=sys.executable))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        ["make", "-s", "-j2"], cwd=bench.folder, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert sorted(line.split(":")[0] for line in run.stdout.splitlines()) == [
        f"{letter}-starry.mp4" for letter in "abcd"
    ]
    assert not [letter for letter in run.stdout + run.stderr if ord(letter) < 32 and letter != "\n"]


@pytest.mark.parametrize(
    "redirection", ["<&-", "<&- >&-", "<&- 2>&-", "<&- >&- 2>&-", "< /dev/null > /dev/full", "2> /dev/full"]
)
def test_closed_or_broken_streams_are_no_fault(bench, film, redirection):
    words = [word.decode() for word in bench.words(film)]
    command = ["sh", "-c", f'"$@" {redirection}', "sh", sys.executable, "-m", "vidstyle", *words]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        command, cwd=bench.folder, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    assert (bench / "in-starry.mp4").exists()
