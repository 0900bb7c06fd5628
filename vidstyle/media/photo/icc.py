"""ICC profiles of images, and conversion between them (ICC.1:2022, 8.3 and 10.6).

Profiles of a matrix and three curves, which all cameras and phones write, are evaluated here in floating
point, so that 16 bits stay 16; those made of tables (CMYK, scanners) go through LittleCMS in 8 bits.
"""

import io
import struct
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

Levels = NDArray[np.float32]

_DATED = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SRGB = _DATED[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + _DATED[36:]
"""The profile of sRGB, with a fixed date: with LittleCMS's, today's, the bytes of results would change."""
_STEPS = 65536
"""Samples of a curve: the levels of 16 bits, which include those of 8."""
_INVERSE_STEPS = 1 << 18
"""Samples of an inverse curve, by the square root of light, which is about as even as levels are."""
_HEADER = 128


@dataclass(frozen=True)
class Shaper:
    """Matrix-shaper profile: a curve per channel, and a matrix."""

    to_xyz: NDArray[np.float64]
    """Linear light, [3] red, green, blue, to XYZ under D50, [3]; of grey, [1] to [3]."""
    curves: tuple[NDArray[np.float64], ...]
    """Linear light of evenly spaced levels from 0 to 1, one curve per channel."""

    def linear(self, levels: Levels) -> Levels:
        """Convert levels [..., C] in [0, 1] to linear light [..., C]."""
        places = np.rint(levels * np.float32(_STEPS - 1)).astype(np.int32)
        light = [curve[places[..., c]] for c, curve in enumerate(self.curves)]
        return np.stack(light, axis=-1).astype(np.float32)

    def levels(self, light: Levels) -> Levels:
        """Convert linear light, clipped to [0, 1], to levels [..., C]."""
        places = np.rint(np.sqrt(np.clip(light, 0, 1)) * np.float32(_INVERSE_STEPS - 1)).astype(np.int32)
        return np.stack([table[places[..., c]] for c, table in enumerate(self._inverse)], axis=-1)

    @cached_property
    def _inverse(self) -> tuple[Levels, ...]:
        """Levels of light at even steps of its square root."""
        levels, light = np.linspace(0, 1, _STEPS), np.linspace(0, 1, _INVERSE_STEPS) ** 2
        return tuple(np.interp(light, curve, levels).astype(np.float32) for curve in self.curves)


@lru_cache(maxsize=16)
def read_shaper(profile: bytes) -> Shaper | None:
    """Read a matrix-shaper profile; None where it is damaged or made of tables."""
    try:
        count = struct.unpack_from(">I", profile, _HEADER)[0]
        entries = [struct.unpack_from(">4sII", profile, _HEADER + 4 + 12 * i) for i in range(min(count, 100))]
        tags = {name: profile[start : start + size] for name, start, size in entries}
        if b"A2B0" in tags or profile[20:24] != b"XYZ ":
            return None
        if profile[16:20] == b"GRAY":
            # Grey: the curve's lightness, in the colour of the white point.
            return Shaper(np.array([[0.9642], [1.0], [0.8249]]), (_curve(tags[b"kTRC"]),))
        if profile[16:20] != b"RGB ":
            return None
        columns = [_fixed(tags[name], 8, 3) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        to_xyz = np.stack(columns, axis=1)  # [3 of XYZ, 3 of RGB]
        np.linalg.inv(to_xyz)  # Raises where the three primaries are not independent.
        return Shaper(to_xyz, tuple(_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")))
    except (KeyError, ValueError, IndexError, struct.error, np.linalg.LinAlgError):
        return None


def is_wide_gamut(profile: bytes) -> bool:
    """Tell whether to paint in a profile: its gamut exceeds sRGB's, and its levels are as even to the eye."""
    shaper = read_shaper(profile)
    if shaper is None or len(shaper.curves) == 1:
        return False
    # The primaries in sRGB's linear light: negative where sRGB cannot represent them.
    pure = np.linalg.inv(_srgb().to_xyz) @ shaper.to_xyz
    even = all(0.13 < curve[_STEPS // 2] < 0.33 for curve in shaper.curves)
    return even and bool(pure.min() < -0.01)


def is_srgb(profile: bytes) -> bool:
    """Tell whether a profile is sRGB under any name, to half a level of 255."""
    shaper = read_shaper(profile)
    if shaper is None or len(shaper.curves) == 1:
        return False
    srgb = _srgb()
    differences = [np.abs(one - other).max() for one, other in zip(shaper.curves, srgb.curves, strict=True)]
    return max(differences) < 1e-3 and bool(np.abs(shaper.to_xyz - srgb.to_xyz).max() < 2e-3)


def are_equivalent(profile: bytes, other: bytes) -> bool:
    """Tell whether levels of one profile can be taken as those of another."""
    return profile == other or (is_srgb(profile) and is_srgb(other))


def converted(levels: Levels, profile: bytes, target: bytes) -> Levels:
    """Convert levels [..., 3], or [..., 1] of grey, to another profile, [..., 3]; both are matrix-shapers.

    Relative colorimetric, as all such profiles are; colours out of the target's gamut are clipped.
    """
    if are_equivalent(profile, target):
        return levels
    source, sink = read_shaper(profile), read_shaper(target)
    if source is None or sink is None:
        raise ValueError("a profile of tables")
    matrix = np.linalg.inv(sink.to_xyz) @ source.to_xyz  # [3, C]
    # Grey passes through all three curves of a colour.
    levels = np.broadcast_to(levels, (*levels.shape[:-1], len(source.curves)))
    return sink.levels(source.linear(levels) @ matrix.T.astype(np.float32))


def converted_by_tables(image: Image.Image, profile: bytes, target: bytes) -> Image.Image | None:
    """Convert an image from any profile to a target's RGB, in 8 bits; None where its mode does not match."""
    try:
        source, sink = (ImageCms.ImageCmsProfile(io.BytesIO(data)) for data in (profile, target))
        return ImageCms.profileToProfile(image, source, sink, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


@lru_cache(maxsize=1)
def _srgb() -> Shaper:
    shaper = read_shaper(SRGB)
    if shaper is None:
        raise ValueError("LittleCMS' sRGB is not a shaper profile")
    return shaper


def _fixed(data: bytes, start: int, count: int) -> NDArray[np.float64]:
    """Read fixed-point numbers of 16.16 bits."""
    return np.array(struct.unpack_from(f">{count}i", data, start), np.float64) / 65536


def _curve(data: bytes) -> NDArray[np.float64]:
    """Sample a tone curve evenly."""
    x = np.linspace(0, 1, _STEPS)
    if data[:4] == b"curv":
        count = struct.unpack_from(">I", data, 8)[0]
        if count == 0:
            return x
        table = np.frombuffer(data, ">u2", count, 12).astype(np.float64)
        if count == 1:
            return np.asarray(x ** (table[0] / 256))
        y = np.interp(x, np.linspace(0, 1, count), table / 65535)
    elif data[:4] == b"para":
        kind = struct.unpack_from(">H", data, 8)[0]
        g, a, b, c, d, e, f = (*_fixed(data, 12, (1, 3, 4, 5, 7)[kind]), *[0.0] * 7)[:7]
        if kind == 0:
            a = 1.0
        if kind in {0, 1, 2}:  # Constant below the point where the power begins: 0, or c.
            d, e, f, c = (-b / a if a else 0.0), c, c, 0.0
        y = np.where(x >= d, np.maximum(a * x + b, 0) ** g + e, c * x + f)
    else:
        raise ValueError("no tone curve")
    # Only a curve that does not fall can be inverted.
    return np.asarray(np.maximum.accumulate(np.clip(y, 0, 1)))
