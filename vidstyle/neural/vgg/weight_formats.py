"""File formats of weights, read as arrays by Keras' names: `block1_conv1/kernel`, `block1_conv1/bias`.

Kernels are [height, width, in, out]; the first takes BGR of 0 to 255 less ImageNet's mean, the input of
Keras' own network.
"""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, Any]

KERAS_MEAN_RGB = np.array([123.68, 116.779, 103.939])
"""Mean that Keras subtracts from RGB of 0 to 255."""
TORCH_MEAN, TORCH_DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
"""Mean that torchvision subtracts from RGB in [0, 1], and deviation that it then divides by."""
_SAFETENSORS_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


def read_npz(path: Path, names: Sequence[str]) -> Arrays:
    """Read NumPy's archive, of kernels or of indices into centroids."""
    # Opened here, as NumPy leaves a file open that is not an archive.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        arrays = dict(archive)
    for name in names:
        if f"{name}/indices" in arrays:
            arrays[f"{name}/kernel"] = arrays[f"{name}/centroids"][arrays[f"{name}/indices"]]
    return arrays


def read_h5(path: Path, names: Sequence[str]) -> Arrays:
    """Read Keras' HDF5 of any generation, of weights or of a whole model."""
    return _from_h5(path, names)


def read_keras(path: Path, names: Sequence[str]) -> Arrays:
    """Read Keras 3's model in a zip archive."""
    with zipfile.ZipFile(path) as archive:
        return _from_h5(io.BytesIO(archive.read("model.weights.h5")), names)


def _from_h5(source: Any, names: Sequence[str]) -> Arrays:
    import h5py  # noqa: PLC0415 - comes with Keras; only these formats need it.

    arrays: Arrays = {}
    # Layers are groups at any depth: named like ours, or numbered, depending on the generation of the format.
    groups = {name: name for name in _all_names()}
    groups |= {f"conv2d_{i}" if i else "conv2d": name for i, name in enumerate(names)}
    groups |= {f"conv2d_{i}": f"block5_conv{i}" for i in range(len(names), len(names) + 9)}

    def collect(name: str, node: Any) -> None:
        parts = name.split("/")
        layer = next((groups[part] for part in parts if part in groups), None)
        if layer is not None and isinstance(node, h5py.Dataset) and not parts[0].startswith("optimizer"):
            arrays[f"{layer}/{'kernel' if node.ndim == 4 else 'bias'}"] = node[()]

    with h5py.File(source, "r") as file:
        file.visititems(collect)
    return arrays


def read_mat(path: Path, names: Sequence[str]) -> Arrays:
    """Read MatConvNet's file, whose layers have `weights`, or `filters` and `biases`."""
    from scipy.io import loadmat  # noqa: PLC0415 - only this format needs it.

    content = loadmat(path, squeeze_me=True, struct_as_record=False)
    if "layers" not in content:
        raise ValueError("no layers of MatConvNet in it")
    pairs = []
    for layer in np.atleast_1d(content["layers"]):
        if getattr(layer, "type", None) == "conv":
            pair = layer.weights if hasattr(layer, "weights") else (layer.filters, layer.biases)
            # The layers after the features are fully connected: MatConvNet writes them as wider convolutions.
            if np.shape(pair[0])[:2] == (3, 3):
                pairs.append((np.asarray(pair[0]), np.asarray(pair[1])))
    arrays = _by_order(pairs, names)
    first = f"{names[0]}/kernel"
    arrays[first] = arrays[first][:, :, ::-1]  # MatConvNet takes RGB, Keras BGR.
    return arrays


def read_safetensors(path: Path, names: Sequence[str]) -> Arrays:
    """Read a state dict of torchvision's network, `features.0.weight` and so on."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])

    def tensor(name: str) -> NDArray[np.float32]:
        entry = header[name]
        begin, end = entry["data_offsets"]
        flat = np.frombuffer(data[8 + size + begin : 8 + size + end], _SAFETENSORS_TYPES[entry["dtype"]])
        if entry["dtype"] == "BF16":
            flat = (flat.astype(np.uint32) << 16).view(np.float32)
        return flat.astype(np.float32).reshape(entry["shape"])

    numbers = sorted(
        int(name.split(".")[-2])
        for name in header
        if name.endswith(".weight") and len(header[name]["shape"]) == 4
    )
    if not numbers:
        raise ValueError("no convolutions in it")
    first = f"{numbers[0]}.weight"
    prefix = next(name for name in header if name.endswith(first)).removesuffix(first)
    pairs = [(tensor(f"{prefix}{i}.weight"), tensor(f"{prefix}{i}.bias")) for i in numbers]
    return _from_torch(pairs, names)


def read_onnx(path: Path, names: Sequence[str]) -> Arrays:
    """Read ONNX, its convolutions in order.

    Its input is Keras' if its nodes have Keras' names, otherwise torchvision's.
    """
    try:
        import onnx  # noqa: PLC0415 - an extra.
        from onnx import numpy_helper  # noqa: PLC0415
    except ImportError as exc:
        raise ValueError("install the extra onnx: pip install 'vidstyle[onnx]'") from exc
    graph = onnx.load(path).graph
    known = {array.name: array for array in graph.initializer}
    nodes = [node for node in graph.node if node.op_type == "Conv"]
    pairs = [tuple(numpy_helper.to_array(known[name]) for name in node.input[1:3]) for node in nodes]
    if any("block1_conv1" in text for node in nodes for text in (node.name, *node.input)):
        return _by_order([(kernel.transpose(2, 3, 1, 0), bias) for kernel, bias in pairs], names)
    return _from_torch(pairs, names)


def _from_torch(pairs: Sequence[tuple[Any, ...]], names: Sequence[str]) -> Arrays:
    """Convert convolutions [out, in, height, width] of a network with torchvision's input."""
    if not pairs:
        raise ValueError("no convolutions in it")
    transposed = [(np.asarray(kernel).transpose(2, 3, 1, 0), np.asarray(bias)) for kernel, bias in pairs]
    kernel, bias = transposed[0]
    # Keras' input is y = 255 x - mean, this network's (x - mean) / deviation: another scale, and a small
    # shift.
    shift = (KERAS_MEAN_RGB / 255 - TORCH_MEAN) / TORCH_DEVIATION
    scaled = kernel / (255 * TORCH_DEVIATION)[:, None]
    transposed[0] = (
        scaled[:, :, ::-1].astype(np.float32),
        (bias + np.einsum("hwio,i->o", kernel, shift)).astype(np.float32),
    )
    return _by_order(transposed, names)


def _by_order(pairs: Sequence[tuple[Any, ...]], names: Sequence[str]) -> Arrays:
    """Name kernels and biases by their order in the network."""
    if not pairs:
        raise ValueError("no convolutions in it")
    arrays: Arrays = {}
    extra = (f"block5_conv{i}" for i in range(9, 99))  # More than the network has: those of another.
    for name, (kernel, bias) in zip([*names, *extra], pairs, strict=False):
        arrays[f"{name}/kernel"], arrays[f"{name}/bias"] = kernel, bias
    return arrays


def _all_names() -> list[str]:
    return [f"block{block}_conv{i}" for block in range(1, 6) for i in range(1, 5)]


READERS: dict[str, Callable[[Path, Sequence[str]], Arrays]] = {
    ".npz": read_npz,
    ".h5": read_h5,
    ".hdf5": read_h5,
    ".keras": read_keras,
    ".mat": read_mat,
    ".safetensors": read_safetensors,
    ".onnx": read_onnx,
}
"""Readers by the ending of the file."""
