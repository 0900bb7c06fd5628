import pytest

from vidstyle.errors import RangeError
from vidstyle.media.video.probe import probe_video
from vidstyle.options.values import Time
from vidstyle.pipeline.plan.ranges import frame_range, spread_evenly


def ranged(path, start=None, end=None):
    return frame_range(probe_video(path), start and Time.parse(start), end and Time.parse(end))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # clip: 25 frames, at 0, 0.04, ... 0.96 s.
        (None, None, (0, 25)),
        ("0", None, (0, 25)),
        ("10f", None, (10, 25)),
        ("0.4", None, (10, 25)),
        ("0.41", None, (11, 25)),
        (None, "10f", (0, 10)),
        (None, "0.4", (0, 10)),
        (None, "0.401", (0, 11)),
        ("5f", "0.24", (5, 6)),
        ("0.2", "6f", (5, 6)),
        ("00:00:00.92", "99", (23, 25)),
        ("24f", "99f", (24, 25)),
    ],
)
def test_range_has_frames_shown_from_start_to_before_end(clip, start, end, expected):
    assert ranged(clip, start, end) == expected


def test_range_follows_the_time_of_each_frame(variable):
    # At 0 s, then thirty from 1 s on at 60 a second, then one at 1.8333 s.
    assert ranged(variable, "0.5", "1.05") == (1, 4)
    assert ranged(variable, "1.5", None) == (31, 32)


@pytest.mark.parametrize("start", ["25f", "1", "0.97", "9:00"])
def test_start_past_the_end_is_refused(clip, start):
    with pytest.raises(RangeError, match=r"--start .* is past the end of .* 25 frames and lasts 1\.00 s"):
        ranged(clip, start)


@pytest.mark.parametrize(("start", "end"), [("0.41", "0.43"), (None, "0"), (None, "0f"), ("0.5", "3f")])
def test_empty_range_is_refused(clip, start, end):
    with pytest.raises(RangeError, match=r"no frame of .* lies between"):
        ranged(clip, start, end)


def test_spread_includes_first_and_last():
    assert spread_evenly(5, 12) == [0, 1, 2, 3, 4]
    assert spread_evenly(10, 4) == [0, 3, 6, 9]
    assert spread_evenly(0, 4) == []
