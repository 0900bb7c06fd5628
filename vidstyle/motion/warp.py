"""Carry a picture along a flow, so exactly that it can be done hundreds of times over.

A long shot's painting is resampled at every frame. A gain of a mere 1.7%, as a Lanczos window over 8 x 8 pixels has at some
frequencies, makes ripples of 29 times their height in 200 frames of a slow pan; a loss of as much leaves nothing, and a
sinc over 12 x 12 pixels, which loses the finest two fifths, takes a quarter of a painting's sharpness in 40 frames. So the
picture is first doubled by a sinc over many pixels, which takes little time where places lie in rows; between the samples of
the double, whose finest half is empty, a short sinc is as exact. Both are in Kaiser windows (Kaiser and Schafer, "On the use
of the I0-sinh window for spectrum analysis", IEEE Trans. ASSP, 1980). Together their gain is within 0.9994 and 1.0004 up to
four fifths of the finest frequency. More would be cut off so sharply that every edge has an echo beside it.
"""

import math
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.types import Image
from vidstyle.motion.sampling import sampled_at

HALF_TAPS, HALF_BETA = 32, 8.0
"""Pixels of a line, and the window's shape, for the value half-way between two pixels."""
TAPS, BETA = 10, 6.5
"""Samples of the double, along and across, and the window's shape, for the value at a place."""
PHASES = 2048
"""Steps of half a pixel that the kernel is tabulated at: what moves by less than half a step a frame stands still."""
SHARPENED = 0.02
"""Multiple of the Laplacian that a picture is sharpened by at most: what grows by a twentieth from frame to frame takes that."""
_BEFORE = TAPS // 2 - 1
_MARGIN_PX = TAPS // 4 + 1
"""Pixels around the picture that the kernel may reach into."""
_AT_ONCE = 4096
"""Places whose values are computed together: what they need stays in the processor's cache."""


def _windowed(distance: NDArray[np.floating[Any]], taps: int, beta: float) -> Image:
    """Weights of samples by how far they lie from a place, [..., taps], whose sum is 1."""
    window = np.i0(beta * np.sqrt(np.clip(1 - (2 * distance / taps) ** 2, 0, 1)))
    weights = np.sinc(distance) * window
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True), np.float32)


@cache
def _kernel() -> Image:
    """Weights of the samples from `_BEFORE` before a place on, by its phase between two of them, [PHASES + 1, TAPS]."""
    phase = np.arange(PHASES + 1)[:, None] / PHASES
    return _windowed(np.arange(TAPS) - _BEFORE - phase, TAPS, BETA)


def warp(image: Image, flow: Image) -> Image:
    """Carry an image [H, W] or [H, W, C] along a flow: result[y, x] = image[y + dy, x + dx].

    Parameters
    ----------
    image
        What is carried; its range is kept, which a sinc overshoots. Beyond the border the border is repeated.
    flow
        (dx, dy) in pixels, [H, W, 2].

    """
    height, width = image.shape[:2]
    doubled = _doubled(image.reshape(height, width, -1))
    places = [
        np.clip(sampled, 0, side - 1) for sampled, side in zip(sampled_at(flow), (width, height), strict=True)
    ]
    (column, right), (row, down) = (_split(place) for place in places)
    result = doubled[row, column]
    moved = np.flatnonzero((right != 0) | (down != 0))
    if moved.size:
        result.reshape(height * width, -1)[moved] = _resampled(
            doubled, *(array.reshape(-1)[moved] for array in (column, row, right, down))
        )
    return np.clip(result, image.min(), image.max()).reshape(image.shape)


