from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from vidstyle.cli.report.format import clock, count, figure, forecast, shown, size, summary
from vidstyle.events import JobDone


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (812.4, "812"),
        (123456.0, "123456"),
        (4.256, "4.26"),
        (0.5, "0.500"),
        (0.000214, "0.00021"),
        (0.0, "0"),
        (-3.0, "-3.00"),
        (1e-9, "1e-09"),
    ],
)
def test_a_figure_is_short_and_readable(value, text):
    assert figure(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(7.4, "0:07"), (59.6, "1:00"), (750, "12:30"), (11100, "3:05:00")]
)
def test_a_duration_reads_like_a_clock(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(640, "640 B"), (1000, "1.0 KiB"), (24 << 20, "24 MiB"), (1288490189, "1.2 GiB"), (5 << 40, "5120 GiB")],
)
def test_an_amount_of_memory_has_its_unit(amount, text):
    assert size(amount) == text


def test_one_frame_is_no_frames():
    assert (count(1, "frame"), count(36, "frame"), count(0, "frame")) == ("1 frame", "36 frames", "0 frames")


def test_a_shown_path_is_one_printable_line():
    assert shown(Path("a\nb.mp4")) == r"a\nb.mp4"


def test_the_summary_puts_the_warping_error_beside_its_floor():
    done = JobDone(0, Path("painted/in-starry.mp4"), 151.2, 36, 812.0, 0.00021, 0.00018)
    assert summary(done) == (
        "painted/in-starry.mp4: 36 frames, 4.2 s a frame, style loss 812, warping error 0.00021 (source 0.00018)"
    )
    far = replace(done, warping_error_10=0.0012, warping_error_10_source=0.0009)
    assert summary(far) == f"{summary(done)}, 0.0012 ten frames apart (source 0.00090)"


def test_the_summary_is_silent_about_what_was_not_measured():
    assert summary(JobDone(0, Path("a.jpg"), 3.0, 1, None, None, None)) == "a.jpg: 1 frame, 3.0 s a frame"


def test_a_forecast_names_size_memory_disk_and_every_note():
    @dataclass(frozen=True)
    class Guess:
        width: int = 320
        height: int = 180
        frames: int = 36
        memory_bytes: int = 3 << 29
        disk_bytes: int = 24 << 20
        notes: tuple[str, ...] = ("subtitles are dropped",)
        seconds: float | None = None
        seconds_a_shot: float | None = None

    assert forecast(Path("in.mp4"), Path("out.mp4"), Guess()).splitlines() == [
        "in.mp4 -> out.mp4",
        "  320x180, 36 frames",
        "  about 1.5 GiB of memory, 24 MiB of disk",
        "  subtitles are dropped",
    ]
    timed = forecast(Path("in.mp4"), Path("out.mp4"), Guess(seconds=250, seconds_a_shot=61.4))
    assert timed.splitlines()[3] == "  at most 4:10 to paint, and 1:01 more for each cut that is found"
    assert forecast(Path("a"), Path("b"), Guess(seconds=250)).splitlines()[3] == "  at most 4:10 to paint"
