"""Find, check and unpack the weights of VGG-19.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", arXiv:1409.1556. The
bundled file holds the Keras weights with each kernel quantised to 256 values; data/LICENSE-vgg19.txt says where it is
from. Nothing here imports TensorFlow or Keras, so that a checksum is had cheaply.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import WeightsError, quoted, reason
from vidstyle.neural.unpacked import unpacked

BUNDLED = Path(__file__).parent / "data" / "vgg19.npz"
BUNDLED_SHA256 = "2be34e61dc3aa8ec7bf6308ff8429de2a669997924af22d6f8a34a04c2535a2a"
IMAGENET = "imagenet"
IMAGENET_URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/"
    "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
)
IMAGENET_MD5 = "253f8cb515780f3b799900260a226db6"

_CHANNELS = {
    1: (3, 64, 64),
    2: (64, 128, 128),
    3: (128, *[256] * 4),
    4: (256, *[512] * 4),
    5: (512, *[512] * 4),
}
SHAPES: dict[str, tuple[int, int, int, int]] = {
    f"block{block}_conv{i}": (3, 3, channels[i - 1], channels[i])
    for block, channels in _CHANNELS.items()
    for i in range(1, len(channels))
}
"""Shape [height, width, in, out] of each layer's kernel, from the first layer to the last."""


@dataclass(frozen=True)
class Weights:
    """Kernels [3, 3, in, out] and biases [out] of each convolution, for BGR input, and the SHA-256 of their file."""

    layers: Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
    checksum: str


def load_weights(source: Path | str | None = None) -> Weights:
    """Load weights, checked layer by layer.

    Parameters
    ----------
    source
        None for the bundled ones, "imagenet" for Keras' full-precision file (downloaded once, by Keras), or a file: .npz
        (`block1_conv1/kernel` and `/bias`, or `/indices` into `/centroids` instead of the kernel), Keras' .h5 with or
        without top, or MatConvNet's imagenet-vgg-verydeep-19.mat.

    Raises
    ------
    WeightsError
        The file is missing, damaged or of another network.

    """
    path = find_weights(source)
    checksum = _checked_sum(path)
    return Weights(unpacked(checksum, SHAPES, lambda: _layers(path)), checksum)


