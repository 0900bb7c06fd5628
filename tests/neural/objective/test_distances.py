import numpy as np
from support.losses import OTHER, TOLERANCE, X, assert_gradient, assert_value, draw, tensor

from vidstyle.neural.device.backend import keras, value_and_gradient
from vidstyle.neural.objective.distances import cosine_distance, to_float32, weighted_squared_error

WEIGHTS = draw.random((5, 4))


def test_cosine_distance_of_zero_is_finite():
    assert np.isfinite(float(cosine_distance(tensor(0), tensor(0))))


def test_features_are_widened_and_never_narrowed():
    coarse = keras.ops.ones(3, "bfloat16")
    assert keras.backend.standardize_dtype(to_float32(coarse).dtype) == "float32"
    assert to_float32(tensor(X)).dtype == tensor(X).dtype


def weighted(x):
    return weighted_squared_error(x, tensor(OTHER), tensor(WEIGHTS), None)


def reference(x):
    return sum(WEIGHTS[y, i] * np.sum((x[y, i] - OTHER[y, i]) ** 2) for y in range(5) for i in range(4))


def test_weighted_squared_error_is_that_of_the_definition():
    assert_value(weighted, reference)


def test_weighted_squared_error_has_the_gradient_of_finite_differences():
    assert_gradient(weighted, reference)


def test_weighted_squared_error_of_an_image_is_the_sum_over_its_parts():
    part = np.zeros((5, 4))
    part[:2, 1:] = 1
    parts = [
        weighted_squared_error(tensor(X), tensor(OTHER), tensor(WEIGHTS), tensor(mask))
        for mask in (part, 1 - part)
    ]
    np.testing.assert_allclose(np.sum(parts), reference(X), rtol=TOLERANCE)


def test_pixels_without_weight_have_no_gradient():
    weights = np.zeros((5, 4))
    weights[:, :2] = 1
    _, _, gradient = value_and_gradient(
        lambda x: (weighted_squared_error(x, tensor(OTHER), tensor(weights), None), x), tensor(X)
    )
    assert (np.asarray(gradient)[:, :2] != 0).all()
    assert (np.asarray(gradient)[:, 2:] == 0).all()
