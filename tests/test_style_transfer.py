import numpy as np
import pytest
from PIL import Image
from support.clips import QUICK

from vidstyle import StyleTransfer
from vidstyle.errors import ProbeError, UsageError
from vidstyle.neural.inputs import FrameTargets
from vidstyle.style_transfer import as_image


def noise(height=32, width=48, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@pytest.fixture(autouse=True)
def shared_painter(painters, monkeypatch):
    """The painter that is loaded already, instead of another one."""
    monkeypatch.setattr("vidstyle.style_transfer.OptimizingPainter", lambda *_: painters.painter(QUICK))


@pytest.fixture
def transfer(style):
    return StyleTransfer(style)


def test_bytes_and_floats_paint_the_same(transfer):
    pixels = noise()
    from_bytes = transfer.paint(pixels)
    from_floats = transfer.paint(pixels.astype(np.float64) / 255)
    np.testing.assert_array_equal(from_bytes.image, from_floats.image)
    assert from_bytes.losses == from_floats.losses


def test_painting_has_the_shape_of_the_image_and_lies_in_range(transfer):
    image = transfer.paint(noise(17, 33)).image
    assert (image.shape, image.dtype) == ((17, 33, 3), np.float32)
    assert image.min() >= 0
    assert image.max() <= 1


def test_style_is_the_same_from_a_file_and_as_an_array(style):
    content = noise()
    file, text = StyleTransfer(style).paint(content), StyleTransfer(str(style)).paint(content)
    array = StyleTransfer(np.asarray(Image.open(style))).paint(content)
    np.testing.assert_array_equal(file.image, text.image)
    np.testing.assert_array_equal(file.image, array.image)


def test_styles_are_mixed(style):
    content, other = noise(), noise(seed=2)
    alone, mixed = StyleTransfer([style]).paint(content), StyleTransfer([style, other]).paint(content)
    assert not np.array_equal(alone.image, mixed.image)


def test_painting_brings_the_style_nearer(transfer):
    content = noise()
    painted = transfer.paint(content)
    unpainted = transfer.painter.paint(FrameTargets(as_image(content), transfer.style), iterations=0)
    assert painted.losses["style"] < unpainted.losses["style"]


def test_painting_goes_on_from_a_start(transfer):
    content = noise()
    once = transfer.paint(content)
    again = transfer.paint(content, start=once.image)
    assert again.losses.total < once.losses.total


def test_start_of_another_shape_is_named(transfer):
    with pytest.raises(UsageError, match=r"start is \(33, 48, 3\) where the image is \(32, 48, 3\)"):
        transfer.paint(noise(), start=noise(33))


@pytest.mark.parametrize("shape", [(32, 48), (32, 48, 4), (32, 48, 1), (1, 32, 48, 3), (3,), ()])
def test_array_of_another_shape_is_named(shape):
    with pytest.raises(UsageError, match=r"is not \[height, width, 3\]"):
        as_image(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(15, 48, 3), (48, 15, 3), (0, 48, 3)])
def test_array_too_small_for_the_network_is_named(shape):
    with pytest.raises(UsageError, match="scale it to at least 16 x 16"):
        as_image(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", [bool, np.int32, np.uint16, complex, object, "U1"])
def test_array_of_another_type_is_named(dtype):
    with pytest.raises(UsageError, match="neither float nor uint8"):
        as_image(np.zeros((16, 16, 3), dtype))


@pytest.mark.parametrize("value", [-0.01, 1.01, 255.0, np.nan, np.inf])
def test_floats_out_of_range_are_named(value):
    image = np.full((16, 16, 3), 0.5)
    image[3, 4, 1] = value
    with pytest.raises(UsageError, match=r"outside \[0, 1\]"):
        as_image(image)


def test_bytes_are_scaled_exactly():
    image = as_image(np.array([0, 51, 255], np.uint8) * np.ones((16, 16, 1), np.uint8))
    np.testing.assert_array_equal(image[0, 0], np.array([0, 0.2, 1], np.float32))


def test_no_style_is_refused():
    with pytest.raises(UsageError, match="no style was given"):
        StyleTransfer([])


def test_style_that_is_no_image_is_named(tmp_path):
    with pytest.raises(ProbeError, match=r"missing\.jpg"):
        StyleTransfer(tmp_path / "missing.jpg")
