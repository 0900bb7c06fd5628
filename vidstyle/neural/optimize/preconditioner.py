"""The preconditioner of L-BFGS: an image scaled in the Fourier domain, and pixel by pixel where it is held.

A natural image, and so a painting, has most of its energy at low frequencies, where plain descent is slowest. And the
temporal loss makes a pixel that is trusted stiffer than one that was just uncovered: a step that is right for the one is
too long or too short for the other. Nor is the rest alike everywhere: where the network sees much, its losses are steep. That
is learned from the gradient on the way, as by Duchi, Hazan and Singer ("Adaptive Subgradient Methods for Online Learning and
Stochastic Optimization", JMLR 2011), but as the mean over a neighbourhood instead of over the past.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from vidstyle.neural.device.backend import Tensor, depends_on, keras

SPECTRAL_EXPONENT = 0.8
"""2a of the scaling 1 / f^(2a)."""
STIFF = 1e7
"""Weight of a temporal loss that is as stiff as the rest of the objective. The default weight is then eight times as stiff;
three times as stiff, carried frames come to losses higher by 1% and warping errors by 1 to 4%."""
STEEP_EXPONENT = 1.0
"""2b of the scaling 1 / |g|^(2b), which saves one iteration in twenty to ten; the fewer, the earlier the descent ends."""
NEIGHBOURHOOD_PX = 5
"""Side of the square whose mean, taken three times, smooths |g|^2."""
FAINT = 1e-3
"""Share of the mean |g|^2 below which a neighbourhood counts as no fainter."""
UNEVEN = 5.0
"""A pixel's scaling is at most so many times, and at least one so many-th of, the mean."""
PAIRED = ((0, 1), (2,))
"""Channels that are transformed together, as real and imaginary part: P is real and symmetric, and does not mix the two."""


class Preconditioner(NamedTuple):
    """P = D F^-1 S F D, symmetric and positive definite."""

    spectrum: Tensor
    """S, the scaling of each frequency, [H, W]."""
    freedom: Tensor
    """D, how far each pixel may go, [H, W]: from `freedom` in (0, 1], and from `evened` up to UNEVEN times that."""


def spectral_scaling(height: int, width: int) -> Any:
    """S, [H, W] float32: 1 / f^(2a), with mean 1. The lowest frequency stands in for zero."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    scaling = np.maximum(frequency, 1 / max(height, width)) ** -SPECTRAL_EXPONENT
    return (scaling / scaling.mean()).astype(np.float32)


def freedom(trust: Any, temporal_weight: float) -> Any:
    """D, [H, W] float32: the square root of the inverse curvature 1 + w m, for a trust m [H, W] and its weight."""
    return (1 / np.sqrt(1 + temporal_weight / STIFF * trust)).astype(np.float32)


def evened(preconditioner: Preconditioner, gradient: Tensor) -> Preconditioner:
    """Give way where a gradient [H, W, 3] is small all around, and less where it is large: D times 1 / |g|^b, with mean 1."""
    ops = keras.ops
    squares = ops.sum(ops.square(gradient), axis=-1)
    mean = ops.mean(squares)
    for _ in range(3):
        squares = ops.average_pool(squares[None, ..., None], NEIGHBOURHOOD_PX, strides=1, padding="same")[
            0, ..., 0
        ]
    # Before the first evaluation there is no gradient.
    scaling = ops.maximum(squares / ops.maximum(mean, 1e-30), FAINT) ** (-STEEP_EXPONENT / 4)
    scaling = ops.clip(scaling / ops.mean(scaling), 1 / UNEVEN, UNEVEN)
    return preconditioner._replace(freedom=preconditioner.freedom * scaling)


def precondition(image: Tensor, preconditioner: Preconditioner) -> Tensor:
    """P applied to an image-like tensor [H, W, 3]."""
    spectrum, free = preconditioner
    scaled: list[Tensor] = []
    for channels in PAIRED:
        real, imaginary = _transform(image, channels, free, scaled[-1] if scaled else image)
        planes = keras.ops.ifft2((real * spectrum, imaginary * spectrum))
        scaled += [free * plane for plane, _ in zip(planes, channels, strict=False)]
    return keras.ops.stack(scaled, axis=-1)


def squared_length(image: Tensor, preconditioner: Preconditioner) -> Tensor:
    """x.P x of an image-like tensor x [H, W, 3]: by Parseval's theorem, that takes no transform back."""
    spectrum, free = preconditioner
    total = keras.ops.zeros((), image.dtype)
    for channels in PAIRED:
        real, imaginary = _transform(image, channels, free, total)
        total = total + keras.ops.sum(spectrum * (keras.ops.square(real) + keras.ops.square(imaginary)))
    return total / math.prod(free.shape)


def _transform(
    image: Tensor, channels: tuple[int, ...], free: Tensor, before: Tensor
) -> tuple[Tensor, Tensor]:
    """Transform some channels of an image, each pixel scaled, no sooner than something else: of a large one there is room for two."""

    def planes() -> tuple[Tensor, Tensor]:
        first, *second = (free * image[..., channel] for channel in channels)
        return first, second[0] if second else keras.ops.zeros_like(first)

    return keras.ops.fft2(depends_on(before, planes))  # type: ignore[no-any-return]
