"""Losses of the presets' sources, by their own formulas, written out in NumPy.

Each takes feature maps by their layers, of the image, the content and the style, and the image [H, W, 3] in
[0, 1].
"""

import numpy as np

STYLE_LAYERS = [f"block{block}_conv1" for block in range(1, 6)]


def products(features):
    """Sum products over the image, [C, C], which the sources call Gram matrices."""
    flat = features.reshape(-1, features.shape[-1])
    return flat.T @ flat


def pixels(features):
    return features.shape[0] * features.shape[1]


def differences(image):
    """Subtract a pixel from those below and to the right, in levels of 255, where it has both."""
    levels = 255 * image.astype(np.float64)
    return levels[1:, :-1] - levels[:-1, :-1], levels[:-1, 1:] - levels[:-1, :-1]


def angle(a, b):
    return 1 - np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b))


def gatys(x, p, a, _image):
    # Equations 1, 4 and 5: half a sum; sums over 4 N^2 M^2, each layer a fifth; alpha / beta = 1e-3.
    content = 0.5 * np.sum((x["block4_conv2"] - p["block4_conv2"]) ** 2)
    style = sum(
        np.sum((products(x[name]) - products(a[name])) ** 2)
        / (4 * x[name].shape[-1] ** 2 * pixels(x[name]) ** 2)
        / 5
        for name in STYLE_LAYERS
    )
    return content + 1e3 * style


def ruder(x, p, a, image):
    # artistic_video.lua: MSECriterion times the strength; Gram matrices over the number of elements; the
    # gradient of its TVLoss is that of half the squares.
    content = 5 * np.mean((x["block4_conv2"] - p["block4_conv2"]) ** 2)
    style = sum(
        100 * np.mean((products(x[name]) / x[name].size - products(a[name]) / a[name].size) ** 2)
        for name in STYLE_LAYERS
    )
    return content + style + 1e-3 * sum(np.sum(step**2) / 2 for step in differences(image))


def tf_tutorial(x, p, a, image):
    # Gram matrices over the number of pixels, means of squares; the mean of high_pass_x_y's squares in
    # [0, 1].
    content = 1e4 * np.mean((x["block5_conv2"] - p["block5_conv2"]) ** 2)
    style = sum(
        np.mean((products(x[name]) / pixels(x[name]) - products(a[name]) / pixels(a[name])) ** 2)
        for name in STYLE_LAYERS
    )
    image = image.astype(np.float64)
    variation = np.mean(np.diff(image, axis=0) ** 2) + np.mean(np.diff(image, axis=1) ** 2)
    return content + 1e-2 / 5 * style + 1e8 * variation


def keras_vgg16(x, p, a, image):
    # content_loss, style_loss with its 3 channels and the image's size, total_variation_loss.
    content = 0.025 * np.sum((x["block4_conv2"] - p["block4_conv2"]) ** 2)
    size = image.shape[0] * image.shape[1]
    style = sum(
        np.sum((products(a[name]) - products(x[name])) ** 2) / (4 * 3**2 * size**2) / 5
        for name in STYLE_LAYERS
    )
    down, right = differences(image)
    return content + style + np.sum((down**2 + right**2) ** 1.25)


def verydeep_adam(x, p, a, _image):
    # The course's J_content over 4 H W C, J_style over 4 C^2 (H W)^2, five layers of 0.2, alpha 10, beta 40.
    content = np.sum((x["block4_conv2"] - p["block4_conv2"]) ** 2) / (4 * x["block4_conv2"].size)
    style = sum(
        0.2
        * np.sum((products(x[name]) - products(a[name])) ** 2)
        / (4 * x[name].shape[-1] ** 2 * pixels(x[name]) ** 2)
        for name in STYLE_LAYERS
    )
    return 10 * content + 40 * style


def cosine(x, p, a, image):
    content = angle(x["block4_conv2"], p["block4_conv2"])
    style = np.mean([angle(products(x[name]), products(a[name])) for name in STYLE_LAYERS])
    image = image.astype(np.float64)
    variation = np.mean(np.diff(image, axis=0) ** 2) + np.mean(np.diff(image, axis=1) ** 2)
    return content + 10 * style + 10 * variation


SOURCES = {
    "gatys": gatys,
    "ruder": ruder,
    "tf-tutorial": tf_tutorial,
    "keras-vgg16": keras_vgg16,
    "verydeep-adam": verydeep_adam,
    "cosine": cosine,
}
