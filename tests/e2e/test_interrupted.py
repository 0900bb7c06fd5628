"""Ctrl-C: once, after the current frame; twice, at once. It reaches the terminal's processes, ffmpeg too."""

import json
import os
import signal
import time

import pytest

from vidstyle.media.encode.ffmpeg import binary

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="signals are sent to groups of processes as POSIX does it"
)
# A frame takes a second, most of it after its line is written.
SLOW = """
import time
from vidstyle.pipeline.work.workdir import Workdir
record = Workdir.record
Workdir.record = lambda self, line, **shot: (record(self, line, **shot), time.sleep(1))
"""


def press(process):
    os.killpg(process.pid, signal.SIGINT)


def test_once_stops_after_the_frame_and_says_how_to_go_on(bench, film):
    process = bench.begin(film, patch=SLOW, start_new_session=True)
    while bench.journal < 1:
        time.sleep(0.01)
    press(process)
    outcome = bench.end(process)
    assert outcome.code == 130
    assert "stopping after this frame; once more to stop at once" in outcome.err
    assert outcome.err.endswith("run the same command to resume.\n")
    assert not (bench / "in-starry.mp4").exists()
    assert bench.journal >= 1
    kept = bench.journal
    assert sum(bench.resumed(film)) == kept


def test_twice_leaves_even_the_frame_at_hand(bench, film):
    # Thousands of iterations of the real painter, which hears a wish within a second.
    words = (
        film,
        "--painter",
        "vgg",
        "--first-iterations",
        100_000,
        "--stop-below",
        0,
        "--device",
        "cpu",
        "--log-json",
    )
    process = bench.begin(*words, start_new_session=True)
    while json.loads(process.stdout.readline())["event"] != "Iterated":
        pass
    press(process)
    time.sleep(0.1)
    press(process)
    outcome = bench.end(process)
    assert outcome.code == 130
    assert "run the same command to resume" in outcome.err
    assert not (bench / "in-starry.mp4").exists()


def test_twice_ends_ffmpeg_too(bench, film):
    script = bench / "ffmpeg"
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *libx264*) echo $$ > pid; exec sleep 100;; *) exec {binary()} "$@";; esac\n'
    )
    script.chmod(0o755)
    process = bench.begin(film, start_new_session=True, env={"VIDSTYLE_FFMPEG": str(script)})
    while not ((bench / "pid").exists() and (bench / "pid").read_text().strip()):
        time.sleep(0.01)
    encoder = int((bench / "pid").read_text())
    press(process)
    time.sleep(0.5)
    os.kill(encoder, 0)  # A first Ctrl-C in the terminal does not reach it.
    press(process)
    assert bench.end(process).code == 130
    with pytest.raises(ProcessLookupError):
        os.kill(encoder, 0)
    assert not (bench / "in-starry.mp4").exists()
    assert bench.resumed(film) == [True] * 25
