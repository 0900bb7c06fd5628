"""VGG network as an encoder: feature maps of an image, up to the deepest layer asked for.

Simonyan and Zisserman, arXiv:1409.1556. A layer's features are its activations after the ReLU; layers have
Keras' names (`block4_conv2` is relu4_2 in the papers).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import PainterError
from vidstyle.neural.device.backend import LAYOUT, Tensor, keras
from vidstyle.neural.vgg.pooling import find_pool, pad_edges
from vidstyle.neural.vgg.weights import Weights
from vidstyle.options.groups import Precision
from vidstyle.options.layers import block_of, layers_of, stride_of
from vidstyle.options.objective import Padding, Pooling

BGR_MEAN = (103.939, 116.779, 123.68)
"""Mean of ImageNet in the units and channel order of the network's training: BGR, 0 to 255."""
EDGE_BLOCKS = 2
"""Blocks whose maps repeat their edge. Zeros there are what leaves a line along a painting's sides; an edge
repeated in the deeper ones, where it is a large part of the map, leaves its colours in the corners."""


class Encoder:
    """Network that computes feature maps of images.

    Parameters
    ----------
    weights
        Weights of the network.
    layers
        Names of the layers to read, such as "block1_conv1".
    precision
        Arithmetic of the convolutions, and type of the feature maps; the image is float32 in either case.
    pooling
        Reduction of the feature maps between blocks.
    padding
        Values beyond the border of the feature maps.
    xla
        Whether XLA compiles it.

    """

    def __init__(
        self,
        weights: Weights,
        layers: Sequence[str],
        precision: Precision = Precision.FLOAT32,
        pooling: Pooling = Pooling.MAX,
        padding: Padding = Padding.ZERO,
        *,
        xla: bool = False,
    ) -> None:
        self.layers = tuple(sorted(set(layers), key=layers_of(weights.network).index))
        self.precision = precision
        # Each block but the first begins with a pooling that halves the size.
        self.smallest_side_px = stride_of(self.layers[-1])
        self.channels = {layer: weights.layers[layer][0].shape[-1] for layer in self.layers}
        self._pool = find_pool(pooling, xla=xla)
        self._edge_blocks = EDGE_BLOCKS if padding is Padding.EDGE else 0
        self._dtype = "bfloat16" if precision is Precision.BFLOAT16 else "float32"
        known = layers_of(weights.network)
        used = known[: known.index(self.layers[-1]) + 1]
        self._convolutions = {name: self._on_device(*weights.layers[name]) for name in used}

    def _on_device(self, *arrays: NDArray[np.float32]) -> list[Tensor]:
        return [keras.ops.cast(keras.ops.convert_to_tensor(array), self._dtype) for array in arrays]

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """Compute the feature maps {layer: [H', W', C]} of an image [H, W, 3], RGB in [0, 1].

        Raises
        ------
        PainterError
            The image is so small that its feature map at the deepest layer would be empty.

        """
        height, width, _ = image.shape
        if min(height, width) < self.smallest_side_px:
            raise PainterError(
                f"an image of {width} x {height} pixels is too small for the network; "
                f"give at least {self.smallest_side_px} pixels on each side."
            )
        bgr = keras.ops.flip(image, axis=-1) * 255.0 - keras.ops.convert_to_tensor(BGR_MEAN, "float32")
        maps, block, features = keras.ops.cast(bgr[None], self._dtype), 1, {}
        for name, (kernel, bias) in self._convolutions.items():
            if block_of(name) > block:
                maps, block = self._pool(maps), block_of(name)
            maps = keras.ops.relu(self._convolve(maps, kernel, block) + bias)  # [1, H', W', C]
            if name in self.layers:
                features[name] = maps[0]
        return features

    def _convolve(self, maps: Tensor, kernel: Tensor, block: int) -> Tensor:
        """Convolve feature maps [1, H, W, C] by a kernel [3, 3, C, D], to the same size: [1, H, W, D]."""
        if block <= self._edge_blocks:
            return keras.ops.conv(pad_edges(maps), kernel, padding="valid", data_format=LAYOUT)
        return keras.ops.conv(maps, kernel, padding="same", data_format=LAYOUT)
