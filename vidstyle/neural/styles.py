"""Style targets: the Gram matrices of the style pictures.

Gatys, Ecker and Bethge, CVPR 2016, section 2.2.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.neural.backend import Tensor, keras

Image = NDArray[np.float32]
StyleTargets = tuple[Tensor, ...]
"""Gram matrices [styles, C, C], one a style layer."""


def style_targets(grams_of: Callable[[Tensor], Sequence[Any]], images: Sequence[Image]) -> StyleTargets:
    """Targets [styles, C, C], one a style layer.

    Parameters
    ----------
    grams_of
        Gives the Gram matrices [C, C] of an image, one a style layer.
    images
        Style pictures [H, W, 3], RGB in [0, 1]; sizes may differ.

    """
    grams = [grams_of(keras.ops.convert_to_tensor(image, "float32")) for image in images]
    return tuple(keras.ops.stack(layer) for layer in zip(*grams, strict=True))
