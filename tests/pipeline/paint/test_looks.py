from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from vidstyle.imaging.recolor import grey, palette_of
from vidstyle.media.geometry import Frame
from vidstyle.options.style import Crop
from vidstyle.pipeline.paint.looks import Look, read_style

PIXELS = np.random.default_rng(1).integers(60, 200, (20, 30, 3), np.uint8)
CALM = np.random.default_rng(2).uniform(0.4, 0.6, (8, 8, 3)).astype(np.float32)


@pytest.fixture
def picture(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "style.png")
    return tmp_path / "style.png"


def frame(width, height):
    return Frame(width, height, Fraction(1))


def test_a_rectangle_of_a_style_is_cut_out_and_brought_to_its_size(picture):
    part = read_style(picture, frame(6, 4), Look(Crop(10, 3, 6, 4)))
    np.testing.assert_allclose(part, PIXELS[3:7, 10:16] / 255, atol=1e-6)
    assert read_style(picture, frame(12, 8), Look(Crop(10, 3, 6, 4))).shape == (8, 12, 3)


def test_a_style_gets_the_colours_of_a_palette(picture):
    image = read_style(picture, frame(30, 20), Look(palette=palette_of([CALM])))
    np.testing.assert_allclose(palette_of([image]).mean, palette_of([CALM]).mean, atol=1e-3)


def test_of_a_style_in_grey_only_the_lightness_is_left(picture):
    image = read_style(picture, frame(30, 20), Look(palette=palette_of([CALM]), grey=True))
    np.testing.assert_allclose(image, grey(image), atol=2e-3)
    np.testing.assert_allclose(palette_of([image]).lightness, palette_of([CALM]).lightness, atol=2e-3)
