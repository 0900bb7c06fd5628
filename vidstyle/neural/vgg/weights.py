"""Weights of VGG-19 and VGG-16: found, verified and decoded.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", arXiv:1409.1556.
The bundled file has the Keras weights with each kernel quantised to 256 values; data/LICENSE-vgg19.txt names
its source. Neither TensorFlow nor Keras is imported here, so that a checksum costs little.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import WeightsError, quoted, reason
from vidstyle.neural.vgg.weight_cache import load_cached
from vidstyle.neural.vgg.weight_formats import READERS
from vidstyle.options.layers import Network, block_of, layers_of

BUNDLED = Path(__file__).parents[1] / "data" / "vgg19.npz"
BUNDLED_SHA256 = "2be34e61dc3aa8ec7bf6308ff8429de2a669997924af22d6f8a34a04c2535a2a"
IMAGENET = "imagenet"
_KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"
IMAGENET_FILES = {
    Network.VGG19: (
        f"{_KERAS}/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "253f8cb515780f3b799900260a226db6",
    ),
    Network.VGG16: (
        f"{_KERAS}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "6d6bbae143d832006294945121d1f1fc",
    ),
}
"""Addresses of Keras' own files, and their MD5."""
_LAYER = re.compile(r"block\d_conv\d+/(kernel|indices)$")

Shape = tuple[int, int, int, int]


def _shapes(network: Network) -> dict[str, Shape]:
    shapes, before = {}, 3
    for name in layers_of(network):
        channels = min(512, 64 << (block_of(name) - 1))
        shapes[name], before = (3, 3, before, channels), channels
    return shapes


SHAPES = {network: _shapes(network) for network in Network}
"""Shape [height, width, in, out] of each layer's kernel, from the first layer to the last."""


@dataclass(frozen=True)
class Weights:
    """Kernels [3, 3, in, out] and biases [out] of the convolutions, for BGR, and their file's SHA-256."""

    layers: Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
    checksum: str
    network: Network = Network.VGG19


def load_weights(source: Path | str | None = None, network: Network = Network.VGG19) -> Weights:
    """Load weights, checked layer by layer.

    Parameters
    ----------
    source
        None for the bundled ones, "imagenet" for Keras' full-precision file (downloaded once, by Keras), or a
        file: .npz (`block1_conv1/kernel` and `/bias`, or `/indices` into `/centroids` instead of the kernel),
        Keras' .h5 or .keras with or without top, MatConvNet's imagenet-vgg-verydeep-19.mat, a state dict of
        torchvision's network in .safetensors, or .onnx.
    network
        Network that the weights are of.

    Raises
    ------
    WeightsError
        The file is missing, damaged or of another network.

    """
    path = find_weights(source, network)
    checksum = _verify_checksum(path)
    # A file has weights of one network, but may be tried for the other.
    key = (
        checksum if network is Network.VGG19 else hashlib.sha256(f"{network}{checksum}".encode()).hexdigest()
    )
    return Weights(load_cached(key, SHAPES[network], lambda: _decode(path, network)), checksum, network)


def _decode(path: Path, network: Network) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Decode a weights file, checked layer by layer."""
    ending, shapes = path.suffix.lower(), SHAPES[network]
    title = f"VGG-{network.removeprefix('vgg')}"
    if ending not in READERS:
        raise WeightsError(
            f"weights file {quoted(path)} has an unknown format; give one of {', '.join(READERS)}."
        )
    try:
        arrays = READERS[ending](path, list(shapes))
    except Exception as exc:  # A damaged file may raise any error of its format's library.
        raise WeightsError(
            f"weights file {quoted(path)} cannot be read ({reason(exc)}); give weights of {title} as one of "
            f"{', '.join(READERS)}."
        ) from exc
    layers = {name: _check_layer(path, name, shapes[name], arrays, title) for name in shapes}
    more = sorted({key.partition("/")[0] for key in arrays if _LAYER.match(key)} - set(shapes))
    if more:
        raise WeightsError(
            f"weights file {quoted(path)} has a layer {more[0]}, unknown in {title}; "
            f"give weights of {title}, or another --network."
        )
    return layers


def weights_checksum(source: Path | str | None = None, network: Network = Network.VGG19) -> str:
    """Compute the SHA-256 of the file that `load_weights` would load, in hexadecimal.

    Raises
    ------
    WeightsError
        As `load_weights`.

    """
    path = find_weights(source, network)
    try:
        status = path.stat()
    except OSError as exc:
        raise WeightsError(_unreadable(path, exc)) from exc
    return _valid_checksum(path, network, status.st_size, status.st_mtime_ns)


@lru_cache
def _valid_checksum(path: Path, network: Network, _size: int, _mtime_ns: int) -> str:
    """Checksum of a file that is valid; that of the bundled one proves it."""
    return _verify_checksum(path) if path == BUNDLED else load_weights(path, network).checksum


def _verify_checksum(path: Path) -> str:
    checksum = _sha256(path)
    if path == BUNDLED and checksum != BUNDLED_SHA256:
        raise WeightsError(f"bundled weights {quoted(path)} are damaged; install vidstyle again.")
    return checksum


def find_weights(source: Path | str | None = None, network: Network = Network.VGG19) -> Path:
    """Find the file that `source` stands for, as in `load_weights`."""
    if source is None and network is not Network.VGG19:
        raise WeightsError(
            "weights of VGG-16 are not included; give --weights FILE, "
            "or --weights imagenet to have Keras download them."
        )
    if source is None:
        return BUNDLED
    if str(source) == IMAGENET:
        return _download(network)
    path = Path(source)
    if not path.is_file():
        raise WeightsError(f"weights file {quoted(path)} not found; give another, or omit --weights.")
    return path


def _download(network: Network) -> Path:
    from vidstyle.neural.device.backend import keras  # noqa: PLC0415 - heavy, and for this alone.

    try:
        # With the name and folder of Keras' own applications, so that one download serves both.
        url, md5 = IMAGENET_FILES[network]
        name = url.rpartition("/")[2]
        return Path(keras.utils.get_file(name, url, cache_subdir="models", file_hash=md5))
    except Exception as exc:
        raise WeightsError(
            f"cannot download the ImageNet weights ({reason(exc)}); go online, or omit --weights."
        ) from exc


def _check_layer(
    path: Path, name: str, shape: Shape, arrays: Mapping[str, Any], title: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    kernel, bias = arrays.get(f"{name}/kernel"), arrays.get(f"{name}/bias")
    if kernel is None or bias is None:
        raise WeightsError(
            f"weights file {quoted(path)} has no layer {name}; give weights of {title}, or another --network."
        )
    for what, array, expected in (("kernel", kernel, shape), ("bias", bias, shape[3:])):
        if np.shape(array) != expected or np.asarray(array).dtype.kind not in "fiu":
            raise WeightsError(
                f"layer {name} of {quoted(path)} has a {what} of shape {list(np.shape(array))} and type "
                f"{np.asarray(array).dtype}, {title} has real numbers of shape {list(expected)}; "
                f"give weights of {title}, or another --network."
            )
    kernel, bias = np.asarray(kernel, np.float32), np.asarray(bias, np.float32)
    if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
        raise WeightsError(
            f"layer {name} of {quoted(path)} has NaN or infinite values; the file is damaged, get it again."
        )
    return kernel, bias


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise WeightsError(_unreadable(path, exc)) from exc


def _unreadable(path: Path, error: OSError) -> str:
    return f"weights file {quoted(path)} cannot be read ({reason(error)}); give another, or omit --weights."
