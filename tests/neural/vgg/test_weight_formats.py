import json
import zipfile

import numpy as np
import pytest

from vidstyle.neural.vgg.weight_formats import (
    READERS,
    TORCH_DEVIATION,
    TORCH_MEAN,
    read_keras,
    read_mat,
    read_onnx,
    read_safetensors,
)

NAMES = ["block1_conv1", "block1_conv2"]
draw = np.random.default_rng(5)
KERNELS = [draw.normal(size=shape).astype(np.float32) for shape in ((3, 3, 3, 4), (3, 3, 4, 5))]
BIASES = [draw.normal(size=shape).astype(np.float32) for shape in (4, 5)]
# In Torch's layout: [out, in, height, width].
TORCH = {
    "features.0.weight": KERNELS[0].transpose(3, 2, 0, 1),
    "features.0.bias": BIASES[0],
    "features.2.weight": KERNELS[1].transpose(3, 2, 0, 1),
    "features.2.bias": BIASES[1],
    "classifier.0.weight": np.zeros((2, 2), np.float32),
}


def assert_same(arrays):
    for name, kernel, bias in zip(NAMES, KERNELS, BIASES, strict=True):
        np.testing.assert_array_equal(arrays[f"{name}/kernel"], kernel)
        np.testing.assert_array_equal(arrays[f"{name}/bias"], bias)


def assert_same_as_torch(arrays, tolerance=1e-4):
    """The first layer gives for a patch the features of Torch's, each with its own input."""
    patch = draw.random((3, 3, 3))  # RGB in [0, 1].
    expected = np.einsum("hwi,hwio->o", (patch - TORCH_MEAN) / TORCH_DEVIATION, KERNELS[0]) + BIASES[0]
    bgr = (255 * patch - [123.68, 116.779, 103.939])[..., ::-1]
    found = np.einsum("hwi,hwio->o", bgr, arrays["block1_conv1/kernel"]) + arrays["block1_conv1/bias"]
    np.testing.assert_allclose(found, expected, atol=tolerance)
    np.testing.assert_allclose(arrays["block1_conv2/kernel"], KERNELS[1], atol=10 * tolerance)
    np.testing.assert_allclose(arrays["block1_conv2/bias"], BIASES[1], atol=10 * tolerance)


def write_safetensors(path, arrays, kind="F32"):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, array in arrays.items():
        if kind == "BF16":
            raw = (np.ascontiguousarray(array).view(np.uint32) >> 16).astype("<u2").tobytes()
        else:
            raw = np.ascontiguousarray(array, {"F32": "<f4", "F16": "<f2"}[kind]).tobytes()
        header[name] = {
            "dtype": kind,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


@pytest.mark.parametrize(("kind", "tolerance"), [("F32", 1e-4), ("F16", 2e-2), ("BF16", 0.3)])
def test_safetensors_of_torchvision_have_torchvisions_input(tmp_path, kind, tolerance):
    path = tmp_path / "vgg.safetensors"
    write_safetensors(path, TORCH, kind)
    assert_same_as_torch(read_safetensors(path, NAMES), tolerance)


def onnx_file(path, *, keras):
    onnx = pytest.importorskip("onnx")
    nodes, arrays = [], []
    for name, kernel, bias in zip(NAMES, KERNELS, BIASES, strict=True):
        called = f"model/{name}/BiasAdd" if keras else f"Conv_{name[-1]}"
        arrays += [
            onnx.numpy_helper.from_array(kernel.transpose(3, 2, 0, 1).copy(), f"{called}:w"),
            onnx.numpy_helper.from_array(bias, f"{called}:b"),
        ]
        nodes.append(onnx.helper.make_node("Conv", ["x", f"{called}:w", f"{called}:b"], ["x"], name=called))
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph(nodes, "g", [], [], arrays)), path)
    return path


def test_onnx_of_a_keras_model_has_keras_input(tmp_path):
    assert_same(read_onnx(onnx_file(tmp_path / "k.onnx", keras=True), NAMES))


def test_other_onnx_has_torchvisions_input(tmp_path):
    assert_same_as_torch(read_onnx(onnx_file(tmp_path / "t.onnx", keras=False), NAMES))


def test_model_of_keras_3_is_read(tmp_path):
    import h5py

    with h5py.File(tmp_path / "inner.h5", "w") as file:
        for number, (kernel, bias) in enumerate(zip(KERNELS, BIASES, strict=True)):
            group = f"layers/conv2d{f'_{number}' if number else ''}/vars"
            file[f"{group}/0"], file[f"{group}/1"] = kernel, bias
        file["layers/dense/vars/0"] = np.zeros((2, 2), np.float32)
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.write(tmp_path / "inner.h5", "model.weights.h5")
        archive.writestr("config.json", "{}")
    assert_same(read_keras(tmp_path / "model.keras", NAMES))


def test_mat_without_layers_is_a_named_error(tmp_path):
    from scipy.io import savemat

    savemat(tmp_path / "else.mat", {"x": np.zeros(3)})
    with pytest.raises(ValueError, match="no layers of MatConvNet"):
        read_mat(tmp_path / "else.mat", NAMES)


def test_files_without_convolutions_are_a_named_error(tmp_path):
    from scipy.io import savemat

    savemat(tmp_path / "else.mat", {"layers": np.zeros(3)})
    header = json.dumps({"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    (tmp_path / "else.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    for ending in (".mat", ".safetensors"):
        with pytest.raises(ValueError, match="no convolutions in it"):
            READERS[ending](tmp_path / f"else{ending}", NAMES)
