import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from vidstyle.options.groups import MachineOptions, Options, PaintOptions, PhotoOptions, SourceOptions
from vidstyle.options.style import Style, StyleOptions
from vidstyle.options.values import Time
from vidstyle.pipeline.provenance import command_of, read_command


def words_of_command(options, *styles):
    return shlex.split(command_of(Path("/far/in put.mp4"), styles, options).partition(": ")[2])


def test_command_omits_folders_and_machine():
    options = Options(
        paint=PaintOptions(iterations=7),
        source=SourceOptions(allow_damaged=True),
        style=StyleOptions(mask=Path("/secret/m.png"), strength_at=("0=1", "2=0.5")),
        machine=MachineOptions(device="cpu", threads=3),
    )
    words = words_of_command(options, Style(Path("/a/s.jpg"), 2, Path("/b/sky.png")))
    assert words == [
        *("vidstyle", "in put.mp4", "--style", "s.jpg@sky.png:2", "--iterations", "7", "--mask", "m.png"),
        *("--strength-at", "0=1", "--strength-at", "2=0.5", "--allow-damaged"),
    ]


def test_command_has_times_of_styles():
    words = words_of_command(Options(), Style(Path("s.jpg"), at=Time(frame=3)))
    assert words[2:4] == ["--style-at", "3f=s.jpg"]


def test_command_is_empty_on_request():
    options = Options(photo=PhotoOptions(strip_metadata=True))
    assert command_of(Path("a.png"), (), options) == ""


@pytest.mark.parametrize(
    "name", ["in put.mp4", "Zürich.png", "raw\udcff.png", "it's\udce4b\\n.png", "\udcff\n \udcfe.png", "$x"]
)
def test_shell_reads_any_name_back_from_the_command(name):
    command = command_of(Path(name), (), Options()).partition(": vidstyle ")[2]
    script = f"printf %s {command}".encode()
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("the notation is that of Bash and Zsh")
    found = subprocess.run([shell, "-c", script], capture_output=True, check=True).stdout
    assert found == os.fsencode(name)


def test_name_without_any_bytes_is_accepted():
    assert "raw?.png" in command_of(Path("raw\ud800.png"), (), Options())


def test_film_without_command_has_none(short):
    assert read_command(short) is None
