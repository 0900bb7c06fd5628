"""Checks of loss functions against NumPy, by value and by finite differences, and targets for them."""

import numpy as np

from vidstyle.neural.device import backend
from vidstyle.neural.device.backend import keras, value_and_gradient
from vidstyle.neural.objective.style import encode_style
from vidstyle.neural.objective.style_targets import Region
from vidstyle.neural.objective.terms import FrameTensors

# JAX computes in double precision only if asked for it from the start.
DTYPE, TOLERANCE = ("float64", 1e-7) if backend.NAME == "tensorflow" else ("float32", 2e-4)

draw = np.random.default_rng(3)
X, OTHER = draw.random((2, 5, 4, 3))


def tensor(array, dtype=DTYPE):
    return keras.ops.convert_to_tensor(np.asarray(array, dtype))


def assert_value(ours, reference, x=X):
    np.testing.assert_allclose(float(ours(tensor(x))), reference(x), rtol=TOLERANCE)


def assert_gradient(ours, reference, x=X):
    """Check the gradient of a loss of an image by central differences of its reference."""
    _, _, gradient = value_and_gradient(lambda image: (ours(image), image), tensor(x))
    expected = finite_differences(reference, x)
    np.testing.assert_allclose(np.asarray(gradient), expected, atol=TOLERANCE * np.abs(expected).max())


def finite_differences(function, x, step=1e-5):
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        offset = np.zeros_like(x)
        offset[place] = step
        gradient[place] = (function(x + offset) - function(x - offset)) / (2 * step)
    return gradient


def style_regions(options, encoder, styles, masks=None, dtype=DTYPE):
    """Encode styles mixed over the whole image, or one per region."""
    grams = [encode_style(options, encoder, tensor(style, dtype), None) for style in styles]
    if masks is None:
        return (Region(tuple(keras.ops.stack(layer) for layer in zip(*grams, strict=True))),)
    return tuple(
        Region(tuple(layer[None] for layer in gram), None, tensor(mask, dtype))
        for gram, mask in zip(grams, masks, strict=True)
    )


def targets_of(
    objective, encoder, content, style, *, warped=None, trust=None, protect=None, scale=1.0, dtype=DTYPE
):
    """Targets of an objective, from arrays and regions of styles."""
    content = tensor(content, dtype)
    trust = np.zeros(content.shape[:2]) if trust is None else trust
    frame = FrameTensors(
        content,
        objective.encode(encoder(content)),
        style,
        None if warped is None else tensor(warped, dtype),
        tensor(trust, dtype),
        None if protect is None else tensor(protect, dtype),
    )
    targets = objective.targets(frame, scale)
    weights = {name: keras.ops.cast(weight, dtype) for name, weight in targets.weights.items()}
    return targets._replace(weights=weights)
