import itertools

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from support.descents import SHAPE, Descent, curved, draw, ops, quadratic

from vidstyle.neural.device.backend import keras
from vidstyle.neural.optimize.preconditioner import spectral_scaling
from vidstyle.options.groups import Precision


def mean_around(plane):
    """Compute the mean of each pixel's square of five, of the part that lies within the image."""
    inside = sliding_window_view(np.pad(np.ones_like(plane), 2), (5, 5)).sum(axis=(2, 3))
    return sliding_window_view(np.pad(plane, 2), (5, 5)).sum(axis=(2, 3)) / inside


def squared_scale(gradient):
    squares = np.sum(gradient**2, axis=-1)
    around = np.maximum(mean_around(mean_around(mean_around(squares))), squares.mean() / 1000)
    scaling = around**-0.25
    return (np.clip(scaling / scaling.mean(), 0.2, 5) ** 2)[..., None]


def two_loops(gradient, x, gamma, steps, memory):
    """L-BFGS of unit steps in double precision: Nocedal and Wright, algorithms 7.4 and 7.5, H0 = gamma E E.

    Gamma is that of the latest pair, by the E E of its own step.
    """
    pairs, points, g, scale = [], [x], gradient(x), 1.0
    for _ in range(steps):
        q, alphas = g.copy(), []
        for s, y in reversed(pairs):
            alphas.append(np.sum(s * q) / np.sum(s * y))
            q -= alphas[-1] * y
        if pairs:
            s, y = pairs[-1]
            gamma = np.sum(s * y) / np.sum(y * scale * y)
        scale = squared_scale(g)
        r = gamma * scale * q
        for (s, y), alpha in zip(pairs, reversed(alphas), strict=True):
            r += s * (alpha - np.sum(y * r) / np.sum(s * y))
        new, g_new = x - r, gradient(x - r)
        pairs = [*pairs, (new - x, g_new - g)][-memory:]
        x, g = new, g_new
        points.append(x)
    return points


@pytest.mark.parametrize("memory", [3, 20])
def test_lbfgs_takes_the_steps_of_the_two_loop_recursion(memory):
    function, gradient = quadratic(draw(), curved())
    start, gamma = draw(2), 1 / 40
    expected = two_loops(gradient, start.astype(np.float64), gamma, 8, memory)
    descent = Descent(function, start, hessian_scale=gamma, history=memory)
    for i, point in enumerate(expected):
        assert point.min() > 0  # The comparison holds where no step is clipped to the range of an image ...
        assert point.max() < 1
        np.testing.assert_allclose(descent.until(i + 1).image, point, atol=2e-5)
    assert descent.rejected == 0  # ... and none is rejected.


@pytest.mark.parametrize("kept", [Precision.FLOAT32, Precision.BFLOAT16])
def test_lbfgs_finds_the_minimum_of_a_quadratic(kept):
    minimum = draw()
    function, _ = quadratic(minimum, curved(high=1000.0))
    descent = Descent(function, draw(2), kept=kept).until(200)
    np.testing.assert_allclose(descent.image, minimum, atol=1e-3)
    assert {keras.backend.standardize_dtype(pair.dtype) for pair in descent.state.s_history} == {kept.value}


def test_lbfgs_finds_the_minimum_of_rosenbrock():
    # Pairs (u, v) = (4x - 2, 4x' - 2) of neighbouring columns: (1 - u)^2 + 100 (v - u^2)^2, which is least
    # at u = v = 1.
    def function(image):
        u, v = 4 * image[:, 0::2] - 2, 4 * image[:, 1::2] - 2
        return ops.sum(ops.square(1 - u) + 100 * ops.square(v - u * u))

    descent = Descent(function, draw(3, 0.2, 0.8, (2, 4, 3))).until(1500)
    np.testing.assert_allclose(descent.image, 0.75, atol=5e-3)


def test_lbfgs_ends_on_the_bound_nearest_to_a_minimum_outside():
    minimum = draw(0, -0.5, 1.5)
    function, _ = quadratic(minimum, np.full(SHAPE, 4.0))
    descent = Descent(function, draw(2)).until(60)
    np.testing.assert_allclose(descent.image, np.clip(minimum, 0, 1), atol=1e-3)


def test_descent_with_the_spectrum_finds_the_same_minimum():
    minimum = draw()
    function, _ = quadratic(minimum, curved())
    descent = Descent(function, draw(2), spectrum=spectral_scaling(*SHAPE[:2])).until(150)
    np.testing.assert_allclose(descent.image, minimum, atol=2e-3)


def bowl(image):
    return ops.sum(ops.square(image - 0.9))


BEYOND_0_6 = {
    "nan": lambda image: bowl(image) - 1e-3 * ops.log(0.6 - ops.mean(image)),
    "inf": lambda image: bowl(image) + 1e-6 / ops.maximum(0.6 - ops.mean(image), 0.0),
    "explosion": lambda image: bowl(image) + ops.where(ops.mean(image) > 0.6, 1e6, 0.0),
}


@pytest.mark.parametrize("beyond", BEYOND_0_6)
def test_step_to_nan_or_explosion_is_rejected_and_shortened(beyond):
    # The very first step leads beyond the wall: a scale far too large.
    start = np.full(SHAPE, 0.3, np.float32)
    descent = Descent(BEYOND_0_6[beyond], start, hessian_scale=0.5)
    before = descent.until(1).loss
    descent.until(2)
    np.testing.assert_array_equal(descent.image, start)
    assert descent.rejected == 1
    losses = [descent.until(i).loss for i in range(3, 20)]
    assert np.isfinite(descent.image).all()
    assert descent.image.mean() <= 0.6
    assert np.isfinite(losses).all()
    assert losses[-1] < before  # The rejected step is tried again, shorter.


def test_step_to_a_gradient_of_nan_is_rejected():
    def function(image):
        # A norm has no derivative at 0: on the bound the value is finite, and lower, but its gradient is NaN.
        return bowl(image) + 1e-6 * ops.sqrt(ops.sum(ops.square(1 - image)))

    descent = Descent(function, np.full(SHAPE, 0.3, np.float32), hessian_scale=1.0)
    before = descent.until(1).loss
    assert descent.until(2).rejected == 1
    assert descent.until(12).loss < before
    assert np.isfinite(descent.image).all()


def test_lbfgs_never_ends_worse_than_it_was():
    # Waves make many steps bad ones.
    def function(image):
        return ops.sum(ops.square(image - 0.5) + 0.05 * ops.sin(60 * image))

    descent = Descent(function, draw(4, 0.0, 1.0))
    losses = [descent.until(i).loss for i in range(1, 40)]
    assert all(later <= earlier for earlier, later in itertools.pairwise(losses))
