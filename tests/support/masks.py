"""Masks that are drawn."""

from fractions import Fraction

import numpy as np
from PIL import Image

from vidstyle.media.geometry import FrameSize

FRAME = FrameSize(48, 32, Fraction(1))


def save(path, plane):
    """Write a plane [H, W] in [0, 1] as a grey picture."""
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.rint(255 * np.asarray(plane)).astype(np.uint8)).save(path)
    return path


def half(left=1.0, right=0.0):
    plane = np.full((32, 48), float(right))
    plane[:, :24] = left
    return plane
