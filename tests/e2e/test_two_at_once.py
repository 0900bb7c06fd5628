"""Two processes, one output: the second refuses, and the first is not disturbed."""

import time

import pytest

# Waits until it is told to go on.
WAITS = """
import time
from pathlib import Path
from vidstyle.pipeline import publish as make
write = make.write_film
def wait(*arguments, **options):
    while not Path("go").exists():
        time.sleep(0.01)
    return write(*arguments, **options)
make.write_film = wait
"""


@pytest.fixture
def first(bench, film):
    """A process that has painted all its frames, and holds its output."""
    process = bench.begin(film, "-o", "out.mp4", patch=WAITS)
    while bench.journal < 25:
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("words", [(), ("--size", "32"), ("--fresh",), ("--overwrite",)])
def test_second_run_of_one_output_is_refused(bench, film, first, words):
    sentence = bench.refused(film, "-o", "out.mp4", *words, begun=True)
    assert sentence.startswith("another run is working")
    (bench / "go").touch()
    assert bench.end(first).code == 0
    assert (bench / "out.mp4").exists()


def test_lock_of_a_dead_process_holds_nobody_up(bench, film, first):
    first.kill()
    bench.end(first)
    assert bench.resumed(film, "-o", "out.mp4") == [True] * 25
