"""A file that crashes a native library is that file's error, in one sentence, and the others go on."""

import shutil
from pathlib import Path

import pytest
from support.clips import ROOT

# Loaded by every Python process that is started with it, also by the one that reads the files.
PATCH = """
import os
import av
from PIL import Image, ImageFile

def crashing(function, name):
    def call(*arguments, **keywords):
        if name in str(arguments[0]) or name in str(getattr(arguments[0], "filename", "")):
            os.abort()
        return function(*arguments, **keywords)
    return call

av.open = crashing(av.open, "film-crash")
Image.open = crashing(Image.open, "open-crash")
ImageFile.ImageFile.load = crashing(ImageFile.ImageFile.load, "load-crash")
"""
OPENCV = """
import cv2
cv2.VideoCapture = crashing(cv2.VideoCapture, "opencv-crash")
"""


@pytest.fixture
def patched(bench, tmp_path_factory, clip):
    """Folder whose files crash the libraries by their names, and the environment that makes them do so."""
    folder = tmp_path_factory.mktemp("patch")
    (folder / "sitecustomize.py").write_text(PATCH)
    album = bench / "album"
    album.mkdir()
    shutil.copyfile(clip, album / "b.mp4")
    shutil.copyfile(bench / "starry.png", album / "d.png")
    return album, {"PYTHONPATH": f"{folder}:{ROOT}"}


def sentence(name):
    return f"'{name}' crashes the library that reads it (SIGABRT); convert it to another format first."


@pytest.mark.parametrize("name", ["film-crash.mp4", "open-crash.png", "load-crash.png"])
def test_other_files_of_an_album_are_painted(bench, clip, patched, name):
    album, env = patched
    shutil.copyfile(clip if name.endswith("mp4") else bench / "starry.png", album / f"a-{name}")
    outcome = bench.apart("album", "-o", "out", "--size", "32", env=env)
    assert outcome.code == 3, outcome.err
    assert sentence(f"album/a-{name}") in outcome.err
    assert "Traceback" not in outcome.err
    assert sorted(path.name for path in (bench / "out").iterdir()) == [".vidstyle", "b.mp4", "d.png"]


def test_other_films_are_painted_where_opencv_crashes(bench, clip, patched):
    album, env = patched
    folder = env["PYTHONPATH"].partition(":")[0]
    Path(folder, "sitecustomize.py").write_text(PATCH + OPENCV)
    shutil.copyfile(clip, album / "opencv-crash.mp4")
    outcome = bench.apart("album", "-o", "out", "--size", "32", env=env)
    assert outcome.code == 3, outcome.err
    assert sentence("album/opencv-crash.mp4") in outcome.err
    assert (bench / "out" / "b.mp4").exists()


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_single_film_that_crashes_is_refused_by_name(bench, clip, patched, words):
    shutil.copyfile(clip, bench / "film-crash.mp4")
    outcome = bench.apart("film-crash.mp4", "-o", "out.mp4", *words, env=patched[1])
    assert (outcome.code, outcome.err) == (1, f"vidstyle: {sentence('film-crash.mp4')}\n")
