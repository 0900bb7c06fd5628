"""A killed run leaves no result, and the same command ends with the bytes of a run that was never killed."""

import json
import random
import shutil
import signal
import time
from dataclasses import replace

import pytest
from support.clips import COPIED

import vidstyle
from vidstyle.options.groups import MotionOptions, SourceOptions
from vidstyle.options.values import Cuts

# 60 frames, so that there is time to be killed in; the encoder takes a good part of it.
LONG = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=30:d=2", "-f", "lavfi", "-i", "sine=d=2", "-g", 15)
RANDOM = random.Random(6)
MOMENTS = [
    ("Encoding", 1, RANDOM.uniform(0, 0.25))
    if place % 4 == 3
    else ("FrameDone", RANDOM.randrange(1, 60), RANDOM.uniform(0, 0.01))
    for place in range(20)
]
"""Event that a run reports before it is killed, how many times, and the seconds from then on: also while the
run encodes, checks and publishes."""


@pytest.fixture(scope="module")
def source(draw):
    return draw("in.mp4", *LONG)  # Its name is told in the result.


@pytest.fixture(scope="module")
def expected(source, style, tmp_path_factory):
    """Make the bytes of the result of a run that is never killed, by its number of passes."""
    folder = tmp_path_factory.mktemp("whole")

    def make(passes=1, film=source):
        path = folder / f"{film.stem}-{passes}.mp4"
        if not path.exists():
            options = replace(
                COPIED, source=SourceOptions(cuts=Cuts(())), motion=MotionOptions(passes=passes)
            )
            vidstyle.stylize(film, style, path, options=options)
        return path.read_bytes()

    return make


def indices(journal):
    """List the frames that are recorded as finished, in the order of their lines."""
    lines = journal.read_bytes().splitlines(keepends=True)
    return [json.loads(line.rpartition(b" ")[0])["index"] for line in lines if line.endswith(b"\n")]


def journals(bench):
    """List the frames that are recorded as finished, by pass."""
    stores = {
        path.parents[1]: indices(path) for path in bench.folder.glob("killed/.vidstyle/**/journal/*.jsonl")
    }
    return {store.name if store.name.startswith("pass") else "last": noted for store, noted in stores.items()}


@pytest.fixture
def words(bench, source):
    shutil.copyfile(source, bench / "in.mp4")
    (bench / "killed").mkdir()
    return "in.mp4", "-o", "killed/out.mp4"


@pytest.mark.parametrize(
    ("event", "times", "after_s"),
    [pytest.param(*m, marks=[] if n % 5 == 3 else pytest.mark.slow) for n, m in enumerate(MOMENTS)],
)
def test_run_killed_at_any_moment_goes_on_to_the_same_bytes(bench, words, expected, event, times, after_s):
    process = bench.begin(*words, "--log-json")
    for line in process.stdout:
        times -= json.loads(line)["event"] == event
        if not times:
            break
    time.sleep(after_s)
    process.kill()
    assert bench.end(process).code in {0, -signal.SIGKILL}
    published = (bench / "killed/out.mp4").exists()
    # Its last act is to publish: what is there is whole.
    assert not published or (bench / "killed/out.mp4").read_bytes() == expected()
    finished = journals(bench).get("last", [])
    assert published or finished
    assert len(finished) == len(set(finished))
    outcome = bench.painted(*words, "--stats", "stats.json")
    assert (bench / "killed/out.mp4").read_bytes() == expected()
    (job,) = json.loads((bench / "stats.json").read_text())["jobs"]
    assert published or all(frame["resumed"] for frame in job["per_frame"] if frame["index"] in finished)
    assert job["status"] == "done" or "nothing to do" in outcome.out
    assert [path.name for path in (bench / "killed").iterdir() if path.name != ".vidstyle"] == ["out.mp4"]
    assert not [path for path in (bench / "killed/.vidstyle").iterdir() if path.is_dir()]
    print(f"killed after {len(finished)} frames, {'published' if published else 'not published'}")


# Dies a while after it has a frame to save, or all of them to encode, and never reaches its end: frames take
# some time, as painted ones do, and nothing is published.
DIES_SOON = """
import os, signal, threading, time
from vidstyle.pipeline.paint import recorder as painting
from vidstyle.pipeline import job as make
write, together = painting.write_frame, make.encode
die = threading.Timer(float(os.environ["DIES_AFTER_S"]), lambda: os.kill(os.getpid(), signal.SIGKILL))
def begin():
    if not die.is_alive():
        die.start()
def slowly(*arguments, **options):
    begin()
    time.sleep(0.02)
    crc = write(*arguments, **options)
    time.sleep(0.02)
    return crc
painting.write_frame = slowly
make.encode = lambda *arguments: (begin(), together(*arguments))[1]
make.publish = lambda *_: time.sleep(99)
"""


@pytest.mark.parametrize(
    ("times", "passes"), [(6, 1), *(pytest.param(50, n, marks=pytest.mark.slow) for n in (1, 2))]
)
def test_run_killed_again_and_again_paints_no_frame_twice(bench, words, expected, times, passes):
    words = (*words, "--passes", passes)
    chance, before, encoding = random.Random(times), {}, 0
    for _ in range(times):
        painting = len(before.get("last", ())) < 60
        after_s = chance.uniform(0, 0.15 * passes if painting else 1)
        outcome = bench.apart(*words, patch=DIES_SOON, env={"DIES_AFTER_S": str(after_s)})
        assert outcome.code == -signal.SIGKILL
        assert not (bench / "killed/out.mp4").exists()
        now = journals(bench)
        # What is noted stays noted, and no frame a second time.
        assert all(now[store][: len(noted)] == noted for store, noted in before.items())
        assert all(len(set(noted)) == len(noted) for noted in now.values())
        before, encoding = now, encoding + (not painting)
    finished = before.get("last", [])
    resumed = bench.resumed(*words)
    assert [index for index in range(60) if resumed[index]] == sorted(finished)
    assert (bench / "killed/out.mp4").read_bytes() == expected(passes)
    counts = {store: len(noted) for store, noted in before.items()}
    print(
        f"killed {times} times, {encoding} of them after the last frame; "
        f"finished before the last run: {counts}"
    )


