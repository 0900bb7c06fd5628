"""VGG-19 as an extractor of features, cut at the deepest layer asked for.

Simonyan and Zisserman, arXiv:1409.1556, as `keras.applications` builds it. A layer's features are its activations
after the ReLU; its name is Keras' (`block4_conv2` is relu4_2 in the papers).
"""

from collections.abc import Callable, Sequence

from vidstyle.errors import PainterError
from vidstyle.neural.device.backend import Tensor, keras
from vidstyle.neural.vgg.weights import Weights
from vidstyle.options.groups import Precision
from vidstyle.options.layers import Network, layers_of, stride_of
from vidstyle.options.objective import Pooling

BGR_MEAN = (103.939, 116.779, 123.68)
"""Mean of ImageNet in the units and the order that the network was trained in: BGR, 0 to 255."""


class Encoder:
    """Feature maps of images.

    Parameters
    ----------
    weights
        Weights of the network.
    layers
        Names of the layers wanted, such as "block1_conv1".
    precision
        Arithmetic of the convolutions, and of the feature maps handed out; the image is float32 in either case.
    pooling
        How a picture is halved between blocks.
    xla
        Whether it is compiled by XLA.

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
        # Each block but the first begins by halving the picture.
        self.smallest_side_px = stride_of(self.layers[-1])
        self.channels = {layer: weights.layers[layer][0].shape[-1] for layer in self.layers}
        self._model = _build(weights, self.layers, precision, _halving(pooling, xla=xla))

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """Feature maps {layer: [H', W', C]} of an image [H, W, 3], RGB in [0, 1].

        Raises
        ------
        PainterError
            The image is so small that nothing is left of it at the deepest layer.

        """
        height, width, _ = image.shape
        if min(height, width) < self.smallest_side_px:
            raise PainterError(
                f"A picture of {width} x {height} pixels is too small to paint with; "
                f"give at least {self.smallest_side_px} pixels on each side."
            )
        bgr = keras.ops.flip(image, axis=-1) * 255.0 - keras.ops.convert_to_tensor(BGR_MEAN, "float32")
        features = self._model(bgr[None], training=False)
        return {name: features[name][0] for name in self.layers}


Halving = Callable[[Tensor], Tensor]
"""Makes of feature maps [N, H, W, C] those of half the size, [N, H // 2, W // 2, C]."""


def _halving(pooling: Pooling, *, xla: bool) -> Halving | None:
    """How a picture is halved where it is not as the network was trained."""
    if pooling is Pooling.AVG:
        return _mean
    return _largest if xla else None


def _mean(maps: Tensor) -> Tensor:
    """Mean over squares of two (Gatys et al. 2016, section 2)."""
    return keras.layers.AveragePooling2D(2)(maps)


def _largest(maps: Tensor) -> Tensor:
    """Maximum over squares of two, as pooling gives it; XLA has no gradient of that which is the same each time."""
    rows = keras.ops.maximum(maps[:, :-1:2], maps[:, 1::2])
    return keras.ops.maximum(rows[:, :, :-1:2], rows[:, :, 1::2])


def _build(
    weights: Weights, layers: Sequence[str], precision: Precision, halve: Halving | None
) -> "keras.Model":
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision.value)
    try:
        kinds = {Network.VGG19: keras.applications.VGG19, Network.VGG16: keras.applications.VGG16}
        network = kinds[weights.network](weights=None, include_top=False, input_shape=(None, None, 3))
        outputs = _outputs(network, halve)
    finally:
        keras.config.set_dtype_policy(before)
    # By name, as Keras makes of a list of one no list.
    model = keras.Model(network.input, {name: outputs[name] for name in layers})
    model.trainable = False
    for layer in model.layers:
        if layer.name in weights.layers:
            layer.set_weights(weights.layers[layer.name])
    return model


def _outputs(network: "keras.Model", halve: Halving | None) -> dict[str, Tensor]:
    """Output of each layer, with something else in the place of its pooling where asked for."""
    if halve is None:
        return {layer.name: layer.output for layer in network.layers}
    tensor, outputs = network.input, {}
    for layer in network.layers[1:]:
        pools = isinstance(layer, keras.layers.MaxPooling2D)
        tensor = outputs[layer.name] = halve(tensor) if pools else layer(tensor)
    return outputs
