"""VGG network as an encoder: feature maps of an image, up to the deepest layer asked for.

Simonyan and Zisserman, arXiv:1409.1556, as `keras.applications` builds it. A layer's features are its
activations after the ReLU; layers have Keras' names (`block4_conv2` is relu4_2 in the papers).
"""

from collections.abc import Callable, Sequence

from vidstyle.errors import PainterError
from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.vgg.weights import Weights
from vidstyle.options.groups import Precision
from vidstyle.options.layers import Network, layers_of, stride_of
from vidstyle.options.objective import Pooling

BGR_MEAN = (103.939, 116.779, 123.68)
"""Mean of ImageNet in the units and channel order of the network's training: BGR, 0 to 255."""


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
    xla
        Whether XLA compiles it.

    """

    def __init__(
        self,
        weights: Weights,
        layers: Sequence[str],
        precision: Precision = Precision.FLOAT32,
        pooling: Pooling = Pooling.MAX,
        *,
        xla: bool = False,
    ) -> None:
        self.layers = tuple(sorted(set(layers), key=layers_of(weights.network).index))
        self.precision = precision
        # Each block but the first begins with a pooling that halves the size.
        self.smallest_side_px = stride_of(self.layers[-1])
        self.channels = {layer: weights.layers[layer][0].shape[-1] for layer in self.layers}
        self._model = _build(weights, self.layers, precision, _replacement(pooling, xla=xla))

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
        features = self._model(bgr[None], training=False)
        return {name: features[name][0] for name in self.layers}


Pool = Callable[[Tensor], Tensor]
"""Reduces feature maps [N, H, W, C] to half the size, [N, H // 2, W // 2, C]."""


def _replacement(pooling: Pooling, *, xla: bool) -> Pool | None:
    """Choose what replaces the network's own max-pooling, if anything."""
    if pooling is Pooling.AVG:
        return _average_pool
    return _max_pool if xla else None


def _average_pool(maps: Tensor) -> Tensor:
    """Mean over squares of two (Gatys et al. 2016, section 2)."""
    return keras.layers.AveragePooling2D(2)(maps)


def _max_pool(maps: Tensor) -> Tensor:
    """Maximum over squares of two, elementwise: XLA has no deterministic gradient of max-pooling."""
    rows = keras.ops.maximum(maps[:, :-1:2], maps[:, 1::2])
    return keras.ops.maximum(rows[:, :, :-1:2], rows[:, :, 1::2])


def _build(weights: Weights, layers: Sequence[str], precision: Precision, pool: Pool | None) -> "keras.Model":
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision.value)
    try:
        kinds = {Network.VGG19: keras.applications.VGG19, Network.VGG16: keras.applications.VGG16}
        network = kinds[weights.network](weights=None, include_top=False, input_shape=(None, None, 3))
        outputs = _outputs(network, pool)
    finally:
        keras.config.set_dtype_policy(before)
    # By name, as Keras unwraps a list of one.
    model = keras.Model(network.input, {name: outputs[name] for name in layers})
    model.trainable = False
    for layer in model.layers:
        if layer.name in weights.layers:
            layer.set_weights(weights.layers[layer.name])
    return model


def _outputs(network: "keras.Model", pool: Pool | None) -> dict[str, Tensor]:
    """Output of each layer, its pooling replaced if asked for."""
    if pool is None:
        return {layer.name: layer.output for layer in network.layers}
    tensor, outputs = network.input, {}
    for layer in network.layers[1:]:
        is_pooling = isinstance(layer, keras.layers.MaxPooling2D)
        tensor = outputs[layer.name] = pool(tensor) if is_pooling else layer(tensor)
    return outputs
