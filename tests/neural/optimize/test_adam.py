import numpy as np
import pytest
from support.descents import SHAPE, Descent, curved, draw, quadratic

from vidstyle.options.groups import Optimizer


@pytest.mark.parametrize(("beta1", "epsilon"), [(0.9, 1e-8), (0.99, 0.1)])
def test_adam_takes_the_steps_of_the_paper(beta1, epsilon):
    # Kingma and Ba, algorithm 1, with the paper's constants first.
    function, gradient = quadratic(draw(), curved())
    rate, x = 0.01, draw(2).astype(np.float64)
    m = v = np.zeros(SHAPE)
    descent = Descent(function, draw(2), Optimizer.ADAM, rate=rate, beta1=beta1, epsilon=epsilon).until(1)
    for t in range(1, 30):
        g = gradient(x)
        m, v = beta1 * m + (1 - beta1) * g, 0.999 * v + 0.001 * g**2
        x = np.clip(x - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - 0.999**t)) + epsilon), 0, 1)
        np.testing.assert_allclose(descent.until(t + 1).image, x, atol=2e-4)


def test_adam_goes_on_through_a_rise_at_its_start():
    # At the bottom of a narrow valley, steps of one length in every pixel lead up its walls first.
    function, _ = quadratic(draw(), curved(high=1000.0))
    start = draw() + 1e-3
    descent = Descent(function, start, Optimizer.ADAM, stop_below=1e-3)
    before = descent.until(1).loss
    assert descent.until(2).loss > 2 * before
    assert descent.until(30).evaluations == 30


@pytest.mark.parametrize("rate", [1e3, 1e30])
def test_adam_stays_in_range_whatever_its_rate(rate):
    function, _ = quadratic(draw(), curved())
    descent = Descent(function, draw(2), Optimizer.ADAM, rate=rate).until(10)
    assert np.isfinite(descent.image).all()
    assert (descent.image >= 0).all()
    assert (descent.image <= 1).all()
