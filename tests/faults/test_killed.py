"""A run that is killed leaves no result, and the same command ends with the bytes of a run that was never killed."""

import json
import random
import shutil
import signal
import time

import pytest

# 60 frames, so that there is time to be killed in; the encoder takes a good part of it.
LONG = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=30:d=2", "-f", "lavfi", "-i", "sine=d=2", "-g", 15)
RANDOM = random.Random(6)
MOMENTS = [(place + RANDOM.random()) / 20 for place in range(20)]
"""Shares of the time that a whole run takes: one at random in each twentieth."""


@pytest.fixture(scope="module")
def source(draw):
    return draw("long.mp4", *LONG)


@pytest.fixture
def whole(bench, source):
    """Bytes that a run gives that is never killed, and the seconds that it takes."""
    shutil.copyfile(source, bench / "in.mp4")
    began = time.perf_counter()
    bench.painted("in.mp4", "-o", "whole.mp4", apart=True)
    seconds = time.perf_counter() - began
    (bench / "killed").mkdir()
    return (bench / "whole.mp4").read_bytes(), seconds


def journals(bench):
    """Frames that are noted as finished, in the order of their lines."""
    lines = [
        line
        for path in bench.folder.glob("killed/.vidstyle/*/journal.jsonl")
        for line in path.read_bytes().splitlines(keepends=True)
    ]
    return [json.loads(line.rpartition(b" ")[0])["index"] for line in lines if line.endswith(b"\n")]


def killed(bench, after_s):
    """Begin the run, kill it after a while, and tell whether that was before its end."""
    process = bench.begin("in.mp4", "-o", "killed/out.mp4", "--quiet")
    time.sleep(after_s)
    process.kill()
    code = bench.end(process).code
    assert code in {0, -signal.SIGKILL}
    return code != 0


@pytest.mark.parametrize(
    "share", [pytest.param(m, marks=[] if n % 5 == 4 else pytest.mark.slow) for n, m in enumerate(MOMENTS)]
)
def test_a_run_killed_at_any_moment_goes_on_to_the_same_bytes(bench, whole, share):
    expected, seconds = whole
    if killed(bench, share * seconds) and (bench / "killed/out.mp4").exists():
        # Its last act is to publish: what is there is whole.
        assert (bench / "killed/out.mp4").read_bytes() == expected
    finished = journals(bench)
    assert len(finished) == len(set(finished))
    outcome = bench.painted("in.mp4", "-o", "killed/out.mp4", "--stats", "stats.json")
    assert (bench / "killed/out.mp4").read_bytes() == expected
    (job,) = json.loads((bench / "stats.json").read_text())["jobs"]
    assert all(frame["resumed"] for frame in job["per_frame"] if frame["index"] in finished)
    assert job["status"] == "done" or "nothing to do" in outcome.out
    assert [path.name for path in (bench / "killed").iterdir() if path.name != ".vidstyle"] == ["out.mp4"]
    assert not [path for path in (bench / "killed/.vidstyle").iterdir() if path.is_dir()]


@pytest.mark.parametrize("times", [6, pytest.param(50, marks=pytest.mark.slow)])
def test_a_run_killed_again_and_again_paints_no_frame_twice(bench, whole, times):
    expected, seconds = whole
    chance, finished, count = random.Random(times), [], 0
    # Where nothing is done yet that a kill could spoil, it counts all the same: that is when most of the time passes.
    while count < times and killed(bench, chance.uniform(0.2, 0.7) * seconds):
        count += 1
        assert not (bench / "killed/out.mp4").exists()
        now = journals(bench)
        assert now[: len(finished)] == finished
        finished = now
    assert len(set(finished)) == len(finished)
    bench.painted("in.mp4", "-o", "killed/out.mp4", "--stats", "stats.json")
    assert (bench / "killed/out.mp4").read_bytes() == expected
    (job,) = json.loads((bench / "stats.json").read_text())["jobs"]
    assert count == times or job["status"] == "skipped"
    print(f"killed {count} times, {len(finished)} frames finished before the last run")


KILL = "import os, signal\ndie = lambda: os.kill(os.getpid(), signal.SIGKILL)\n"
WORST = {
    "while a frame is written": """
from vidstyle.pipeline import painting
write = painting.write_frame
def torn(path, image, **options):
    if path.name == "000003.png":
        path.with_name(".vidstyle-1-a.part").write_bytes(b"half")
        die()
    return write(path, image, **options)
painting.write_frame = torn
""",
    "before a frame's line": """
from vidstyle.pipeline.workdir import Workdir
record = Workdir.record
Workdir.record = lambda self, line: die() if line.index == 3 else record(self, line)
""",
    "in the midst of a frame's line": """
from vidstyle.pipeline import store
line = store._line
def torn(record):
    if record.index < 3:
        return line(record)
    descriptor = os.open(next(work_folders()) / "journal.jsonl", os.O_WRONLY | os.O_APPEND)
    os.write(descriptor, line(record)[:40].encode())
    die()
def work_folders():
    import sys
    from pathlib import Path
    return Path(sys.argv[sys.argv.index("-o") + 1]).parent.glob(".vidstyle/*/")
store._line = torn
""",
    "while ffmpeg encodes": """
import threading, time
from pathlib import Path
from vidstyle.media import ffmpeg
wait = ffmpeg._wait
def watched(command, *arguments):
    def watch():
        while not [path for path in Path().rglob(".vidstyle-*.mp4") if path.stat().st_size]:
            time.sleep(0.0005)
        die()
    threading.Thread(target=watch, daemon=True).start()
    return wait(command, *arguments)
ffmpeg._wait = watched
""",
    "between the film and its check": """
from vidstyle.media import writer
writer._check = lambda *_, **__: die()
""",
    "before the film is published": """
from vidstyle.pipeline.ledger import Ledger
note = Ledger.note
Ledger.note = lambda *arguments: (note(*arguments), die())
""",
    "after the film is published": """
from vidstyle.pipeline.workdir import Workdir
Workdir.remove = lambda _: die()
""",
}
FINISHED = {
    "while a frame is written": 3,
    "before a frame's line": 3,
    "in the midst of a frame's line": 3,
    "while ffmpeg encodes": 6,
    "between the film and its check": 6,
    "before the film is published": 6,
    "after the film is published": None,
}


@pytest.mark.parametrize("moment", WORST)
def test_a_run_killed_at_the_worst_moment_goes_on_to_the_same_bytes(bench, short, moment):
    bench.painted(short, "-o", "whole.mp4")
    (bench / "killed").mkdir()
    words = (short, "-o", "killed/out.mp4")
    assert bench.apart(*words, patch=KILL + WORST[moment]).code == -signal.SIGKILL
    published = FINISHED[moment] is None
    assert (bench / "killed/out.mp4").exists() is published
    if published:
        assert "nothing to do" in bench.painted(*words).out
    else:
        assert bench.resumed(*words) == [index < FINISHED[moment] for index in range(6)]
    assert (bench / "killed/out.mp4").read_bytes() == (bench / "whole.mp4").read_bytes()
    assert sorted(path.name for path in (bench / "killed").iterdir()) == [".vidstyle", "out.mp4"]
    assert {path.name for path in (bench / "killed/.vidstyle").iterdir()} <= {"ledger.jsonl", "ledger.lock"}
