from fractions import Fraction
from pathlib import Path

import pytest

from vidstyle.errors import UsageError
from vidstyle.options.values import (
    Cuts,
    FlowMethod,
    FlowSource,
    Init,
    InitKind,
    PaintEvery,
    Size,
    TemporalFrames,
    Tile,
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
def test_time_is_read_exactly(text, seconds):
    assert Time.parse(text) == Time(seconds=seconds)


def test_time_may_be_a_frame():
    assert Time.parse("120f") == Time(frame=120)
    assert str(Time.parse("120f")) == "120f"


@pytest.mark.parametrize("text", ["", "-1", "1,5", "1:2:3:4", "1.5f", "f", "nan", "inf", "1e3", "٣x"])
def test_invalid_time_is_refused(text):
    with pytest.raises(UsageError, match="invalid time"):
        Time.parse(text)


@pytest.mark.parametrize(("text", "size"), [("512", Size(512)), ("full", Size(None))])
def test_size_reads_and_writes_alike(text, size):
    assert Size.parse(text) == size
    assert str(size) == text


@pytest.mark.parametrize("text", ["", "big", "1.5", "15", "0", "-512", "FULL "])
def test_invalid_size_is_refused(text):
    with pytest.raises(UsageError, match="--size"):
        Size.parse(text)


@pytest.mark.parametrize("text", ["auto", "off", "1.5,4,120f", "30f"])
def test_cuts_read_and_write_alike(text):
    assert str(Cuts.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [("3,1.5", "1.5"), ("1,2,2", "2"), ("9f,8f", "8f"), ("1,x", "'x'"), ("", "''"), ("1,", "''")],
)
def test_invalid_cuts_are_refused_by_name(text, fault):
    with pytest.raises(UsageError, match=f"--cuts.*{fault}"):
        Cuts.parse(text)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("dis", FlowSource(FlowMethod.DIS)),
        ("farneback", FlowSource(FlowMethod.FARNEBACK)),
        ("my/flow", FlowSource(folder=Path("my/flow"))),
    ],
)
def test_source_of_flow_reads_and_writes_alike(text, source):
    assert FlowSource.parse(text) == source
    assert str(source) == text


def test_empty_source_of_flow_is_refused():
    with pytest.raises(UsageError, match="--flow"):
        FlowSource.parse("")


def test_temporal_frames_read_and_write_alike():
    assert TemporalFrames.parse("1,2,4").frames == (1, 2, 4)
    assert str(TemporalFrames.parse("1,2,4")) == "1,2,4"


@pytest.mark.parametrize("text", ["2", "1,1", "1,4,2", "0,1", "", "a", "1,", "1,65", "1.5"])
def test_temporal_frames_that_do_not_ascend_from_one_are_refused(text):
    with pytest.raises(UsageError, match="--temporal-frames"):
        TemporalFrames.parse(text)


def test_init_is_a_kind_or_an_image_file():
    assert Init.parse("noise") == Init(InitKind.NOISE)
    assert Init.parse("noise.png") == Init(file=Path("noise.png"))
    assert [str(Init.parse(text)) for text in ("style", "a/b.png")] == ["style", "a/b.png"]
    with pytest.raises(UsageError, match="--init"):
        Init.parse("")


@pytest.mark.parametrize(
    ("text", "tile"), [("auto", Tile()), ("off", Tile(auto=False)), ("512", Tile(512, auto=False))]
)
def test_tile_reads_and_writes_alike(text, tile):
    assert Tile.parse(text) == tile
    assert str(tile) == text


@pytest.mark.parametrize("text", ["255", "0", "-512", "large", "", "512.5"])
def test_invalid_tile_is_refused(text):
    with pytest.raises(UsageError, match="--tile"):
        Tile.parse(text)


@pytest.mark.parametrize(("text", "frames"), [("auto", None), ("1", 1), ("8", 8)])
def test_frames_to_paint_are_written_as_they_are_read(text, frames):
    assert PaintEvery.parse(text).frames == frames
    assert str(PaintEvery.parse(text)) == text


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "1.5"])
def test_frames_to_paint_out_of_range_are_refused_by_name(text):
    with pytest.raises(UsageError, match="--paint-every"):
        PaintEvery.parse(text)
