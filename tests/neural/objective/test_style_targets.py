import numpy as np

from vidstyle.neural.device.backend import keras
from vidstyle.neural.objective.style_targets import style_targets


def colours(image):
    """Stand-in for the network: two "layers" of 3 and 1 channels."""
    flat = keras.ops.reshape(image, (-1, 3))
    count = keras.ops.cast(keras.ops.shape(flat)[0], "float32")
    grey = keras.ops.mean(flat, axis=1, keepdims=True)
    return [keras.ops.transpose(flat) @ flat / count, keras.ops.transpose(grey) @ grey / count]


def test_styles_of_several_sizes_are_stacked_layer_by_layer():
    draw = np.random.default_rng(0)
    images = [draw.random((8, 6, 3), np.float32), draw.random((5, 9, 3), np.float32)]
    first, second = (np.asarray(layer) for layer in style_targets(colours, images)[0].grams)
    assert (first.shape, second.shape) == ((2, 3, 3), (2, 1, 1))
    for index, image in enumerate(images):
        expected = np.einsum("ijc,ijd->cd", image, image) / (image.shape[0] * image.shape[1])
        np.testing.assert_allclose(first[index], expected, rtol=1e-5)
        np.testing.assert_allclose(second[index], np.mean(image.mean(axis=-1) ** 2), rtol=1e-5)


def test_images_of_any_float_type_are_taken():
    image = np.random.default_rng(0).random((8, 6, 3))
    (region,) = style_targets(colours, [image])
    assert np.asarray(region.grams[0]).dtype == np.float32


def test_equal_weights_need_no_shares_and_others_sum_to_one():
    image = np.zeros((4, 4, 3), np.float32)
    assert style_targets(colours, [image, image], [3, 3])[0].shares is None
    np.testing.assert_allclose(style_targets(colours, [image, image], [1, 3])[0].shares, [0.25, 0.75])
