"""Files with flipped bits, truncated and spliced ones: each is read or refused by name, soon and cheaply."""

import json
import os
import random
import subprocess
import sys

import pytest
from PIL import Image
from support.clips import H264, ROOT

SIZE = "testsrc2=s=64x48:r=25:d=0.6"
CLIPS = {
    "a.mp4": ("-f", "lavfi", "-i", SIZE, "-f", "lavfi", "-i", "sine=d=0.6", *H264, "-movflags", "+faststart"),
    "b.mkv": ("-f", "lavfi", "-i", SIZE, "-f", "lavfi", "-i", "sine=d=0.6", *H264),
    "c.webm": ("-f", "lavfi", "-i", SIZE, "-c:v", "libvpx-vp9", "-cpu-used", 8),
    "d.avi": ("-f", "lavfi", "-i", SIZE, "-c:v", "mpeg4"),
    "e.ts": ("-f", "lavfi", "-i", SIZE, *H264),
    "f.mov": ("-f", "lavfi", "-i", SIZE, "-c:v", "prores_ks", "-profile:v", 4, "-pix_fmt", "yuva444p10le"),
    "g.gif": ("-f", "lavfi", "-i", SIZE),
    "h.mp4": (
        "-f",
        "lavfi",
        "-i",
        SIZE,
        "-f",
        "lavfi",
        "-i",
        "sine=d=0.6",
        *H264,
        "-movflags",
        "+frag_keyframe+empty_moov",
    ),
    "i.mxf": ("-f", "lavfi", "-i", SIZE, "-c:v", "mpeg2video"),
    "j.asf": ("-f", "lavfi", "-i", SIZE, "-c:v", "wmv2"),
}
# Reads each file that it is told of, and says how that went.
CHILD = """
import json, resource, sys, time
from pathlib import Path
from vidstyle.errors import VidstyleError
from vidstyle.media.photo.reader import read_photo
from vidstyle.media.video.integrity import check_intact
from vidstyle.media.video.probe import Kind, fit, kind_of, probe_video
from vidstyle.media.video.reader import VideoReader

def peak():
    # Of this program alone: getrusage includes the time before exec, as a copy of the tests' process.
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = status.read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))

def read(path, allow_damaged):
    if kind_of(path) is Kind.PHOTO:
        return read_photo(path).shape[0]
    video = probe_video(path, allow_damaged=allow_damaged)
    check_intact(video)
    frame = fit(video.width, video.height, video.pixel_aspect, 64, even=True)
    with VideoReader(video, frame) as reader:
        return sum(1 for _ in reader)

for line in sys.stdin:
    path, began = Path(line.rstrip("\\n")), time.perf_counter()
    for allow_damaged in (False, True):
        try:
            outcome = f"read {read(path, allow_damaged)}"
        except VidstyleError as exc:
            outcome = f"named {type(exc).__name__}: {exc}"
        except Exception as exc:
            outcome = f"unnamed {type(exc).__name__}: {exc}"
        print(json.dumps([path.name, outcome, time.perf_counter() - began, peak()]), flush=True)
"""


@pytest.fixture
def seeds(draw, tmp_path):
    """Make whole files of several kinds."""
    films = [draw(f"fuzz-{name}", *arguments) for name, arguments in CLIPS.items()]
    picture = tmp_path / "h.jpg"
    Image.effect_noise((64, 48), 90).convert("RGB").save(picture)
    with Image.open(picture) as image:
        for name in ("i.png", "j.webp", "k.tif"):
            image.save(tmp_path / name)
    return [(path.name, path.read_bytes()) for path in (*films, *sorted(tmp_path.glob("?.*")))]


def mutated(chance, data, other):
    """Damage a file in one of the usual ways."""
    data = bytearray(data)
    way = chance.randrange(6)
    if way == 0:  # Bits flip.
        for _ in range(chance.choice([1, 3, 30, 300])):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif way == 1:  # The end is missing.
        del data[chance.randrange(len(data)) :]
    elif way == 2:  # Something in the midst is missing, or there twice.
        start = chance.randrange(len(data))
        part = data[start : start + chance.randrange(4096)]
        data[start : start + len(part)] = chance.choice([b"", bytes(part) * 2, bytes(len(part))])
    elif way == 3:  # Another file goes on in its midst.
        data[chance.randrange(len(data)) :] = other[chance.randrange(len(other)) :]
    elif way == 4:  # It counts more than it has.
        at, size = chance.randrange(min(3000, len(data) - 4)), chance.choice([2, 3, 4])
        ones = b"\xff" * (size - 1)
        data[at : at + size] = chance.choice([b"\x7f" + ones, ones + b"\x7f", b"\0" + ones])
    else:  # Its head has other numbers.
        for _ in range(chance.choice([2, 8])):
            data[chance.randrange(min(600, len(data)))] = chance.choice([0, 1, 127, 128, 255])
    return bytes(data)


@pytest.mark.parametrize("count", [28, pytest.param(500, marks=pytest.mark.slow)])
def test_mutated_files_are_read_or_refused_by_name(seeds, tmp_path, count):
    chance, folder = random.Random(count), tmp_path / "mutated"
    folder.mkdir()
    for number in range(count):
        name, data = seeds[number % len(seeds)]
        (folder / f"{number:03d}-{name}").write_bytes(mutated(chance, data, chance.choice(seeds)[1]))
    files = sorted(folder.iterdir())
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", CHILD], input="\n".join(map(str, files)),
        capture_output=True, text=True, check=False, env=environment, timeout=20 * count,
    )  # fmt: skip
    looks = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 0, (looks[-1:], run.stderr[-2000:])
    assert len(looks) == 2 * count
    unnamed = [look[:2] for look in looks if look[1].startswith("unnamed")]
    assert not unnamed, "\n".join(map(str, unnamed))
    slowest, largest = max(look[2] for look in looks), max(look[3] for look in looks)
    assert slowest < 10
    assert largest < 1 << 30
    kinds = [look[1].split()[0] for look in looks]
    print(
        f"{kinds.count('read')} read, {kinds.count('named')} refused, slowest {slowest:.2f} s, "
        f"peak {largest >> 20} MiB"
    )
    assert {"read", "named"} == set(kinds)
