"""Damage in the work folder, by a crash or a faulty disk, is found, and only what it hit is painted again."""

import shutil
from dataclasses import replace

import pytest
from support.clips import COPIED

import vidstyle
from vidstyle.options.groups import SourceOptions
from vidstyle.options.values import Cuts

JOURNAL = "journal/000000.jsonl"


@pytest.fixture(scope="module")
def whole(clip, style, tmp_path_factory):
    """Bytes of the result of an undamaged run."""
    path = tmp_path_factory.mktemp("whole") / "whole.mp4"
    source = shutil.copyfile(clip, path.with_name("in.mp4"))  # Its name is told in the result.
    vidstyle.stylize(source, style, path, options=replace(COPIED, source=SourceOptions(cuts=Cuts(()))))
    return path.read_bytes()


def tear_journal(work):
    path = work / JOURNAL
    path.write_bytes(path.read_bytes()[:-30])
    return {24}


def spoil_line(work):
    path = work / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    lines[7] = lines[7].replace(b'"iterations": 0', b'"iterations": 9')
    path.write_bytes(b"".join(lines))
    return {7}


def fill_with_zeros(work):
    path = work / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:20]) + bytes(4096))
    return set(range(20, 25))


def lose_journal(work):
    (work / JOURNAL).unlink()
    return set(range(25))


def truncate_frame(work):
    path = work / "frames/000003.png"
    path.write_bytes(path.read_bytes()[:-5])
    return {3}


def flip_bit(work):
    path = work / "frames/000005.png"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return {5}


def exchange_frames(work):
    one, two = work / "frames/000001.png", work / "frames/000009.png"
    kept = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(kept)
    return {1, 9}


def lose_frame(work):
    (work / "frames/000000.png").unlink()
    return {0}


def leave_rubbish(work):
    (work / "frames/.vidstyle-1-ab.part").write_bytes(b"half a frame")
    (work / "frames/000099.png").write_bytes(b"of nobody")
    return set()


@pytest.mark.parametrize(
    "damage",
    [
        tear_journal,
        spoil_line,
        fill_with_zeros,
        lose_journal,
        truncate_frame,
        flip_bit,
        exchange_frames,
        lose_frame,
        leave_rubbish,
    ],
)
def test_damaged_frames_alone_are_painted_again(bench, film, whole, damage):
    bench.stopped_before_encoding(film)
    assert bench.journal == 25
    lost = damage(bench.work)
    assert bench.resumed(film) == [index not in lost for index in range(25)]
    assert (bench / "in-starry.mp4").read_bytes() == whole
