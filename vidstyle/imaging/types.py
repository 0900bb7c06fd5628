"""Array types, shared by everything between the decoders and the encoders."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
"""Image [H, W, 3], RGB in [0, 1]; or one plane of an image, [H, W]."""
GreyImage = NDArray[np.uint8]
"""Luma of an image, [H, W] in 0 to 255, as OpenCV's analysis takes it."""
Mask = NDArray[np.float32]
"""Weights of pixels, [H, W] in [0, 1]."""
BinaryMask = NDArray[np.bool_]
"""Selection of pixels, [H, W]."""
Flow = NDArray[np.float32]
"""Displacement of each pixel, [H, W, 2], (dx, dy) in pixels."""
FrameSource = Callable[[int], AbstractContextManager[Iterable[Image]]]
"""Opener of a video at a frame's index; the context gives its frames [H, W, 3] from there on."""
