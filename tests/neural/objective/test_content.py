import numpy as np
import pytest
from support.losses import OTHER, X, assert_gradient, assert_value, tensor

from vidstyle.neural.objective.content import compare_features, content_loss
from vidstyle.options.objective import Distance, Norm


def content(x, target=OTHER, **options):
    return content_loss(compare_features(x, tensor(target)), 60, **options)


def angle(x):
    return 1 - np.sum(x * OTHER) / (np.linalg.norm(x) * np.linalg.norm(OTHER))


LOSSES = {
    "mean": (content, lambda x: np.sum((x - OTHER) ** 2) / 60),
    "sum": (lambda x: content(x, norm=Norm.SUM), lambda x: np.sum((x - OTHER) ** 2)),
    "angle": (lambda x: content(x, distance=Distance.COSINE), angle),
}


@pytest.mark.parametrize("name", LOSSES)
def test_content_loss_is_that_of_the_definition(name):
    assert_value(*LOSSES[name])


@pytest.mark.parametrize("name", LOSSES)
def test_content_loss_has_the_gradient_of_finite_differences(name):
    assert_gradient(*LOSSES[name])


def test_target_itself_has_no_content_loss():
    assert float(content(tensor(OTHER))) == 0


def test_angle_of_features_that_are_all_zero_is_finite():
    zero = np.zeros_like(X)
    assert np.isfinite(float(content(tensor(zero), zero, distance=Distance.COSINE)))
