"""Preconditioner of L-BFGS: the scale of an image's frequencies, and of its pixels.

A natural image, and so a painting, has most of its energy at low frequencies, where plain descent is slowest.
And the temporal loss makes a trusted pixel stiffer than a newly revealed one: a step that is right for the
one is too long or too short for the other. The rest is not alike everywhere either: where many features are
active, the loss is steep. That is learned from the gradient on the way, as by Duchi, Hazan and Singer
("Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", JMLR 2011), but as the mean
over a neighbourhood instead of over the past.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from vidstyle.neural.device.backend import LAYOUT, Tensor, depends_on, keras

SPECTRAL_EXPONENT = 0.8
"""2a of the scaling 1 / f^(2a)."""
REST_STIFFNESS = 1e7
"""Weight of a temporal loss that is as stiff as the rest of the objective. The default weight is then eight
times as stiff; at three times, warm-started frames come to losses higher by 1% and warping errors by 1 to
4%."""
GRADIENT_EXPONENT = 1.0
"""2b of the scaling 1 / |g|^(2b), which saves one iteration in twenty to ten; the fewer, the earlier the
descent ends."""
NEIGHBORHOOD_PX = 5
"""Side of the square whose mean, taken three times, smooths |g|^2."""
MIN_GRADIENT_SHARE = 1e-3
"""Share of the mean |g|^2 that every neighbourhood is taken to have at least."""
MAX_SCALE_RATIO = 5.0
"""Scaling by the gradient is clipped to between 1 / MAX_SCALE_RATIO and MAX_SCALE_RATIO times its mean."""
CHANNEL_PAIRS = ((0, 1), (2,))
"""Channels that are transformed together, as real and imaginary part: P is real and symmetric, and does not
mix the two."""


class Preconditioner(NamedTuple):
    """P = D F^-1 S F D, symmetric and positive definite."""

    spectrum: Tensor
    """S, the scale of each frequency, [H, W]."""
    diagonal: Tensor
    """D, the scale of each pixel, [H, W]: in (0, 1] from `diagonal_scale`; times `scale_by_gradient` up to
    MAX_SCALE_RATIO of that."""


def spectral_scaling(height: int, width: int) -> Any:
    """S, [H, W] float32: 1 / f^(2a), with mean 1. The lowest frequency stands in for zero."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    scaling = np.maximum(frequency, 1 / max(height, width)) ** -SPECTRAL_EXPONENT
    return (scaling / scaling.mean()).astype(np.float32)


def diagonal_scale(trust: Any, temporal_weight: float) -> Any:
    """D, [H, W] float32: the square root of the inverse curvature 1 + w m, for a trust m and its weight w."""
    return (1 / np.sqrt(1 + temporal_weight / REST_STIFFNESS * trust)).astype(np.float32)


def scale_by_gradient(preconditioner: Preconditioner, gradient: Tensor) -> Preconditioner:
    """Multiply D by 1 / |g|^b, scaled to mean 1, for the smoothed norm |g| of a gradient [H, W, 3]."""
    ops = keras.ops
    squares = ops.sum(ops.square(gradient), axis=-1)
    mean = ops.mean(squares)
    for _ in range(3):
        plane = squares[None, ..., None]
        plane = ops.average_pool(plane, NEIGHBORHOOD_PX, strides=1, padding="same", data_format=LAYOUT)
        squares = plane[0, ..., 0]
    # Before the first evaluation the gradient is zero.
    scaling = ops.maximum(squares / ops.maximum(mean, 1e-30), MIN_GRADIENT_SHARE) ** (-GRADIENT_EXPONENT / 4)
    scaling = ops.clip(scaling / ops.mean(scaling), 1 / MAX_SCALE_RATIO, MAX_SCALE_RATIO)
    return preconditioner._replace(diagonal=preconditioner.diagonal * scaling)


def precondition(image: Tensor, preconditioner: Preconditioner) -> Tensor:
    """P applied to an image-like tensor [H, W, 3]."""
    spectrum, diagonal = preconditioner
    scaled: list[Tensor] = []
    for channels in CHANNEL_PAIRS:
        real, imaginary = _transform(image, channels, diagonal, scaled[-1] if scaled else image)
        planes = keras.ops.ifft2((real * spectrum, imaginary * spectrum))
        scaled += [diagonal * plane for plane, _ in zip(planes, channels, strict=False)]
    return keras.ops.stack(scaled, axis=-1)


def squared_length(image: Tensor, preconditioner: Preconditioner) -> Tensor:
    """x.P x of an image-like tensor x [H, W, 3]: by Parseval's theorem, without a transform back."""
    spectrum, diagonal = preconditioner
    total = keras.ops.zeros((), image.dtype)
    for channels in CHANNEL_PAIRS:
        real, imaginary = _transform(image, channels, diagonal, total)
        total = total + keras.ops.sum(spectrum * (keras.ops.square(real) + keras.ops.square(imaginary)))
    return total / math.prod(diagonal.shape)


def _transform(
    image: Tensor, channels: tuple[int, ...], diagonal: Tensor, before: Tensor
) -> tuple[Tensor, Tensor]:
    """Transform some channels of an image, each pixel scaled.

    It waits for `before`: of a large image there is memory for two transforms.
    """

    def planes() -> tuple[Tensor, Tensor]:
        first, *second = (diagonal * image[..., channel] for channel in channels)
        return first, second[0] if second else keras.ops.zeros_like(first)

    return keras.ops.fft2(depends_on(before, planes))  # type: ignore[no-any-return]
