import dataclasses
import pickle
from fractions import Fraction
from pathlib import Path

import pytest

from vidstyle.errors import UsageError
from vidstyle.options import (
    Cuts,
    FlowMethod,
    FlowSource,
    MachineOptions,
    Options,
    PaintOptions,
    Size,
    SourceOptions,
    Time,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1.5", Fraction(3, 2)),
        (".25", Fraction(1, 4)),
        ("90", Fraction(90)),
        ("1:02", Fraction(62)),
        ("00:01:02.5", Fraction(125, 2)),
        ("2:00:00", Fraction(7200)),
        ("0.1", Fraction(1, 10)),  # Exactly: a float would be a little more.
    ],
)
def test_a_time_is_read_exactly(text, seconds):
    assert Time.parse(text) == Time(seconds=seconds)


def test_a_time_may_be_a_frame():
    assert Time.parse("120f") == Time(frame=120)
    assert str(Time.parse("120f")) == "120f"


@pytest.mark.parametrize("text", ["", "-1", "1,5", "1:2:3:4", "1.5f", "f", "nan", "inf", "1e3", "٣x"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(UsageError, match="is no time"):
        Time.parse(text)


@pytest.mark.parametrize(("text", "size"), [("512", Size(512)), ("full", Size(None))])
def test_a_size_reads_and_writes_alike(text, size):
    assert Size.parse(text) == size
    assert str(size) == text


@pytest.mark.parametrize("text", ["", "big", "1.5", "15", "0", "-512", "FULL "])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(UsageError, match="--size"):
        Size.parse(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"first_iterations": 0},
        {"iterations": 0},
        {"iterations": -3},
        {"style_weight": -1.0},
        {"content_weight": float("nan")},
        {"tv_weight": float("inf")},
        {"temporal_weight": -0.1},
        {"stop_below": 1.0},
        {"learning_rate": 0.0},
        {"style_weight": 0.0, "content_weight": 0.0},
    ],
)
def test_a_value_out_of_range_is_refused_by_the_name_of_its_option(fields):
    with pytest.raises(UsageError) as caught:
        PaintOptions(**fields)
    assert str(caught.value).startswith("--" + next(iter(fields)).replace("_", "-"))


@pytest.mark.parametrize(("start", "end"), [("2", "1"), ("1", "1"), ("5f", "5f")])
def test_an_empty_range_is_refused(start, end):
    with pytest.raises(UsageError, match="--end"):
        SourceOptions(start=Time.parse(start), end=Time.parse(end))


@pytest.mark.parametrize("text", ["auto", "off", "1.5,4,120f", "30f"])
def test_cuts_read_and_write_alike(text):
    assert str(Cuts.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [("3,1.5", "1.5"), ("1,2,2", "2"), ("9f,8f", "8f"), ("1,x", "'x'"), ("", "''"), ("1,", "''")],
)
def test_cuts_out_of_order_or_no_times_are_refused_by_name(text, fault):
    with pytest.raises(UsageError, match=f"--cuts.*{fault}"):
        Cuts.parse(text)


def test_a_range_in_two_units_is_left_to_the_film_to_judge():
    SourceOptions(start=Time.parse("10"), end=Time.parse("5f"))


@pytest.mark.parametrize("device", ["auto", "cpu", "gpu:0", "gpu:12"])
def test_devices_are_known_by_name(device):
    assert MachineOptions(device=device).device == device


@pytest.mark.parametrize("device", ["gpu", "cuda:0", "gpu:-1", "gpu:x", ""])
def test_an_unknown_device_is_refused(device):
    with pytest.raises(UsageError, match="--device"):
        MachineOptions(device=device)


def test_options_travel_to_other_processes_and_cannot_be_changed():
    options = Options(source=SourceOptions(start=Time.parse("1.5")))
    assert pickle.loads(pickle.dumps(options)) == options
    assert hash(options) == hash(dataclasses.replace(options))
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.paint = PaintOptions()


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("dis", FlowSource(FlowMethod.DIS)),
        ("farneback", FlowSource(FlowMethod.FARNEBACK)),
        ("my/flow", FlowSource(folder=Path("my/flow"))),
    ],
)
def test_a_source_of_flow_reads_and_writes_alike(text, source):
    assert FlowSource.parse(text) == source
    assert str(source) == text


def test_an_empty_name_is_no_source_of_flow():
    with pytest.raises(UsageError, match="--flow"):
        FlowSource.parse("")
