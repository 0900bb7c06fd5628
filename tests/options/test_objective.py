import dataclasses
import pickle

import pytest

from vidstyle.errors import UsageError
from vidstyle.options.layers import Layers, Network
from vidstyle.options.objective import LossScales, ObjectiveOptions


def test_default_layers_are_those_of_gatys():
    objective = ObjectiveOptions()
    assert objective.content_layers.names == ("block4_conv2",)
    assert objective.style_layers.names == tuple(f"block{block}_conv1" for block in range(1, 6))
    assert objective.smallest_side_px == 16


def test_smallest_side_depends_on_the_deepest_layer_and_the_laplacian():
    shallow = ObjectiveOptions(content_layers=Layers.parse("conv2_1"), style_layers=Layers.parse("conv1_1"))
    assert shallow.smallest_side_px == 2
    assert dataclasses.replace(shallow, laplacian_weight=1, laplacian_pool=16).smallest_side_px == 48


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"laplacian_weight": -1}, "--laplacian-weight"),
        ({"laplacian_pool": 0}, "--laplacian-pool"),
        ({"gram_shift": float("nan")}, "--gram-shift"),
        (
            {"network": Network.VGG16, "content_layers": Layers.parse("conv4_4")},
            "unknown layer block4_conv4 of VGG16",
        ),
    ],
)
def test_invalid_value_is_refused(fields, fault):
    with pytest.raises(UsageError, match=fault):
        ObjectiveOptions(**fields)


def test_base_weights_read_and_write_alike():
    assert LossScales.parse("0.3,50,5e5,8e7") == ObjectiveOptions().base_weights
    for scales in (
        ObjectiveOptions().base_weights,
        LossScales(0.1, 0, 0, 1038370.7902),
        LossScales(1, 1 / 3, 2, 4e-9),
    ):
        assert LossScales.parse(str(scales)) == scales
    assert str(LossScales(1, 0, 0, 5e5)) == "1,0,0,500000"


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "1,2,3,-4", "1,2,3,nan", "", "0,0,1,1"])
def test_invalid_base_weights_are_refused(text):
    with pytest.raises(UsageError, match="--base-weights"):
        LossScales.parse(text)


def test_options_are_picklable_and_hashable():
    assert pickle.loads(pickle.dumps(ObjectiveOptions())) == ObjectiveOptions()
    assert hash(ObjectiveOptions()) == hash(ObjectiveOptions())