def warp_preserving_detail(image: Image, flow: Image, trust: Image, lean: float = 0.0) -> Image:
    """Warp, and make good what sharpness is lost by it, or gained: under a zoom strokes grow softer as they grow.

    What is magnified is sharpened, what is reduced is softened, by a multiple of its Laplacian: by that one with which the
    mean square of the Laplacian, where the flow is trusted, becomes what is there of it when it is carried along itself.

    Parameters
    ----------
    image, flow
        As `warp` takes them; an image of C channels.
    trust
        How far the flow is trusted, [H, W] in [0, 1].
    lean
        From 1, where losses are made good twice and gains are left, to -1, where it is the other way around.

    """

    def trusted(energy: Image) -> float:
        return float((trust[..., None] * energy).sum(dtype="float64"))

    def laplacian(picture: Image) -> Image:
        return np.asarray(cv2.Laplacian(picture, cv2.CV_32F), np.float32)

    warped = warp(image, flow)
    detail = laplacian(warped)
    finer = laplacian(detail)
    # By weights that are not negative, which keep the mean of what is nowhere below zero.
    x, y = sampled_at(flow)
    energy = cv2.remap(laplacian(image) ** 2, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # The energy of x - a d, d the detail of x and f that of d, is now - 2 a cross + a^2 most.
    now, cross, most = trusted(detail**2), trusted(detail * finer), trusted(finer**2)
    before = trusted(np.asarray(energy, np.float32))
    if min(now, before, most) <= 0:
        return warped
    loss = math.log(before / now)
    wanted = now * math.exp(loss * (1 + math.copysign(1, loss) * lean))
    # Past the least that there can be of it, the least.
    root = math.sqrt(max(cross**2 + most * (wanted - now), 0))
    amount = float(np.clip((cross + root) / most, -SHARPENED, SHARPENED))
    return np.asarray(np.clip(warped - np.float32(amount) * detail, image.min(), image.max()))


def _split(place: Image) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sample of the double before each place, in pixels, and the phase of the place behind it."""
    steps = np.rint(place.astype(np.float64) * (2 * PHASES)).astype(np.int64)
    sample, phase = np.divmod(steps, PHASES)
    return sample + 2 * _MARGIN_PX, phase


def _doubled(image: Image) -> Image:
    """Sample an image [H, W, C] at each pixel and half-way behind it, with a margin, [2(H + 6), 2(W + 6), C]."""
    margin = (_MARGIN_PX, _MARGIN_PX)
    doubled = np.pad(image, (margin, margin, (0, 0)), mode="edge")
    weights = _windowed(np.arange(HALF_TAPS) - (HALF_TAPS - 1) / 2, HALF_TAPS, HALF_BETA)
    for axis, anchor in ((1, (HALF_TAPS // 2 - 1, 0)), (0, (0, HALF_TAPS // 2 - 1))):
        kernel = np.expand_dims(weights, 1 - axis)
        between = cv2.filter2D(doubled, cv2.CV_32F, kernel, anchor=anchor, borderType=cv2.BORDER_REPLICATE)
        pairs = np.stack((doubled, between.reshape(doubled.shape)), axis=axis + 1)
        doubled = pairs.reshape([side * (1 + (n == axis)) for n, side in enumerate(doubled.shape)])
    return doubled


def _resampled(
    doubled: Image,
    column: NDArray[np.int64],
    row: NDArray[np.int64],
    right: NDArray[np.int64],
    down: NDArray[np.int64],
) -> Image:
    """Values [N, C] between the samples of a doubled image, at N places given by samples and phases."""
    height, _, channels = doubled.shape
    # Of each place the TAPS samples of a line that begin there, without a copy.
    flat = doubled.reshape(height, -1)
    lines = np.lib.stride_tricks.sliding_window_view(flat, TAPS * channels, axis=1)[:, ::channels]
    values = np.empty((len(row), channels), np.float32)
    for start in range(0, len(row), _AT_ONCE):
        now = slice(start, start + _AT_ONCE)
        along, across = _kernel()[down[now]], _kernel()[right[now]]  # [n, TAPS]
        above, left = row[now] - _BEFORE, column[now] - _BEFORE
        line = sum(along[:, i, None] * lines[above + i, left] for i in range(TAPS))
        values[now] = (np.reshape(line, (-1, TAPS, channels)) * across[..., None]).sum(axis=1)
    return values
