"""Presets against the formulas of their sources, written out in NumPy from features of the same network."""

import numpy as np
import pytest
from PIL import Image
from support.clips import STARRY
from support.losses import style_regions, targets_of
from support.reference_losses import SOURCES

from vidstyle.neural.device.backend import keras
from vidstyle.neural.objective.objective import Objective
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import Weights, load_weights
from vidstyle.options.layers import Network, layers_of
from vidstyle.options.presets import PRESETS
from vidstyle.options.text import preset


def test_default_preset_sets_nothing():
    assert PRESETS["default"].options == {}


@pytest.mark.parametrize("name", PRESETS)
def test_preset_names_its_source(name):
    assert len(PRESETS[name].source) > 10


@pytest.fixture(scope="module")
def weights():
    return load_weights()


@pytest.fixture(scope="module")
def pictures():
    whole = np.asarray(Image.open(STARRY).convert("RGB"), np.float32) / 255
    return [np.ascontiguousarray(whole[top : top + 48, 100:148]) for top in (100, 300, 200)]


def test_every_preset_has_a_formula():
    assert set(SOURCES) == set(PRESETS) - {"default"}


@pytest.mark.parametrize("name", SOURCES)
def test_loss_of_a_preset_is_that_of_its_source(name, weights, pictures):
    options = preset(name)
    chosen, network = options.objective, options.objective.network
    if (
        network is Network.VGG16
    ):  # The formula needs weights of the same shapes only: those of VGG-16 are not bundled.
        same = {layer: weights.layers[layer] for layer in layers_of(network)}
        weights = Weights(same, "", network)
    encoder = Encoder(weights, chosen.layers, pooling=chosen.pooling)
    objective = Objective(chosen, options.paint)
    image, content, style = (keras.ops.convert_to_tensor(picture) for picture in pictures)
    regions = style_regions(chosen, encoder, [style], dtype="float32")
    targets = targets_of(objective, encoder, content, regions, dtype="float32")
    features = [
        {layer: np.asarray(found, np.float64) for layer, found in encoder(picture).items()}
        for picture in (image, content, style)
    ]
    loss, _ = objective(encoder, image, targets)
    assert float(loss) == pytest.approx(SOURCES[name](*features, pictures[0]), rel=1e-4)
