import dataclasses
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED

from vidstyle.errors import InputError
from vidstyle.media.geometry import FrameSize
from vidstyle.options.groups import Options, PainterKind, SourceOptions
from vidstyle.options.style import Crop, Style, StyleOptions
from vidstyle.options.values import Size, Time
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.survey import resolve


def photo(path, width=64, height=48, color=(9, 99, 199)):
    Image.fromarray(np.full((height, width, 3), color, np.uint8)).save(path)
    return path


def sized(longer_side, painter=PainterKind.NONE):
    return Options(source=SourceOptions(size=Size(longer_side)), painter=painter)


def resolved(path, style, options=COPIED):
    return resolve(plan([path], [style], None, options)[0])


def test_video_is_resolved_to_size_range_and_rate(short, style):
    spec = resolved(short, style)
    assert spec.size == FrameSize(48, 32, Fraction(1))
    assert (spec.start, spec.stop, spec.frames, spec.indices) == (0, 6, 6, range(6))
    assert spec.video.rate == Fraction(30000, 1001)


def test_photo_is_one_frame(tmp_path, style):
    spec = resolved(photo(tmp_path / "in.png", 65, 49), style)
    assert (spec.video, spec.size, spec.frames) == (None, FrameSize(65, 49, Fraction(1)), 1)


def test_photo_is_scaled_to_longer_side(tmp_path, style):
    path = photo(tmp_path / "in.png", 90, 60)
    assert resolved(path, style, sized(45)).size == FrameSize(45, 30, Fraction(1))
    assert resolved(path, style, sized(None)).size == FrameSize(90, 60, Fraction(1))


def test_styles_are_scaled_to_longer_side_of_painting(tmp_path):
    wide, high = photo(tmp_path / "wide.png", 40, 10), photo(tmp_path / "high.png", 300, 600)
    job = plan([photo(tmp_path / "in.png", 50, 80)], [wide, high], Path("out.png"), COPIED)[0]
    assert [(size.width, size.height) for size in resolve(job).style_sizes] == [(80, 20), (40, 80)]


@pytest.mark.parametrize(
    ("style", "size"),
    [
        (StyleOptions(style_scale=0.5), (20, 40)),
        (StyleOptions(style_size=100), (50, 100)),
        (StyleOptions(style_size=100, style_scale=2), (100, 200)),
        (StyleOptions(style_crop=Crop(0, 0, 20, 10)), (80, 40)),
    ],
)
def test_style_is_scaled_and_cropped_on_request(tmp_path, style, size):
    high = photo(tmp_path / "high.png", 300, 600)
    options = dataclasses.replace(COPIED, style=style)
    job = plan([photo(tmp_path / "in.png", 50, 80)], [high], Path("out.png"), options)[0]
    assert [(found.width, found.height) for found in resolve(job).style_sizes] == [size]


def test_largest_image_may_be_a_style(tmp_path):
    picture, wide = photo(tmp_path / "in.png", 50, 80), photo(tmp_path / "wide.png", 120, 30)
    assert resolved(picture, wide).largest == FrameSize(50, 80, Fraction(1))
    options = dataclasses.replace(COPIED, style=StyleOptions(style_scale=2))
    assert resolved(picture, picture, options).largest == FrameSize(100, 160, Fraction(1))


def test_crop_that_exceeds_its_style_is_refused(tmp_path):
    picture = photo(tmp_path / "in.png", 50, 80)
    options = dataclasses.replace(COPIED, style=StyleOptions(style_crop=Crop(30, 0, 30, 30)))
    with pytest.raises(InputError, match=r"--style-crop 30,0,30,30 exceeds .*in\.png', which is 50 x 80"):
        resolve(plan([picture], [picture], Path("out.png"), options)[0])


def test_photo_too_small_for_network_is_refused(tmp_path, style):
    path = photo(tmp_path / "in.png", 64, 15)
    with pytest.raises(InputError, match=r"in\.png' at 64 x 15 pixels is too small"):
        resolved(path, style, sized(None, PainterKind.VGG))
    assert resolved(path, style).size.height == 15


def test_style_too_small_for_network_is_refused(tmp_path):
    narrow = photo(tmp_path / "narrow.png", 1000, 100)
    with pytest.raises(InputError, match=r"narrow\.png' at 64 x 6 pixels is too small"):
        resolved(photo(tmp_path / "in.png"), narrow, sized(None, PainterKind.VGG))


def test_times_for_photo_are_refused(tmp_path, style):
    picture = photo(tmp_path / "in.png", 64, 48)
    for styles, options in (
        ([Style(style, at=Time(frame=0))], COPIED),
        ([style], dataclasses.replace(COPIED, style=StyleOptions(strength_at=("0=1",)))),
    ):
        with pytest.raises(InputError, match=r"is a photo, which has no times; omit --(style|strength)-at"):
            resolve(plan([picture], styles, Path("out.png"), options)[0])


def test_masks_that_differ_between_times_are_refused(short, style):
    styles = [Style(style, at=Time(frame=0)), Style(style, mask=style, at=Time(frame=3))]
    with pytest.raises(InputError, match="masks of --style-at differ"):
        resolve(plan([short], styles, Path("out.mp4"), COPIED)[0])
