"""A long film takes no more memory and no more open files than a short one."""

import gc
import os
from dataclasses import replace
from pathlib import Path

import pytest
from support.clips import COPIED

import vidstyle
from vidstyle.events import FrameDone
from vidstyle.options.groups import SourceOptions
from vidstyle.options.values import Cuts

PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory in use is read as on Linux")
@pytest.mark.parametrize("frames", [1500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_memory_and_open_files_stay_flat(bench, frames, monkeypatch):
    bench.draw(
        "in.mp4", "-f", "lavfi", "-i", f"testsrc2=s=32x16:r=50:d={frames / 50}", "-preset", "ultrafast"
    )
    # What is measured is what a frame costs in memory; the disk's assurance costs only time.
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    seen = []

    def look(event):
        if isinstance(event, FrameDone) and event.frame % 250 == 249:
            gc.collect()
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            seen.append((pages * PAGE_MIB, len([*Path("/proc/self/fd").iterdir()])))

    options = replace(COPIED, source=SourceOptions(cuts=Cuts(())))
    result = vidstyle.stylize("in.mp4", "starry.png", "out.mp4", options=options, observer=look)
    assert result.frames == frames == len(result.per_frame)
    memory, files = zip(*seen, strict=True)
    # What is noted of each frame is a kilobyte or two.
    assert memory[-1] - memory[1] < 8 + frames * 0.003
    assert max(files) - min(files) <= 2
