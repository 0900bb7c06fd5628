"""Textured films with a known motion, written without any loss."""

import numpy as np

from vidstyle.options.groups import Options, SourceOptions
from vidstyle.options.values import Cuts, Size, Time

HEIGHT, WIDTH, FRAMES = 64, 96, 14


def smooth_noise(seed, width=WIDTH, sigma=2):
    """A picture [64, width, 3] with texture at the size of a few pixels, levels 60 to 200."""
    import cv2

    noise = np.random.default_rng(seed).standard_normal((HEIGHT, width, 3))
    blurred = cv2.GaussianBlur(noise, (0, 0), sigma)
    scaled = (blurred - blurred.min()) / (blurred.max() - blurred.min())
    return (60 + 140 * scaled).astype(np.float32)


STILL = np.stack([smooth_noise(1)] * FRAMES)
WIDE = smooth_noise(2, WIDTH + 2 * FRAMES)
PAN = np.stack([WIDE[:, 2 * index : 2 * index + WIDTH] for index in range(FRAMES)])
CUT = np.concatenate([STILL[:6], np.stack([smooth_noise(3)] * (FRAMES - 6))])


def asked(start=None, end=None, cuts="off"):
    start, end = (text and Time.parse(text) for text in (start, end))
    return Options(source=SourceOptions(Size(), start, end, Cuts.parse(cuts)))


def words_of(*paths):
    return ["measure", *map(str, paths), "--cuts", "off"]
