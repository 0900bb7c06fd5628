"""What is given as a film and is none is refused at once."""

import os
import socket

import numpy as np
import pytest
from support.processes import without_privileges


def make_empty(path):
    path.touch()


def make_random(path):
    path.write_bytes(np.random.default_rng(0).bytes(100_000))


def make_text(path):
    path.write_text("This is no film.\n" * 100)


def make_zeros(path):
    path.write_bytes(bytes(100_000))


def make_folder(path):
    path.mkdir()


def make_pipe(path):
    os.mkfifo(path)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)


def make_dangling(path):
    path.symlink_to("nowhere")


def make_circle(path):
    path.symlink_to(path.name)


def make_device(path):
    path.symlink_to("/dev/zero")


def make_nothing(path):
    assert not path.exists()


KINDS = {
    make_empty: "'x.mp4' is empty; give a video or a photo.",
    make_random: "'x.mp4' is not a video or photo that can be read; give",
    make_text: "'x.mp4' is not a video or photo that can be read; give",
    make_zeros: "'x.mp4' is not a video or photo that can be read; give",
    make_folder: "the folder 'x.mp4' contains neither a photo nor a film; name another.",
    make_pipe: "'x.mp4' is a pipe or a device; save it to a file first.",
    make_socket: "'x.mp4' is a pipe or a device; save it to a file first.",
    make_dangling: "'x.mp4' cannot be opened: No such file or directory; check the name.",
    make_circle: "'x.mp4' cannot be opened: Too many levels of symbolic links; check the name.",
    make_device: "'x.mp4' is a pipe or a device; save it to a file first.",
    make_nothing: "'x.mp4' cannot be opened: No such file or directory; check the name.",
}


@pytest.mark.parametrize("make", KINDS)
def test_file_that_is_no_film_is_refused_at_once(bench, make):
    make(bench / "x.mp4")
    assert bench.refused("x.mp4").startswith(KINDS[make])


@pytest.mark.parametrize("make", [make_empty, make_random, make_pipe, make_folder, make_nothing])
def test_style_that_is_no_image_is_refused_at_once(bench, film, make):
    make(bench / "s.jpg")
    assert bench.refused(film, "--style", "s.jpg").startswith("'s.jpg' ")


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="privileges are dropped as Linux does it")  # noqa: PTH110
def test_file_without_read_permission_is_refused_at_once(bench, film):
    (bench / film).chmod(0)
    outcome = bench.apart(film, preexec_fn=without_privileges)
    (bench / film).chmod(0o600)
    assert outcome.code == 1
    assert outcome.err == "vidstyle: 'in.mp4' cannot be read: Permission denied; check its permissions.\n"
