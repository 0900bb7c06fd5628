"""A file may be named anything that its file system allows."""

import json
import os
import shutil

import pytest

from vidstyle.media.provenance import read_note

NAMES = [b"-in.mp4", b"50%d.mp4", b"%04d.mp4", b"a:b.mp4", b"file:x.mp4", b"quote'\".mp4", b"new\nline.mp4",
         b"\xff\xfe.mp4", b"x" * 251 + b".mp4", b"two words.mp4", "\u96ea\u666f.mp4".encode(), b"[red].mp4",
         b"*.mp4", b"frame7.mp4", b"a|b.mp4", b"back\\slash.mp4", b"pipe:0", b".mp4"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_film_of_any_name_is_painted(bench, film, name):
    path = bench / os.fsdecode(name)
    (bench / film).rename(path)
    # In a process of its own where OpenCV would take the interpreter with it.
    outcome = bench.painted("-o", "out.mp4", "--", path.name, apart=not name.isascii())
    assert outcome.out.startswith("out.mp4: 25 frames")
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {b"pipe:0", b".mp4"}])
def test_result_may_have_any_name(bench, film, name):
    output = os.fsdecode(name)
    bench.painted(film, f"--output={output}")
    assert (bench / output).stat().st_size > 0


def test_name_that_is_too_long_for_its_result_is_named(bench, film):
    assert "File name too long" in bench.refused(film, "-o", "x" * 300 + ".mp4")


def test_names_are_kept_whole_under_the_c_locale(bench, film):
    shutil.copyfile(bench / film, bench / "Zürich.mp4")
    (bench / "list.txt").write_bytes("Zürich.mp4\r\nnone*.mp4\r\n".encode("utf-16"))
    words = ("--list", "list.txt", "-o", "out", "--stats", "stats.json")
    outcome = bench.apart(*words, env={"LC_ALL": "C", "PYTHONUTF8": "0"})
    assert outcome.code == 3
    assert "No file matches 'none*.mp4'" in outcome.err
    assert "vidstyle 'Zürich.mp4' --style starry.png" in read_note(bench / "out/Zürich-starry.mp4")
    assert json.loads((bench / "stats.json").read_text("utf-8"))["jobs"][0]["input"] == "Zürich.mp4"
    assert r"Z\xfcrich.mp4" in outcome.err  # What a terminal of ASCII can show of it.
