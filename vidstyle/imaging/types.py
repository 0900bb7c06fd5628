"""Array types: RGB float32 in [0, 1], as everything between the decoders and the encoders has it."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
"""An image [H, W, 3], RGB in [0, 1], or a plane of one [H, W]."""
Mask = NDArray[np.float32]
"""Weights of pixels, [H, W] in [0, 1]."""
FrameSource = Callable[[int], AbstractContextManager[Iterable[Image]]]
"""Opens a film at a frame's index and gives its frames from there on, [H, W, 3]."""
