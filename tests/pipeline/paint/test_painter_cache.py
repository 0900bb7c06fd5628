from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED, QUICK
from support.fakes import FakePainter

from vidstyle.imaging.oklab import to_grey
from vidstyle.imaging.recolor import color_statistics
from vidstyle.media.geometry import FrameSize
from vidstyle.options.groups import MachineOptions, PaintOptions
from vidstyle.options.style import Crop, Style
from vidstyle.pipeline.paint.painter_cache import PainterCache, StylePreprocessing, read_style_image
from vidstyle.pipeline.painters.copying import CopyingPainter

PIXELS = np.random.default_rng(1).integers(60, 200, (20, 30, 3), np.uint8)
CALM = np.random.default_rng(2).uniform(0.4, 0.6, (8, 8, 3)).astype(np.float32)


@pytest.fixture
def picture(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "style.png")
    return tmp_path / "style.png"


def frame(width, height):
    return FrameSize(width, height, Fraction(1))


def test_rectangle_of_a_style_is_cut_out_and_brought_to_its_size(picture):
    part = read_style_image(picture, frame(6, 4), StylePreprocessing(Crop(10, 3, 6, 4)))
    np.testing.assert_allclose(part, PIXELS[3:7, 10:16] / 255, atol=1e-6)
    assert read_style_image(picture, frame(12, 8), StylePreprocessing(Crop(10, 3, 6, 4))).shape == (8, 12, 3)


def test_style_gets_the_colours_of_a_palette(picture):
    image = read_style_image(picture, frame(30, 20), StylePreprocessing(palette=color_statistics([CALM])))
    np.testing.assert_allclose(color_statistics([image]).mean, color_statistics([CALM]).mean, atol=1e-3)


def test_of_a_style_in_grey_only_the_lightness_is_left(picture):
    image = read_style_image(
        picture, frame(30, 20), StylePreprocessing(palette=color_statistics([CALM]), grey=True)
    )
    np.testing.assert_allclose(image, to_grey(image), atol=2e-3)
    np.testing.assert_allclose(
        color_statistics([image]).lightness, color_statistics([CALM]).lightness, atol=2e-3
    )


def load(paint, machine, objective):
    """Load a painter that takes no time, and notes its arguments."""
    painter = FakePainter()
    painter.arguments = paint, machine, objective
    return painter


@pytest.fixture
def empty(monkeypatch):
    monkeypatch.setattr("vidstyle.neural.painter.OptimizingPainter", load)
    return PainterCache()


def square(side):
    return FrameSize(side, side, Fraction(1))


def test_copying_painter_loads_no_network():
    assert isinstance(PainterCache().painter(COPIED), CopyingPainter)


def test_jobs_that_paint_alike_share_a_painter(empty):
    first = empty.painter(QUICK)
    assert first.arguments == (QUICK.paint, QUICK.machine, QUICK.objective)
    assert empty.painter(replace(QUICK)) is first


@pytest.mark.parametrize(("side", "told"), [(4000, 1), (64, 0)])
def test_memory_is_spared_where_the_largest_image_is_short_of_it(empty, monkeypatch, side, told):
    calls = []
    monkeypatch.setattr("vidstyle.pipeline.painters.optimizing.use_system_malloc", lambda: calls.append(1))
    monkeypatch.setattr("vidstyle.neural.device.memory.memory_limit", lambda: 8 << 30)
    options = replace(QUICK, machine=MachineOptions(device="cpu"))
    empty.painter(options, square(side))
    empty.painter(replace(options, paint=PaintOptions(iterations=99)))
    assert len(calls) == told


def test_painter_of_other_options_takes_its_place(empty):
    first = empty.painter(QUICK)
    other = replace(QUICK, paint=PaintOptions(iterations=99))
    assert empty.painter(other).arguments[0].iterations == 99
    assert empty.painter(QUICK) is not first


def test_style_is_encoded_once_per_size(empty, style):
    painter = empty.painter(QUICK)
    first = empty.style(painter, [Style(style)], [square(20)])
    assert empty.style(painter, [Style(style)], [square(20)]) is first
    assert empty.style(painter, [Style(style)], [square(30)]) is not first
    assert [shapes for shapes, _ in painter.prepared] == [[(20, 20, 3)], [(30, 30, 3)]]


def test_several_styles_are_encoded_together(empty, style):
    painter = empty.painter(QUICK)
    empty.style(painter, [Style(style, 2), Style(style)], [square(20), FrameSize(10, 30, Fraction(1))])
    assert painter.prepared == [([(20, 20, 3), (30, 10, 3)], [2, 1])]


def test_style_is_encoded_again_for_another_painter(empty, style):
    first = empty.style(empty.painter(QUICK), [Style(style)], [square(20)])
    other = empty.painter(replace(QUICK, paint=PaintOptions(iterations=99)))
    assert empty.style(other, [Style(style)], [square(20)]) is not first


def test_real_painter_sees_the_style(painters, style):
    painter = painters.painter(QUICK)
    ((grams, _, _),) = painters.style(painter, [Style(style)], [square(32)])
    assert len(grams) == len(painter.objective.options.style_layers)
    assert all(np.isfinite(np.asarray(gram)).all() for gram in grams)
