import numpy as np
import pytest
from support.descents import SHAPE, Descent, curved, draw, ops, quadratic, tensor

from vidstyle.neural.optimize.preconditioner import spectral_scaling
from vidstyle.options.groups import Optimizer


@pytest.mark.parametrize("method", Optimizer)
@pytest.mark.parametrize("cuts", [range(1, 26), [1, 4, 11, 25]])
def test_division_into_calls_does_not_change_a_bit(method, cuts):
    function, _ = quadratic(draw(), curved())
    whole = Descent(function, draw(2), method, spectrum=spectral_scaling(*SHAPE[:2])).until(25)
    pieces = Descent(function, draw(2), method, spectrum=spectral_scaling(*SHAPE[:2]))
    for cut in cuts:
        pieces.until(cut)
    for one, other in zip(whole.state, pieces.state, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_first_evaluation_is_that_of_the_start():
    for method in Optimizer:
        function, _ = quadratic(draw(), curved())
        descent = Descent(function, draw(2), method).until(1)
        np.testing.assert_array_equal(descent.image, draw(2))
        assert descent.loss == pytest.approx(float(function(tensor(draw(2)))), rel=1e-6)


def test_start_without_a_finite_loss_is_not_left():
    for method in Optimizer:
        descent = Descent(lambda image: ops.sum(image) * np.nan, draw(2), method).until(6)
        np.testing.assert_array_equal(descent.image, draw(2))
        assert not np.isfinite(descent.loss)


@pytest.mark.parametrize("method", Optimizer)
def test_descent_ends_when_the_loss_no_longer_decreases(method):
    minimum = draw()
    function, _ = quadratic(minimum, np.full(SHAPE, 4.0))

    def floored(image):
        return 1 + function(image)

    descent = Descent(floored, draw(2), method, stop_below=1e-3).until(400)
    assert descent.evaluations < 400
    assert descent.loss == pytest.approx(1, abs=0.05)
    ended = descent.evaluations
    assert descent.until(800).evaluations == ended


def test_every_evaluation_is_made_without_a_threshold():
    function, _ = quadratic(draw(), np.full(SHAPE, 4.0))
    assert Descent(function, draw(2)).until(80).evaluations == 80


@pytest.mark.parametrize("method", Optimizer)
def test_descent_ends_as_soon_as_every_target_loss_is_reached(method):
    minimum = draw()
    function, _ = quadratic(minimum, np.full(SHAPE, 4.0))
    reference = Descent(function, draw(2), method)
    losses = [reference.until(i).loss for i in range(1, 12)]
    # The terms are a quarter and three quarters of the loss: the second asks for more here.
    goal = losses[5]
    descent = Descent(function, draw(2), method, target_losses=(goal, 0.75 * goal * 1.0001)).until(40)
    assert descent.evaluations == 1 + next(i for i, loss in enumerate(losses) if loss <= goal)
    np.testing.assert_allclose(
        np.asarray(descent.state.terms), [descent.loss / 4, descent.loss * 3 / 4], rtol=1e-5
    )
    one_term_short = Descent(function, draw(2), method, target_losses=(goal, -np.inf)).until(40)
    assert one_term_short.evaluations == 40


def test_start_that_is_good_enough_costs_one_evaluation():
    function, _ = quadratic(draw(), np.full(SHAPE, 4.0))
    descent = Descent(function, draw(2), target_losses=(np.inf, np.inf)).until(40)
    assert descent.evaluations <= 1
    np.testing.assert_array_equal(descent.image, draw(2))
