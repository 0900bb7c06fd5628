import numpy as np
import pytest
from support.losses import OTHER, X, assert_gradient, assert_value, draw, tensor

from vidstyle.neural.objective.temporal import Anchor, TemporalTerm
from vidstyle.neural.objective.terms import FrameTensors
from vidstyle.options.groups import PaintOptions
from vidstyle.options.objective import ObjectiveOptions

TRUST = draw.random((5, 4))
TERM = TemporalTerm(ObjectiveOptions(), PaintOptions())


def temporal(x, anchor=None):
    anchor = Anchor(tensor(OTHER), tensor(TRUST)) if anchor is None else anchor
    return TERM.value(TERM.accumulate({}, x, anchor, None), x, anchor)


def reference(x):
    return sum(TRUST[y, i] * np.sum((x[y, i] - OTHER[y, i]) ** 2) for y in range(5) for i in range(4)) / 60


@pytest.mark.parametrize("check", [assert_value, assert_gradient])
def test_temporal_loss_is_that_of_the_definition(check):
    check(temporal, reference)


def test_predecessor_itself_has_no_temporal_loss():
    assert float(temporal(tensor(OTHER))) == 0


def test_image_without_predecessor_has_no_temporal_loss():
    frame = FrameTensors(tensor(OTHER), {}, (), None, tensor(np.zeros((5, 4))))
    assert float(temporal(tensor(X), TERM.targets(frame))) == 0


def test_temporal_weight_is_scaled_frame_by_frame():
    assert TERM.warm_scale(0.25) == 0.25
