"""A large album takes no more memory and no more open files than a small one, and is not painted twice."""

import gc
import os
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED

import vidstyle
from vidstyle.events import JobDone, Status
from vidstyle.pipeline.plan.prepare import Ledgers, prepare
from vidstyle.pipeline.work.ledger import Ledger

PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.fixture
def album(bench, request):
    (bench / "album").mkdir()
    chance = np.random.default_rng(8)
    for number in range(request.param):
        pixels = chance.integers(0, 256, (48, 64, 3), np.uint8)
        Image.fromarray(pixels).save(bench / f"album/photo{number}.{('jpg', 'png')[number % 2]}")
    return request.param


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory in use is read as on Linux")
@pytest.mark.parametrize("album", [120, pytest.param(500, marks=pytest.mark.slow)], indirect=True)
def test_memory_and_open_files_stay_flat(bench, album):
    assert (bench / "album").is_dir()
    seen = []

    def look(event):
        if isinstance(event, JobDone) and event.job % 20 == 19:
            gc.collect()
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            seen.append((pages * PAGE_MIB, len([*Path("/proc/self/fd").iterdir()])))

    def painted():
        jobs = vidstyle.plan([Path("album")], [Path("starry.png")], Path("painted"), COPIED)
        return [result.status for result in vidstyle.stylize_many(jobs, observer=look)]

    assert painted() == [Status.DONE] * album
    memory, files = zip(*seen, strict=True)
    # What is noted of each photo is a kilobyte or two.
    assert memory[-1] - memory[1] < 8 + album * 0.003
    assert max(files) - min(files) <= 2
    print(
        f"{album} photos: {memory[1]:.0f} MiB after 40, {memory[-1]:.0f} MiB at the end; "
        f"{min(files)} to {max(files)} files"
    )
    assert painted() == [Status.SKIPPED] * album


WITHOUT = "import sys\nsys.modules['tensorflow'] = sys.modules['keras'] = None\n"
"""From then on, who imports the network fails."""


@pytest.mark.parametrize("album", [20, pytest.param(3000, marks=pytest.mark.slow)], indirect=True)
def test_finished_photos_are_known_without_the_network(bench, album):
    ledger = Ledger(Path("painted"))
    options = vidstyle.Options(source=vidstyle.SourceOptions(size=vidstyle.Size(64)))
    for job in vidstyle.plan([Path("album")], [Path("starry.png")], Path("painted"), options):
        key = prepare(job, Ledgers({Path("painted"): ledger})).keys.result
        job.output.write_bytes(b"painted")  # Nobody looks into it: its size and time tell.
        ledger.note(job.output, job.output, key)
    began = time.perf_counter()
    words = ("album", "-o", "painted", "--painter", "vgg", "--size", "64", "--cuts", "auto")
    outcome = bench.apart(*words, patch=WITHOUT)
    assert outcome.code == 0, outcome.err
    assert outcome.out.count("nothing to do") == album
    print(f"{album} finished photos are known in {time.perf_counter() - began:.1f} s")
