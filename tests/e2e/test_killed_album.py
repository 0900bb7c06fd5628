"""An album that is killed again and again shows no half of a photo, and paints none twice."""

import json
import random
import signal
import time

import numpy as np
import pytest
from PIL import Image

PHOTOS = 60


@pytest.fixture
def album(bench):
    """Draw photos of three formats; gives what each comes to when nothing is killed."""
    (bench / "album").mkdir()
    chance = np.random.default_rng(5)
    for number in range(PHOTOS):
        ending = ("jpg", "png", "webp")[number % 3]
        Image.fromarray(chance.integers(0, 256, (48, 64, 3), np.uint8)).save(
            bench / f"album/photo{number}.{ending}"
        )
    bench.painted("album", "-o", "whole", apart=True)
    return contents(bench / "whole")


def contents(folder):
    """What whoever looks into the folder sees there."""
    found = {}
    for path in folder.iterdir() if folder.exists() else ():
        if path.name != ".vidstyle":
            found[path.name] = path.read_bytes()
    return found


def times(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("photo*")}


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_album_killed_again_and_again_paints_no_photo_twice(bench, album, kills):
    chance, done = random.Random(kills), {}
    for _ in range(kills):
        process = bench.begin("album", "-o", "killed", "--quiet")
        due = len(done) + chance.randrange(1, PHOTOS // kills)
        while len(times(bench / "killed")) < due:
            assert process.poll() is None, bench.end(process)
            seen = contents(bench / "killed")
            assert all(album[name] == data for name, data in seen.items())
        time.sleep(chance.uniform(0, 0.01))
        process.kill()
        assert bench.end(process).code == -signal.SIGKILL
        seen = contents(bench / "killed")
        assert all(album[name] == data for name, data in seen.items())
        now = times(bench / "killed")
        assert done.items() <= now.items()
        done = now
    bench.painted("album", "-o", "killed", "--stats", "stats.json")
    assert contents(bench / "killed") == album
    assert done.items() <= times(bench / "killed").items()
    jobs = json.loads((bench / "stats.json").read_text())["jobs"]
    assert sum(job["status"] == "skipped" for job in jobs) == len(done)
    assert not [path for path in (bench / "killed/.vidstyle").iterdir() if path.is_dir()]
    print(f"killed {kills} times, {len(done)} of {PHOTOS} photos finished before the last run")