def _layers(path: Path) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Decode a weights file, checked layer by layer."""
    readers = {".npz": _read_npz, ".h5": _read_h5, ".mat": _read_mat}
    if path.suffix.lower() not in readers:
        raise WeightsError(f"{quoted(path)} is no weights file that vidstyle reads; give .npz, .h5 or .mat.")
    try:
        arrays = readers[path.suffix.lower()](path)
    except Exception as exc:  # A damaged file fails wherever its format's library happens to stumble.
        raise WeightsError(
            f"The weights file {quoted(path)} cannot be read ({reason(exc)}); give VGG-19 weights as .npz, .h5 or .mat."
        ) from exc
    return {name: _checked(path, name, arrays) for name in SHAPES}


def weights_checksum(source: Path | str | None = None) -> str:
    """SHA-256 of the file that `load_weights` would load, in hexadecimal; a file that cannot be loaded is refused.

    Raises
    ------
    WeightsError
        As `load_weights`.

    """
    path = find_weights(source)
    try:
        status = path.stat()
    except OSError as exc:
        raise WeightsError(f"The weights file {quoted(path)} cannot be read ({reason(exc)}).") from exc
    return _good(path, status.st_size, status.st_mtime_ns)


@lru_cache
def _good(path: Path, _size: int, _mtime_ns: int) -> str:
    """Checksum of a file that is good; of the bundled one the checksum itself says so."""
    return _checked_sum(path) if path == BUNDLED else load_weights(path).checksum


def _checked_sum(path: Path) -> str:
    checksum = _sha256(path)
    if path == BUNDLED and checksum != BUNDLED_SHA256:
        raise WeightsError(f"The bundled weights {quoted(path)} are damaged; install vidstyle again.")
    return checksum


def find_weights(source: Path | str | None = None) -> Path:
    """Path of the file that `source` stands for (see `load_weights`)."""
    if source is None:
        return BUNDLED
    if str(source) == IMAGENET:
        return _download()
    path = Path(source)
    if not path.is_file():
        raise WeightsError(
            f"There is no weights file {quoted(path)}; give a .npz, .h5 or .mat file, or leave --weights out."
        )
    return path


def _download() -> Path:
    from vidstyle.neural.backend import keras  # noqa: PLC0415 - heavy, and for this alone.

    try:
        # Under the name and in the folder where Keras' own applications keep it, so that one download serves both.
        name = IMAGENET_URL.rpartition("/")[2]
        return Path(keras.utils.get_file(name, IMAGENET_URL, cache_subdir="models", file_hash=IMAGENET_MD5))
    except Exception as exc:
        raise WeightsError(
            f"Keras could not download the ImageNet weights ({reason(exc)}); connect to the network, or leave --weights out."
        ) from exc


def _read_npz(path: Path) -> dict[str, Any]:
    # Opened here, as NumPy leaves a file open that turns out to be no archive.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        arrays = dict(archive)
    for name in SHAPES:
        if f"{name}/indices" in arrays:
            arrays[f"{name}/kernel"] = arrays[f"{name}/centroids"][arrays[f"{name}/indices"]]
    return arrays


def _read_h5(path: Path) -> dict[str, Any]:
    import h5py  # noqa: PLC0415 - comes with Keras; only this format needs it.

    arrays: dict[str, Any] = {}
    # Layers are groups named like ours, whatever stands around them, or numbered, as the generations of the format go.
    groups = {name: name for name in SHAPES}
    groups |= {f"conv2d_{i}" if i else "conv2d": name for i, name in enumerate(SHAPES)}

    def collect(name: str, node: Any) -> None:
        parts = name.split("/")
        layer = next((groups[part] for part in parts if part in groups), None)
        if layer is not None and isinstance(node, h5py.Dataset) and not parts[0].startswith("optimizer"):
            arrays[f"{layer}/{'kernel' if node.ndim == 4 else 'bias'}"] = node[()]

    with h5py.File(path, "r") as file:
        file.visititems(collect)
    return arrays


def _read_mat(path: Path) -> dict[str, Any]:
    from scipy.io import loadmat  # noqa: PLC0415 - only this format needs it.

    arrays: dict[str, Any] = {}
    layers = loadmat(path, squeeze_me=True, struct_as_record=False)["layers"]
    convolutions = [layer for layer in layers if layer.type == "conv"]
    for name, layer in zip(SHAPES, convolutions, strict=False):
        kernel, bias = layer.weights if hasattr(layer, "weights") else (layer.filters, layer.biases)
        arrays[f"{name}/kernel"], arrays[f"{name}/bias"] = kernel, bias
    first = "block1_conv1/kernel"
    arrays[first] = arrays[first][:, :, ::-1]  # MatConvNet feeds RGB, Keras BGR.
    return arrays


def _checked(
    path: Path, name: str, arrays: Mapping[str, Any]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    shape = SHAPES[name]
    kernel, bias = arrays.get(f"{name}/kernel"), arrays.get(f"{name}/bias")
    if kernel is None or bias is None:
        raise WeightsError(
            f"The weights file {quoted(path)} has no layer {name}; give the weights of VGG-19."
        )
    for what, array, expected in (("kernel", kernel, shape), ("bias", bias, shape[3:])):
        if np.shape(array) != expected or np.asarray(array).dtype.kind not in "fiu":
            raise WeightsError(
                f"Layer {name} of {quoted(path)} has a {what} of shape {list(np.shape(array))} and type "
                f"{np.asarray(array).dtype} where VGG-19 has real numbers of shape {list(expected)}; give the weights of VGG-19."
            )
    kernel, bias = np.asarray(kernel, np.float32), np.asarray(bias, np.float32)
    if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
        raise WeightsError(
            f"Layer {name} of {quoted(path)} holds numbers that are not finite; the file is damaged."
        )
    return kernel, bias


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise WeightsError(f"The weights file {quoted(path)} cannot be read ({reason(exc)}).") from exc
