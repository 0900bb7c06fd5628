import dataclasses
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED

from vidstyle.errors import InputError, RangeError
from vidstyle.media.geometry import FrameSize
from vidstyle.media.video.probe import probe_video
from vidstyle.options.groups import Options, PainterKind, SourceOptions
from vidstyle.options.style import Crop, Style, StyleOptions
from vidstyle.options.values import Size, Time
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.survey import frame_range, resolve


def photo(path, width=64, height=48, color=(9, 99, 199)):
    Image.fromarray(np.full((height, width, 3), color, np.uint8)).save(path)
    return path


def sized(longer_side, painter=PainterKind.NONE):
    return Options(source=SourceOptions(size=Size(longer_side)), painter=painter)


def surveyed(path, style, options=COPIED):
    return resolve(plan([path], [style], None, options)[0])


def test_a_film_is_measured(short, style):
    spec = surveyed(short, style)
    assert spec.frame == FrameSize(48, 32, Fraction(1))
    assert (spec.start, spec.stop, spec.frames) == (0, 6, 6)
    assert spec.video.rate == Fraction(30000, 1001)


def test_a_photo_is_one_frame(tmp_path, style):
    spec = surveyed(photo(tmp_path / "in.png", 65, 49), style)
    assert (spec.video, spec.frame, spec.frames) == (None, FrameSize(65, 49, Fraction(1)), 1)


def test_a_photo_is_brought_to_the_longer_side(tmp_path, style):
    path = photo(tmp_path / "in.png", 90, 60)
    assert surveyed(path, style, sized(45)).frame == FrameSize(45, 30, Fraction(1))
    assert surveyed(path, style, sized(None)).frame == FrameSize(90, 60, Fraction(1))


def test_styles_are_brought_to_the_same_longer_side(tmp_path):
    wide, high = photo(tmp_path / "wide.png", 40, 10), photo(tmp_path / "high.png", 300, 600)
    job = plan([photo(tmp_path / "in.png", 50, 80)], [wide, high], Path("out.png"), COPIED)[0]
    assert [(size.width, size.height) for size in resolve(job).styles] == [(80, 20), (40, 80)]


@pytest.mark.parametrize(
    ("style", "size"),
    [
        (StyleOptions(style_scale=0.5), (20, 40)),
        (StyleOptions(style_size=100), (50, 100)),
        (StyleOptions(style_size=100, style_scale=2), (100, 200)),
        (StyleOptions(style_crop=Crop(0, 0, 20, 10)), (80, 40)),
    ],
)
def test_a_style_is_scaled_and_cropped_on_request(tmp_path, style, size):
    high = photo(tmp_path / "high.png", 300, 600)
    options = dataclasses.replace(COPIED, style=style)
    job = plan([photo(tmp_path / "in.png", 50, 80)], [high], Path("out.png"), options)[0]
    assert [(found.width, found.height) for found in resolve(job).styles] == [size]


def test_the_largest_picture_may_be_a_style(tmp_path):
    picture, wide = photo(tmp_path / "in.png", 50, 80), photo(tmp_path / "wide.png", 120, 30)
    assert surveyed(picture, wide).largest == FrameSize(50, 80, Fraction(1))
    options = dataclasses.replace(COPIED, style=StyleOptions(style_scale=2))
    assert surveyed(picture, picture, options).largest == FrameSize(100, 160, Fraction(1))


def test_a_crop_that_leaves_its_style_is_named(tmp_path):
    picture = photo(tmp_path / "in.png", 50, 80)
    options = dataclasses.replace(COPIED, style=StyleOptions(style_crop=Crop(30, 0, 30, 30)))
    with pytest.raises(InputError, match=r"--style-crop 30,0,30,30 leaves .*in\.png', which is 50 x 80"):
        resolve(plan([picture], [picture], Path("out.png"), options)[0])


def test_what_is_too_small_for_the_network_is_refused(tmp_path, style):
    path = photo(tmp_path / "in.png", 64, 15)
    with pytest.raises(InputError, match=r"in\.png' comes to 64 x 15 pixels"):
        surveyed(path, style, sized(None, PainterKind.VGG))
    assert surveyed(path, style).frame.height == 15


def test_a_style_too_small_for_the_network_is_refused(tmp_path):
    narrow = photo(tmp_path / "narrow.png", 1000, 100)
    with pytest.raises(InputError, match=r"narrow\.png' comes to 64 x 6 pixels"):
        surveyed(photo(tmp_path / "in.png"), narrow, sized(None, PainterKind.VGG))


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
def test_a_range_takes_frames_shown_from_its_start_to_before_its_end(clip, start, end, expected):
    assert ranged(clip, start, end) == expected


def test_a_range_goes_by_the_time_of_each_frame(variable):
    # At 0 s, then thirty from 1 s on at 60 a second, then one at 1.8333 s.
    assert ranged(variable, "0.5", "1.05") == (1, 4)
    assert ranged(variable, "1.5", None) == (31, 32)


@pytest.mark.parametrize("start", ["25f", "1", "0.97", "9:00"])
def test_a_start_past_the_end_is_named(clip, start):
    with pytest.raises(RangeError, match=r"--start .* is past the end of .* 25 frames and lasts 1\.00 s"):
        ranged(clip, start)


@pytest.mark.parametrize(("start", "end"), [("0.41", "0.43"), (None, "0"), (None, "0f"), ("0.5", "3f")])
def test_an_empty_range_is_named(clip, start, end):
    with pytest.raises(RangeError, match=r"No frame of .* lies between"):
        ranged(clip, start, end)


def test_a_photo_has_no_times(tmp_path, style):
    picture = photo(tmp_path / "in.png", 64, 48)
    for styles, options in (
        ([Style(style, at=Time(frame=0))], COPIED),
        ([style], dataclasses.replace(COPIED, style=StyleOptions(strength_at=("0=1",)))),
    ):
        with pytest.raises(
            InputError, match=r"is a photo, which has no times; leave --(style|strength)-at away"
        ):
            resolve(plan([picture], styles, Path("out.png"), options)[0])


def test_each_time_has_the_same_masks(short, style):
    styles = [Style(style, at=Time(frame=0)), Style(style, mask=style, at=Time(frame=3))]
    with pytest.raises(InputError, match="other masks at some times"):
        resolve(plan([short], styles, Path("out.mp4"), COPIED)[0])
