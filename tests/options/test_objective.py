import dataclasses
import pickle

import pytest

from vidstyle.errors import UsageError
from vidstyle.options.layers import Layers, Network
from vidstyle.options.objective import LossScales, ObjectiveOptions


def test_the_default_looks_where_gatys_did():
    objective = ObjectiveOptions()
    assert objective.content_layers.names == ("block4_conv2",)
    assert objective.style_layers.names == tuple(f"block{block}_conv1" for block in range(1, 6))
    assert objective.smallest_side_px == 16


def test_the_least_size_is_that_of_the_deepest_layer_and_of_the_lines():
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
            "VGG16 has no layer block4_conv4",
        ),
    ],
)
def test_what_cannot_be_is_refused(fields, fault):
    with pytest.raises(UsageError, match=fault):
        ObjectiveOptions(**fields)


def test_base_weights_are_four_numbers():
    assert LossScales.parse("0.3,50,5e5,8e7") == ObjectiveOptions().base_weights
    assert LossScales.parse(str(ObjectiveOptions().base_weights)) == ObjectiveOptions().base_weights


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "1,2,3,-4", "1,2,3,nan", "", "0,0,1,1"])
def test_base_weights_that_are_none_are_refused(text):
    with pytest.raises(UsageError, match="--base-weights"):
        LossScales.parse(text)


def test_a_recipe_travels_to_other_processes():
    assert pickle.loads(pickle.dumps(ObjectiveOptions())) == ObjectiveOptions()
    assert hash(ObjectiveOptions()) == hash(ObjectiveOptions())
