import shlex
from pathlib import Path

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


def test_names_that_are_not_text_are_accepted():
    assert "raw" in command_of(Path("raw\udcff.png"), (), Options())


def test_film_without_command_has_none(short):
    assert read_command(short) is None
