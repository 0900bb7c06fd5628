"""What keeps a result from being written is said before the first frame is painted."""

import os
import shutil

import pytest
from support.processes import without_privileges

from vidstyle.media.encode.ffmpeg import binary


def test_foreign_file_is_replaced_only_with_overwrite(bench, film):
    (bench / "out.mp4").write_bytes(b"precious")
    sentence = bench.refused(film, "-o", "out.mp4", begun=True)
    assert sentence == (
        "'out.mp4' already exists and was not made by this request; choose another name, or add --overwrite."
    )
    assert bench.journal == 0
    bench.painted(film, "-o", "out.mp4", "--overwrite")
    assert (bench / "out.mp4").stat().st_size > 1000


@pytest.mark.parametrize("overwrite", [(), ("--overwrite",)])
@pytest.mark.parametrize(
    "link", ["the same name", "another spelling", "a symbolic link", "a hard link", "a link to a link"]
)
def test_input_is_never_replaced(bench, film, link, overwrite):
    output = (
        "in.mp4"
        if link == "the same name"
        else "./../" + bench.folder.name + "/in.mp4"
        if link == "another spelling"
        else "out.mp4"
    )
    if link == "a symbolic link":
        (bench / output).symlink_to(film)
    elif link == "a link to a link":
        (bench / "between.mp4").symlink_to(film)
        (bench / output).symlink_to("between.mp4")
    elif link == "a hard link":
        os.link(bench / film, bench / output)
    sentence = bench.refused(film, "-o", output, *overwrite)
    assert sentence.endswith("is the input 'in.mp4' itself; choose another name with -o.")


def test_style_is_never_replaced(bench, film):
    assert "itself" in bench.refused(film, "-o", "starry.png", "--overwrite")


def test_folder_that_is_missing_is_named(bench, film):
    assert bench.refused(film, "-o", "no/out.mp4") == "The folder 'no' does not exist; create it first."


def test_folder_in_the_results_place_is_named(bench, film):
    (bench / "out.mp4").mkdir()
    assert "is a folder" in bench.refused(film, "-o", "out.mp4")


def test_ending_that_is_none_of_a_film_is_named(bench, film):
    assert "'out.xyz'" in bench.refused(film, "-o", "out.xyz", code=2)


def test_folder_that_may_not_be_written_is_named(bench, film):
    (bench / "out").mkdir(mode=0o555)
    outcome = bench.apart(film, "-o", "out/out.mp4", preexec_fn=without_privileges)
    assert outcome.code == 1
    assert (
        outcome.err
        == "vidstyle: The folder 'out' cannot be written: Permission denied; choose another folder.\n"
    )


def test_encoder_that_is_missing_is_named(bench, film, monkeypatch):
    (bench / "ffmpeg").write_text(f'#!/bin/sh\n{binary()} "$@" | grep -v libx264\n')
    (bench / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("VIDSTYLE_FFMPEG", str(bench / "ffmpeg"))
    assert "libx264" in bench.refused(film)


@pytest.mark.parametrize("kind", ["missing", "no program", "folder"])
def test_ffmpeg_that_is_none_is_named(bench, film, monkeypatch, kind):
    if kind == "no program":
        (bench / "ffmpeg").write_bytes(b"\x7fELF no program")
        (bench / "ffmpeg").chmod(0o755)
    elif kind == "folder":
        (bench / "ffmpeg").mkdir()
    monkeypatch.setenv("VIDSTYLE_FFMPEG", str(bench / "ffmpeg"))
    assert "VIDSTYLE_FFMPEG" in bench.refused(film)


@pytest.mark.parametrize("name", ["w.npz", "w.h5", "w.mat"])
def test_damaged_weights_are_named(bench, film, name):
    (bench / name).write_bytes(b"PK\x03\x04" + bytes(3000))
    sentence = bench.refused(film, "--painter", "vgg", "--weights", name)
    assert f"'{name}'" in sentence


def test_truncated_weights_are_named(bench, film):
    from vidstyle.neural.vgg.weights import BUNDLED

    shutil.copyfile(BUNDLED, bench / "w.npz")
    os.truncate(bench / "w.npz", 1_000_000)
    assert "'w.npz'" in bench.refused(film, "--painter", "vgg", "--weights", "w.npz")
