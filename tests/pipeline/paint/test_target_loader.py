import sys
from contextlib import nullcontext
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.clips import QUICK
from support.fakes import FakePainter

from vidstyle.imaging.oklab import to_grey
from vidstyle.imaging.pyramid import match_pyramid, pyramid_statistics
from vidstyle.imaging.recolor import color_statistics
from vidstyle.neural.inputs import FrameTargets
from vidstyle.neural.objective.style_targets import Region
from vidstyle.options.style import Colors, Style, StyleOptions
from vidstyle.options.values import Init, Time
from vidstyle.pipeline.paint.painter_cache import StylePreprocessing, read_style_image
from vidstyle.pipeline.paint.target_loader import load_targets
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.survey import resolve

PAINTER = FakePainter()
FRAMES = np.random.default_rng(6).random((6, 32, 48, 3), np.float32)


class PainterCache:
    """Notes how styles are looked at."""

    def style(self, painter, styles, sizes, preprocessing):
        self.asked = painter, styles, sizes
        self.preprocessing = preprocessing
        return (Region(self.known([style.picture.name for style in styles])),)

    def known(self, names):
        return names

    def texture(self, styles, sizes, preprocessing):
        return pyramid_statistics(read_style_image(styles[0].picture, sizes[0], preprocessing))


@pytest.fixture
def guided(short, style):
    """Guide of six frames in some colours, and what the studio was asked."""

    def make(paint=QUICK.paint, styles=(style,), **options):
        options = replace(QUICK, paint=paint, style=StyleOptions(**options))
        job = plan([short], styles, Path("out.mp4"), options)[0]
        painters = PainterCache()
        guide = load_targets(painters, PAINTER, resolve(job), lambda index: nullcontext(FRAMES[index:]))
        return guide, painters

    return make


def test_frame_is_painted_as_it_is_in_the_jobs_style(guided):
    guide, painters = guided()
    image = FRAMES[3]
    targets = guide.for_frame(3, image)
    assert targets == FrameTargets(image, (Region(["starry.png"]),))
    assert targets.content is image
    assert guide.is_constant
    assert painters.preprocessing.palette is None
    assert painters.asked[0] is PAINTER


@pytest.mark.parametrize("colors", [Colors.MATCH, Colors.LUMINANCE])
def test_film_has_one_palette(guided, colors):
    _, painters = guided(colors=colors)
    np.testing.assert_allclose(painters.preprocessing.palette.mean, color_statistics(FRAMES).mean)


def test_in_luminance_the_painter_sees_grey(guided):
    guide, painters = guided(colors=Colors.LUMINANCE)
    np.testing.assert_array_equal(guide.for_frame(0, FRAMES[0]).content, to_grey(FRAMES[0]))
    assert painters.preprocessing.grey
    assert not guided(colors=Colors.MATCH)[1].preprocessing.grey


def test_with_the_sources_chroma_the_painter_sees_colours(guided):
    guide, painters = guided(colors=Colors.SOURCE)
    image = FRAMES[0]
    assert guide.for_frame(0, image).content is image
    assert painters.preprocessing.palette is None


def starting(guided, init, index=0, **options):
    guide, _ = guided(paint=replace(QUICK.paint, init=Init.parse(init), seed=5), **options)
    return guide.for_frame(index, FRAMES[index], initial=True).initial, guide


def test_shot_starts_from_its_source_the_style_or_an_image(guided, style):
    assert starting(guided, "source")[0] is None
    by_style, by_file = (starting(guided, init)[0] for init in ("style", str(style)))
    np.testing.assert_array_equal(by_style, by_file)
    assert by_style.shape == FRAMES[0].shape


def test_by_default_a_shot_starts_from_its_source_in_the_styles_colours_and_contrasts(guided, style, short):
    start, guide = starting(guided, "matched")
    size = resolve(plan([short], style, Path("out.mp4"), QUICK)[0]).style_sizes[0]
    wanted = pyramid_statistics(read_style_image(style, size, StylePreprocessing()))
    np.testing.assert_allclose(start, match_pyramid(FRAMES[0], wanted), atol=1e-6)
    # A frame that is carried starts from what was painted.
    assert guide.for_frame(1, FRAMES[1]).initial is None
    unstyled, _ = guided(paint=replace(QUICK.paint, style_weight=0))
    assert unstyled.for_frame(0, FRAMES[0], initial=True).initial is None


