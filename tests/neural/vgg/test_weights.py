import functools
import hashlib
from pathlib import Path

import numpy as np
import pytest

from vidstyle.errors import WeightsError
from vidstyle.neural.vgg import weights
from vidstyle.neural.vgg.weights import SHAPES, find_weights, load_weights, weights_checksum
from vidstyle.options.layers import Network

TINY = {"block1_conv1": (3, 3, 3, 4), "block1_conv2": (3, 3, 4, 5), "block2_conv1": (3, 3, 5, 2)}


@pytest.fixture
def tiny(monkeypatch):
    """Make the arrays {layer/kernel, layer/bias} of a network small enough for every format."""
    monkeypatch.setattr(weights, "SHAPES", dict.fromkeys(Network, TINY))
    draw = np.random.default_rng(1)
    arrays = {}
    for name, shape in TINY.items():
        arrays[f"{name}/kernel"] = draw.normal(size=shape).astype(np.float32)
        arrays[f"{name}/bias"] = draw.normal(size=shape[3:]).astype(np.float32)
    return arrays


def assert_loads(path, arrays):
    loaded = load_weights(path)
    assert list(loaded.layers) == list(TINY)
    for name, (kernel, bias) in loaded.layers.items():
        assert kernel.dtype == bias.dtype == np.float32
        np.testing.assert_array_equal(kernel, arrays[f"{name}/kernel"], strict=True)
        np.testing.assert_array_equal(bias, arrays[f"{name}/bias"], strict=True)
    assert loaded.checksum == hashlib.sha256(path.read_bytes()).hexdigest() == weights_checksum(path)


def assert_refused(path, *words):
    with pytest.raises(WeightsError) as caught:
        load_weights(path)
    message = str(caught.value)
    assert Path(path).name in message
    assert message.endswith(".")
    assert "\n" not in message
    for word in words:
        assert word in message
    return message


def test_bundled_weights_are_vgg19():
    # Simonyan and Zisserman, table 1, column E: 16 convolutions of 3 x 3.
    channels = [3, 64, 64, 128, 128, *[256] * 4, *[512] * 8]
    loaded = load_weights()
    assert len(loaded.layers) == 16
    for (kernel, bias), before, after in zip(
        loaded.layers.values(), channels[:-1], channels[1:], strict=True
    ):
        assert kernel.shape == (3, 3, before, after)
        assert bias.shape == (after,)
        assert kernel.dtype == bias.dtype == np.float32
    # Keras' network without top has 20,024,384 parameters.
    assert sum(kernel.size + bias.size for kernel, bias in loaded.layers.values()) == 20_024_384
    assert loaded.checksum == weights_checksum()


