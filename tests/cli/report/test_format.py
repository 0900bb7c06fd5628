from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.runs import batch_done

from vidstyle.cli.report.format import (
    count_by_status,
    format_age,
    format_count,
    format_duration,
    format_forecast,
    format_number,
    format_size,
    format_summary,
    printable,
)
from vidstyle.events import JobDone, Status


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
def test_number_is_short_and_readable(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (7.4, "0:07"),
        (59.6, "1:00"),
        (750, "12:30"),
        (11100, "3:05:00"),
        (86400, "1 day 0 h"),
        (183600, "2 days 3 h"),
    ],
)
def test_duration_has_minutes_hours_or_days(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(640, "640 B"), (1000, "1.0 KiB"), (24 << 20, "24 MiB"), (1288490189, "1.2 GiB"), (5 << 40, "5120 GiB")],
)
def test_amount_of_memory_has_its_unit(amount, text):
    assert format_size(amount) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "just now"), (119, "1 minute ago"), (7200, "2 hours ago"), (3 * 86400 + 5, "3 days ago")],
)
def test_age_has_its_largest_unit(seconds, text):
    assert format_age(seconds) == text


def test_jobs_are_counted_by_status_in_a_fixed_order():
    batch = batch_done(Status.FAILED, Status.DONE, Status.SKIPPED, Status.DONE)
    assert list(count_by_status(batch.outcomes).items()) == [("done", 2), ("skipped", 1), ("failed", 1)]
    assert count_by_status(()) == {"done": 0}


def test_noun_agrees_with_its_number():
    assert tuple(format_count(number, "frame") for number in (1, 36, 0)) == (
        "1 frame",
        "36 frames",
        "0 frames",
    )


def test_path_is_one_printable_line():
    assert printable(Path("a\nb.mp4")) == r"a\nb.mp4"


def test_summary_has_the_warping_error_next_to_that_of_the_source():
    done = JobDone(0, Path("in-starry.mp4"), 151.2, 36, 812.0, 0.00021, 0.00018)
    assert format_summary(done) == (
        "in-starry.mp4: 36 frames, 4.2 s per frame, style loss 812, warping error 0.00021 (source 0.00018)"
    )
    far = replace(done, warping_error_10=0.0012, warping_error_10_source=0.0009)
    assert format_summary(far) == f"{format_summary(done)}, 0.0012 ten frames apart (source 0.00090)"


def test_summary_omits_metrics_that_were_not_measured():
    photo = JobDone(0, Path("a.jpg"), 3.0, 1, None, None, None)
    assert format_summary(photo) == "a.jpg: 1 frame, 3.0 s per frame"


def test_forecast_has_size_memory_disk_and_every_note():
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

    assert format_forecast(Path("in.mp4"), Path("out.mp4"), Guess()).splitlines() == [
        "in.mp4 -> out.mp4",
        "  320x180, 36 frames",
        "  about 1.5 GiB of memory, 24 MiB of disk",
        "  subtitles are dropped",
    ]
    timed = format_forecast(Path("in.mp4"), Path("out.mp4"), Guess(seconds=250, seconds_a_shot=61.4))
    assert timed.splitlines()[3] == "  at most 4:10 to paint, and 1:01 more per detected cut"
    assert (
        format_forecast(Path("a"), Path("b"), Guess(seconds=250)).splitlines()[3] == "  at most 4:10 to paint"
    )
