import subprocess
import sys

import pytest

from vidstyle.neural.device.preload import cores, jobs_of_make, limit_threads, threads_for


@pytest.mark.parametrize(
    ("flags", "jobs"),
    [
        ("", None),
        ("k", None),
        ("k -- STYLE=jolly.jpg", None),
        (" -j2 --jobserver-auth=3,4", 2),
        ("k -j8 --jobserver-auth=fifo:/tmp/GMfifo1", 8),
        (" --jobserver-fds=3,4 -j", 0),
        ("j", 0),
        ("kj", 0),
        (" -j", 0),
    ],
)
def test_make_says_how_many_jobs_it_runs(flags, jobs):
    assert jobs_of_make({"MAKEFLAGS": flags}) == jobs


@pytest.mark.parametrize(
    ("wanted", "flags", "available", "threads"),
    [
        (None, "", 8, None),
        (3, "", 8, 3),
        (3, " -j2 --jobserver-auth=3,4", 8, 3),
        (None, " -j2 --jobserver-auth=3,4", 8, 4),
        (None, " -j3 --jobserver-auth=3,4", 8, 3),
        (None, " -j16 --jobserver-auth=3,4", 8, 1),
        (None, " -j1 --jobserver-auth=3,4", 8, None),
        (None, "j", 8, 1),
    ],
)
def test_the_cores_are_shared_with_makes_other_jobs(wanted, flags, available, threads):
    assert threads_for(wanted, {"MAKEFLAGS": flags}, available) == threads


def test_a_process_has_cores():
    assert cores() >= 1


def test_the_backend_computes_with_as_many_threads(monkeypatch):
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "MAKEFLAGS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    limit_threads(None)
    child = "import os; from vidstyle.neural.device.preload import limit_threads; limit_threads({}); print(os.environ.get('TF_NUM_INTRAOP_THREADS'))"
    for wanted, said in ((None, "None"), (1, "1")):
        run = subprocess.run(
            [sys.executable, "-c", child.format(wanted)], capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == said