KILL = "import os, signal\ndie = lambda: os.kill(os.getpid(), signal.SIGKILL)\n"
WORST = {
    "while a frame is written": """
from vidstyle.pipeline.paint import recorder as painting
write = painting.write_frame
def torn(path, image, **options):
    if path.name == "000003.png":
        path.with_name(".vidstyle-1-a.part").write_bytes(b"half")
        die()
    return write(path, image, **options)
painting.write_frame = torn
""",
    "before a frame's line": """
from vidstyle.pipeline.work.workdir import Workdir
record = Workdir.record
Workdir.record = lambda self, line, **shot: die() if line.index == 3 else record(self, line, **shot)
""",
    "in the midst of a frame's line": """
from vidstyle.pipeline.work import frame_store as store
line = store._line
def torn(record):
    if record.index < 3:
        return line(record)
    descriptor = os.open(next(work_folders()) / "journal/000000.jsonl", os.O_WRONLY | os.O_APPEND)
    os.write(descriptor, line(record)[:40])
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
from vidstyle.media.encode import ffmpeg
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
from vidstyle.media.encode import writer
writer._verify = lambda *_, **__: die()
""",
    "before the film is published": """
from vidstyle.pipeline.work.ledger import Ledger
note = Ledger.note
Ledger.note = lambda *arguments: (note(*arguments), die())
""",
    "after the film is published": """
from vidstyle.pipeline.work.workdir import Workdir
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
def test_run_killed_at_the_worst_moment_goes_on_to_the_same_bytes(bench, short, moment):
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


WORST_OF_TWO = {
    "in the first pass": """
from vidstyle.pipeline.work.frame_store import FrameStore
record = FrameStore.record
def dying(self, line, **shot):
    die() if (self.path.name, line.index) == ("pass-1", 3) else record(self, line, **shot)
FrameStore.record = dying
""",
    "while flow is written": """
from pathlib import Path
from vidstyle.pipeline import flow_source as motions
replace = motions.replace_with
def torn(path, data, **options):
    replace(path, data, **options)
    if path.name == "000002-000003.npz":
        path.write_bytes(data[:-99])
        die()
motions.replace_with = torn
""",
    "between the passes": """
from vidstyle.pipeline.paint import multipass
paint = multipass.paint_shot
multipass.paint_shot = lambda context, history: (
    die() if history.shot_pass.number == 2 else paint(context, history)
)
""",
    "in the second pass": """
from vidstyle.pipeline.work.workdir import Workdir
record = Workdir.record
Workdir.record = lambda self, line, **shot: die() if line.index == 2 else record(self, line, **shot)
""",
    "while the first pass is discarded": """
from vidstyle.pipeline.work.frame_store import FrameStore
discard = FrameStore.discard
FrameStore.discard = lambda self, indices: (discard(self, list(indices)[:2]), die())
""",
}
FINISHED_OF_TWO = dict(zip(WORST_OF_TWO, (set(), set(), set(), {3, 4, 5}, set(range(6))), strict=True))


@pytest.mark.parametrize("moment", WORST_OF_TWO)
def test_of_two_passes_none_paints_a_frame_again(bench, short, expected, moment):
    (bench / "killed").mkdir()
    words = (short, "-o", "killed/out.mp4", "--passes", 2)
    assert bench.apart(*words, patch=KILL + WORST_OF_TWO[moment]).code == -signal.SIGKILL
    assert not (bench / "killed/out.mp4").exists()
    done = FINISHED_OF_TWO[moment]
    assert bench.resumed(*words, "--keep-frames") == [index in done for index in range(6)]
    assert (bench / "killed/out.mp4").read_bytes() == expected(2, short)
    # The second pass goes backward.
    assert journals(bench) == {"pass-1": [*range(6)], "last": [*range(6)][::-1]}


@pytest.mark.slow
@pytest.mark.parametrize("passes", [1, 2, 3])
def test_painting_killed_again_and_again_comes_to_the_same_pixels(bench, short, passes):
    words = (
        *(short, "--painter", "vgg", "--device", "cpu", "--precision", "float32", "--passes", passes),
        *("--first-iterations", 3, "--iterations", 2, "--stop-below", 0),
    )
    (bench / "killed").mkdir()
    bench.painted(*words, "-o", "whole.mkv", "--codec", "ffv1", apart=True)
    chance = random.Random(passes)
    for _ in range(5):
        died = bench.apart(
            *(*words, "-o", "killed/out.mkv", "--codec", "ffv1"),
            patch=DIES_SOON,
            env={"DIES_AFTER_S": str(chance.uniform(0, 0.8))},
        )
        assert died.code == -signal.SIGKILL
        assert not (bench / "killed/out.mkv").exists()
    finished = {store: len(noted) for store, noted in journals(bench).items()}
    assert finished
    print(f"{passes} passes, killed 5 times; finished before the last run: {finished}")
    bench.painted(*words, "-o", "killed/out.mkv", "--codec", "ffv1", apart=True)
    assert (bench / "killed/out.mkv").read_bytes() == (bench / "whole.mkv").read_bytes()
