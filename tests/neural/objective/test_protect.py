import numpy as np
import pytest
from support.losses import OTHER, assert_gradient, assert_value, draw, tensor

from vidstyle.neural.objective.protect import PROTECT_WEIGHT, Protected, ProtectTerm
from vidstyle.neural.objective.terms import FrameTensors
from vidstyle.options.groups import PaintOptions
from vidstyle.options.objective import ObjectiveOptions

MASK = draw.random((5, 4))
TERM = ProtectTerm(ObjectiveOptions(), PaintOptions())


def protect(x):
    targets = Protected(tensor(OTHER), tensor(MASK))
    return TERM.value(TERM.accumulate({}, x, targets, None), x, targets)


def reference(x):
    return PROTECT_WEIGHT * np.mean(MASK[..., None] * (x - OTHER) ** 2)


@pytest.mark.parametrize("check", [assert_value, assert_gradient])
def test_protect_loss_is_that_of_the_definition(check):
    check(protect, reference)


def test_protect_term_is_active_only_with_a_mask():
    frame = FrameTensors(tensor(OTHER), {}, (), None, tensor(MASK))
    assert TERM.targets(frame) is None
    assert TERM.targets(frame._replace(protect=tensor(MASK))) is not None
