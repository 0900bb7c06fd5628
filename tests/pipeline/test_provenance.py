import shlex
from pathlib import Path

from vidstyle.media.video.probe import Kind
from vidstyle.options.groups import MachineOptions, Options, PaintOptions, PhotoOptions, SourceOptions
from vidstyle.options.style import Style, StyleOptions
from vidstyle.options.values import Time
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.provenance import command_of, read_command


def to_text(options, *styles):
    job = Job(Path("/far/in put.mp4"), Kind.FILM, styles, Path("/far/out.mp4"), options)
    return shlex.split(command_of(job).partition(": ")[2])


def test_a_signature_is_the_command_without_folders_and_machine():
    options = Options(
        paint=PaintOptions(iterations=7),
        source=SourceOptions(allow_damaged=True),
        style=StyleOptions(mask=Path("/secret/m.png"), strength_at=("0=1", "2=0.5")),
        machine=MachineOptions(device="cpu", threads=3),
    )
    words = to_text(options, Style(Path("/a/s.jpg"), 2, Path("/b/sky.png")))
    assert words == [
        *("vidstyle", "in put.mp4", "--style", "s.jpg@sky.png:2", "--iterations", "7", "--mask", "m.png"),
        *("--strength-at", "0=1", "--strength-at", "2=0.5", "--allow-damaged"),
    ]


def test_styles_have_their_times():
    words = to_text(Options(), Style(Path("s.jpg"), at=Time(frame=3)))
    assert words[2:4] == ["--style-at", "3f=s.jpg"]


def test_on_request_nothing_is_said():
    job = Job(Path("a.png"), Kind.PHOTO, (), Path("b.png"), Options(photo=PhotoOptions(strip_metadata=True)))
    assert command_of(job) == ""


def test_names_that_are_no_text_do_no_harm():
    job = Job(Path("raw\udcff.png"), Kind.PHOTO, (), Path("b.png"), Options())
    assert "raw" in command_of(job)


def test_a_film_that_is_not_signed_has_none(short):
    assert read_command(short) is None
