from dataclasses import replace

import pytest
from support.clips import QUICK

from vidstyle.errors import WeightsError
from vidstyle.options.groups import MachineOptions, Precision
from vidstyle.pipeline.painters.optimizing import OPTIMIZING


def test_identity_names_precision_and_weights():
    identity = OPTIMIZING.identity(QUICK)
    assert identity["precision"] == Precision.FLOAT32
    assert len(identity["weights"]) >= 16


def test_missing_weights_are_named_before_anything_is_loaded(tmp_path):
    options = replace(QUICK, machine=MachineOptions(weights=tmp_path / "none.h5"))
    with pytest.raises(WeightsError, match=r"none\.h5"):
        OPTIMIZING.identity(options)


def test_smallest_side_is_that_of_the_layers():
    assert OPTIMIZING.smallest_side_px(QUICK) == QUICK.objective.smallest_side_px
