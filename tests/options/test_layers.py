import pytest

from vidstyle.errors import UsageError
from vidstyle.options.layers import Layers, Network, block_of, canonical, layers_of


@pytest.mark.parametrize("name", ["block3_conv1", "conv3_1", "relu3_1", " ReLU3_1", "conv_3_1"])
def test_layer_has_several_names(name):
    assert canonical(name) == "block3_conv1"


@pytest.mark.parametrize("name", ["conv3_5", "conv6_1", "pool3", "block3", "", "conv3_10"])
def test_unknown_layer_is_refused_with_the_known_ones(name):
    with pytest.raises(UsageError, match=r"unknown layer .*block1_conv1, .*block5_conv4"):
        canonical(name)


def test_networks_have_their_convolutions():
    assert [len(layers_of(network)) for network in (Network.VGG16, Network.VGG19)] == [13, 16]
    assert layers_of(Network.VGG16)[-1] == "block5_conv3"
    assert block_of("block5_conv3") == 5


def test_layers_are_read_with_their_weights():
    layers = Layers.parse("relu1_1, conv2_1:0.5,block3_conv1:2")
    assert list(layers) == [("block1_conv1", 1), ("block2_conv1", 0.5), ("block3_conv1", 2)]
    assert layers.total == 3.5
    assert str(layers) == "block1_conv1,block2_conv1:0.5,block3_conv1:2"
    assert Layers.parse(str(layers)) == layers


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "unknown layer ''"),
        ("conv1_1:x", "invalid weight 'x'"),
        ("conv1_1:-1", "out of range"),
        ("conv1_1:nan", "out of range"),
        ("conv1_1:0,conv2_1:0", "are all 0"),
        ("conv1_1,relu1_1:2", "given twice"),
    ],
)
def test_invalid_layers_are_refused(text, fault):
    with pytest.raises(UsageError, match=fault):
        Layers.parse(text)