def test_content_without_style_starts_as_it_is(guided, style, tmp_path):
    mask = tmp_path / "left.png"
    plane = np.zeros((32, 48), np.uint8)
    plane[:, :24] = 255
    Image.fromarray(plane).save(mask)
    start, _ = starting(guided, "matched", styles=(Style(style, mask=mask),))
    np.testing.assert_allclose(start[:, 26:], FRAMES[0][:, 26:], atol=1e-6)
    assert np.abs(start[:, :22] - FRAMES[0][:, :22]).mean() > 0.01


def test_noise_is_that_of_the_seed_and_another_for_each_shot(guided):
    first, again, other = (starting(guided, "noise", index)[0] for index in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert 0.4 < first.mean() < 0.6
    in_grey, _ = starting(guided, "noise", colors=Colors.LUMINANCE)
    np.testing.assert_array_equal(in_grey, to_grey(first))


def test_on_request_a_frame_starts_from_the_one_before_as_it_is(guided):
    assert starting(guided, "previous")[1].skips_warp
    assert not starting(guided, "source")[1].skips_warp


def test_each_place_has_its_styles_and_what_is_held_has_none(guided, style, tmp_path):
    other, masks = tmp_path / "other.png", tmp_path / "left.png"
    other.write_bytes(style.read_bytes())
    left = np.zeros((32, 48), np.uint8)
    left[:, :24] = 255
    Image.fromarray(left).save(masks)
    Image.fromarray(left.T.repeat(2, axis=1)[:32, :48] * 0 + 102).save(tmp_path / "held.png")
    styles = (Style(style, mask=masks), Style(other), Style(other, 2, masks))
    guide, _ = guided(styles=styles, protect=tmp_path / "held.png")
    targets = guide.for_frame(0, FRAMES[0])
    first, rest = targets.style
    assert (first.grams, rest.grams) == (["starry.png", "other.png"], ["other.png"])
    np.testing.assert_allclose(first.mask, 0.6 * (left / 255), atol=1e-2)
    np.testing.assert_allclose(rest.mask, 0.6 * (1 - left / 255), atol=1e-2)
    np.testing.assert_allclose(targets.protect, 0.4, atol=1e-2)
    assert targets.content.shape == FRAMES[0].shape


def test_masks_that_move_make_equal_frames_differ(guided, short):
    assert not guided(mask=short)[0].is_constant


class Matrices(PainterCache):
    """Gives matrices that tell which style they are of."""

    def known(self, names):
        return tuple(
            np.stack([np.full((2, 2), float(name[0]), np.float32) for name in names]) for _ in range(2)
        )


def test_between_two_times_a_style_lies_between_theirs(guided, style, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "PainterCache", Matrices)
    paths = [tmp_path / f"{number}.png" for number in (2, 4, 6)]
    for path in paths:
        path.write_bytes(style.read_bytes())
    times = (Time(seconds=Fraction(0)), Time(frame=4), Time(frame=4))
    styles = [Style(path, at=at) for path, at in zip(paths, times, strict=True)]
    guide, _ = guided(styles=styles)
    assert guide.changes
    assert not guide.is_constant
    seen = [guide.for_frame(index, FRAMES[index]).style for index in (0, 2, 4, 5)]
    assert [len(regions) for regions in seen] == [1, 1, 1, 1]
    values = [[float(layer[0, 0, 0]) for layer in regions[0].grams] for regions in seen]
    np.testing.assert_allclose(values, [[2, 2], [3.5, 3.5], [5, 5], [5, 5]])
    assert all(layer.shape == (1, 2, 2) for layer in seen[1][0].grams)


def test_style_at_one_time_alone_is_that_of_all(guided, style):
    guide, _ = guided(styles=[Style(style, at=Time(frame=3))])
    assert not guide.changes
    assert guide.is_constant


@pytest.mark.parametrize("option", ["mask", "protect"])
def test_mask_alone_bounds_the_only_place(guided, tmp_path, option):
    path = tmp_path / "left.png"
    Image.fromarray(np.full((32, 48), 51, np.uint8)).save(path)
    (region,) = guided(**{option: path})[0].for_frame(0, FRAMES[0]).style
    np.testing.assert_allclose(region.mask, 0.2 if option == "mask" else 0.8, atol=1e-3)