def test_flipped_bit_of_the_bundled_weights_is_found(tmp_path, monkeypatch):
    copy = tmp_path / "vgg19.npz"
    data = bytearray(weights.BUNDLED.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    monkeypatch.setattr(weights, "BUNDLED", copy)
    with pytest.raises(WeightsError, match="damaged; install vidstyle again"):
        load_weights()


def test_plain_npz_loads(tmp_path, tiny):
    path = tmp_path / "plain.npz"
    np.savez(path, **tiny)
    assert_loads(path, tiny)


def test_quantised_npz_loads_as_the_values_of_its_indices(tmp_path, tiny):
    draw = np.random.default_rng(2)
    arrays = {}
    for name, shape in TINY.items():
        indices, centroids = draw.integers(0, 256, shape, np.uint8), draw.normal(size=256).astype(np.float32)
        arrays |= {f"{name}/indices": indices, f"{name}/centroids": centroids}
        tiny[f"{name}/kernel"] = np.vectorize(lambda i, centroids=centroids: centroids[i])(indices)
        arrays[f"{name}/bias"] = tiny[f"{name}/bias"]
    path = tmp_path / "quantised.npz"
    np.savez(path, **arrays)
    assert_loads(path, tiny)


H5_LAYOUTS = {
    "first": ("{layer}/{layer}_W_1:0", "{layer}/{layer}_b_1:0"),
    "second": ("{layer}/{layer}/kernel:0", "{layer}/{layer}/bias:0"),
    "whole model": ("model_weights/{layer}/{layer}/kernel", "model_weights/{layer}/{layer}/bias"),
    "numbered": ("layers/conv2d{number}/vars/0", "layers/conv2d{number}/vars/1"),
}


@pytest.mark.parametrize("layout", H5_LAYOUTS)
def test_every_generation_of_keras_h5_loads(tmp_path, tiny, layout):
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        for i, name in enumerate(TINY):
            for place, what in zip(H5_LAYOUTS[layout], ("kernel", "bias"), strict=True):
                file[place.format(layer=name, number=f"_{i}" if i else "")] = tiny[f"{name}/{what}"]
            # The optimiser of a model under training, and the top of the network, are no feature weights.
            file[f"optimizer_weights/adam/{name}/kernel"] = np.zeros(TINY[name], np.float32)
        file["predictions/predictions/kernel"] = np.zeros((8, 8), np.float32)
    assert_loads(path, tiny)


@pytest.mark.parametrize("fields", ["weights", "filters and biases"])
def test_matconvnet_mat_loads_with_its_first_layer_in_bgr(tmp_path, tiny, fields):
    savemat = pytest.importorskip("scipy.io").savemat

    def convolution(kernel, bias):
        bias = bias[None]  # MATLAB has no vectors: [1, C].
        if fields == "weights":
            pair = np.empty((1, 2), object)
            pair[0, 0], pair[0, 1] = kernel, bias
            return {"type": "conv", "weights": pair}
        return {"type": "conv", "filters": kernel, "biases": bias}

    layers = []
    for name in TINY:
        layers += [
            convolution(tiny[f"{name}/kernel"], tiny[f"{name}/bias"]),
            {"type": "relu", "name": "relu"},
        ]
    layers.append(convolution(np.zeros((7, 7, 2, 6), np.float32), np.zeros(6, np.float32)))  # fc6
    cells = np.empty((1, len(layers)), object)
    cells[0] = layers
    path = tmp_path / "imagenet-vgg-verydeep-19.mat"
    savemat(path, {"layers": cells, "meta": {"normalization": 0}})
    # Its input is RGB, so that a kernel's first channel is red there and last here.
    tiny["block1_conv1/kernel"] = tiny["block1_conv1/kernel"][:, :, [2, 1, 0]]
    assert_loads(path, tiny)


@pytest.mark.parametrize("ending", [".npz", ".h5", ".mat"])
@pytest.mark.parametrize("data", [b"", b"a text, and no weights\n" * 40, bytes(range(256)) * 8])
def test_file_without_weights_is_named(tmp_path, ending, data):
    path = tmp_path / f"weights{ending}"
    path.write_bytes(data)
    assert_refused(path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damaged_or_truncated_npz_is_named(tmp_path, tiny, save):
    whole = tmp_path / "whole.npz"
    save(whole, **tiny)
    data = whole.read_bytes()
    path = tmp_path / "damaged.npz"
    path.write_bytes(data[: len(data) // 2])
    assert_refused(path)
    start = data.index(b"NUMPY") if save is np.savez else 60
    for position in range(start, len(data) // 2, 97):
        path.write_bytes(data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :])
        try:
            loaded = load_weights(path)
        except WeightsError:
            continue
        # Otherwise the byte does not matter, such as one of a date.
        for name, (kernel, _) in loaded.layers.items():
            np.testing.assert_array_equal(kernel, tiny[f"{name}/kernel"])


def test_npy_with_the_name_of_an_npz_is_named(tmp_path):
    path = tmp_path / "weights.npz"
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    assert_refused(path)


def test_pickled_objects_are_not_loaded(tmp_path, tiny):
    path = tmp_path / "weights.npz"
    tiny["block1_conv2/kernel"] = np.array([{"harm": 1}], object)
    np.savez(path, **tiny)
    assert_refused(path)


@pytest.mark.parametrize(
    ("what", "array"),
    [
        ("kernel", np.zeros((5, 5, 4, 5), np.float32)),
        ("bias", np.zeros(7, np.float32)),
        ("kernel", np.full((3, 3, 4, 5), "text")),
        ("bias", np.zeros(5, np.complex64)),
    ],
)
def test_layer_of_another_network_is_named(tmp_path, tiny, what, array):
    path = tmp_path / "weights.npz"
    tiny[f"block1_conv2/{what}"] = array
    np.savez(path, **tiny)
    assert_refused(path, "block1_conv2", what, str(list(array.shape)))


@pytest.mark.parametrize("what", ["kernel", "bias"])
def test_missing_layer_is_named(tmp_path, tiny, what):
    path = tmp_path / "weights.npz"
    del tiny[f"block2_conv1/{what}"]
    np.savez(path, **tiny)
    assert_refused(path, "block2_conv1")


@pytest.mark.parametrize("what", ["kernel", "bias"])
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_values_that_are_not_finite_are_named(tmp_path, tiny, what, number):
    path = tmp_path / "weights.npz"
    tiny[f"block1_conv2/{what}"].flat[-1] = number
    np.savez(path, **tiny)
    assert_refused(path, "block1_conv2", "NaN or infinite values")


def test_unknown_ending_is_named(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"PK")
    assert_refused(path, ".npz, .h5, .hdf5, .keras, .mat, .safetensors, .onnx")


@pytest.mark.parametrize("ask", [load_weights, find_weights, weights_checksum])
def test_missing_file_is_named(tmp_path, ask):
    with pytest.raises(WeightsError, match=r"weights file .*missing\.npz' not found; .*omit --weights"):
        ask(tmp_path / "missing.npz")


def test_folder_is_refused(tmp_path):
    assert_refused(tmp_path)


@pytest.fixture
def keras_home(tmp_path, monkeypatch):
    """Keep Keras' downloads apart, and the network out of reach."""
    from vidstyle.neural.device.backend import keras

    get_file = functools.partial(keras.utils.get_file, cache_dir=tmp_path)
    monkeypatch.setattr(keras.utils, "get_file", get_file)
    files = {Network.VGG19: ("http://127.0.0.1:9/notop.h5", "0" * 32)}
    monkeypatch.setattr(weights, "IMAGENET_FILES", files)
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def test_failed_download_of_imagenet_weights_is_a_named_error(keras_home):
    with pytest.raises(WeightsError, match="cannot download") as caught:
        load_weights("imagenet")
    assert "\n" not in str(caught.value)
    assert not any(keras_home.iterdir())


def test_imagenet_weights_are_found_in_keras_folder(keras_home, tiny):
    h5py = pytest.importorskip("h5py")
    path = keras_home / "notop.h5"
    with h5py.File(path, "w") as file:
        file.update(tiny)
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    weights.IMAGENET_FILES[Network.VGG19] = ("http://127.0.0.1:9/notop.h5", digest)
    assert find_weights("imagenet") == path
    assert_loads(path, tiny)


def test_shapes_are_in_the_order_of_the_layers():
    for shapes in SHAPES.values():
        assert list(shapes) == sorted(shapes)
        assert list(shapes)[:3] == ["block1_conv1", "block1_conv2", "block2_conv1"]


def test_vgg16_has_the_shapes_of_its_paper():
    # Simonyan and Zisserman, table 1, column D; Keras' network without top has 14,714,688 parameters.
    shapes = SHAPES[Network.VGG16]
    assert len(shapes) == 13
    assert sum(9 * before * after + after for _, _, before, after in shapes.values()) == 14_714_688


def test_weights_of_vgg16_are_not_included():
    with pytest.raises(WeightsError, match="VGG-16 are not included; give --weights"):
        load_weights(None, Network.VGG16)


def test_weights_of_the_other_network_are_refused_with_the_layer(tmp_path):
    path = tmp_path / "weights.npz"

    def save(network):
        arrays = {}
        for name, shape in SHAPES[network].items():
            arrays[f"{name}/indices"], arrays[f"{name}/centroids"] = (
                np.zeros(shape, np.uint8),
                np.ones(1, np.float32),
            )
            arrays[f"{name}/bias"] = np.zeros(shape[3], np.float32)
        np.savez_compressed(path, **arrays)

    save(Network.VGG16)
    assert load_weights(path, Network.VGG16).network is Network.VGG16
    assert_refused(path, "no layer block3_conv4", "VGG-19")
    save(Network.VGG19)
    with pytest.raises(WeightsError, match="unknown in VGG-16; give weights of VGG-16, or another --network"):
        load_weights(path, Network.VGG16)
