"""Reader of photos: upright, in the colours that are painted in, from any format and depth."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from vidstyle.imaging.resize import resize
from vidstyle.media.geometry import FrameSize
from vidstyle.media.isolation import isolated
from vidstyle.media.photo.icc import (
    SRGB,
    are_equivalent,
    converted,
    converted_by_tables,
    is_wide_gamut,
    read_shaper,
)
from vidstyle.media.photo.open import (
    bit_depth,
    decode_errors,
    full_size_bytes,
    open_image,
    orientation,
)
from vidstyle.media.photo.raw import DevelopedPhoto

Pixels = NDArray[np.float32]
_BAND_PIXELS = 1 << 20
"""Pixels whose colours are converted at a time, which takes several times their memory."""
_LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


@dataclass(frozen=True)
class Rendering:
    """Colour profile and transparency that a photo is painted with."""

    profile: bytes = SRGB
    """ICC profile of the painting: sRGB, or the photo's own where its gamut is wider."""
    alpha: bool = False
    """Whether transparency is kept; otherwise transparent pixels show the background."""
    background: tuple[int, int, int] = (255, 255, 255)
    """sRGB."""


class _Stored(NamedTuple):
    """Levels of an image as they are stored, upright."""

    color: NDArray[np.generic]
    """[H, W, 1] of grey or [H, W, 3] of RGB."""
    alpha: NDArray[np.generic] | None
    """[H, W]"""
    white: float
    """Level that means 1."""
    profile: bytes
    """ICC profile of the levels."""


def choose_rendering(
    path: Path, *, profile: bool, alpha: bool, background: tuple[int, int, int] = (255, 255, 255)
) -> Rendering:
    """Choose the rendering for a format that stores a `profile`, or `alpha` instead of a `background`.

    Raises
    ------
    ProbeError
        It is not an image, or too large to decode safely.
    """
    with open_image(path) as image, decode_errors(path):
        own = image.info.get("icc_profile") or SRGB
        wide = profile and image.mode in {"RGB", "RGBA", "RGBX", "P"} and is_wide_gamut(own)
        kept = alpha and image.has_transparency_data
        return Rendering(own if wide else SRGB, kept, background)


def read_photo(path: Path, frame: FrameSize | None = None, rendering: Rendering | None = None) -> Pixels:
    """Read an image.

    EXIF orientation is applied, and the levels are converted from the image's ICC profile to the rendering's.

    Parameters
    ----------
    path
        The file.
    frame
        Size to resize it to; None keeps its own.
    rendering
        ICC profile to convert it to, sRGB by default, and whether transparent pixels keep their colour or
        show the background.

    Returns
    -------
    array [H, W, 3]
        RGB in [0, 1], in the rendering's profile.

    Raises
    ------
    ProbeError
        It is not an image, or too large to decode safely.
    DecodeError
        It is damaged or cut short.
    """
    rendering = rendering or Rendering()
    stored = _converted(_stored(path, rendering.profile), rendering.profile)
    alpha = None if stored.alpha is None else _resized(stored.alpha, stored.white, frame)
    planes = [_plane(stored, channel, alpha, frame) for channel in range(stored.color.shape[2])]
    color = np.stack(planes if len(planes) == 3 else planes * 3, axis=-1)
    if alpha is not None and not rendering.alpha:
        srgb = np.asarray(rendering.background, np.float32) / np.float32(255)
        background = converted(srgb, SRGB, rendering.profile)
        color = color * alpha[..., None] + background * (1 - alpha[..., None])
    return np.ascontiguousarray(color, np.float32)


@isolated
def read_photo_isolated(path: Path, frame: FrameSize, rendering: Rendering) -> Pixels:
    """Read an image, as `read_photo`, in a child process: a crash is its error."""
    return read_photo(path, frame, rendering)


def read_alpha(path: Path, frame: FrameSize | None = None) -> Pixels | None:
    """Read the alpha channel of an image, [H, W] in [0, 1]; None where it has none.

    Raises
    ------
    ProbeError, DecodeError
        As `read_photo`.
    """
    stored = _stored(path, SRGB)
    return None if stored.alpha is None else _resized(stored.alpha, stored.white, frame)


def _converted(stored: _Stored, profile: bytes) -> _Stored:
    """Convert levels to a profile before they are averaged, as those of all photos are averaged there."""
    if are_equivalent(stored.profile, profile):
        return stored
    height, width = stored.color.shape[:2]
    color = np.empty((height, width, 3), np.float32)
    rows = max(1, _BAND_PIXELS // width)
    for top in range(0, height, rows):
        levels = stored.color[top : top + rows].astype(np.float32) / np.float32(stored.white)
        color[top : top + rows] = converted(levels, stored.profile, profile) * np.float32(stored.white)
    return stored._replace(color=color, profile=profile)


def _resized(plane: NDArray[np.generic], white: float, frame: FrameSize | None) -> Pixels:
    levels = plane.astype(np.float32) / np.float32(white)
    return resize(levels, frame.width, frame.height) if frame else levels


def _plane(stored: _Stored, channel: int, alpha: Pixels | None, frame: FrameSize | None) -> Pixels:
    """Resize one channel; the colour of transparent pixels does not bleed into visible neighbours."""
    plane = stored.color[..., channel]
    plain = _resized(plane, stored.white, frame)
    if alpha is None or stored.alpha is None or plain.shape == plane.shape:
        return plain
    weighted = plane.astype(np.float32) * (stored.alpha.astype(np.float32) / np.float32(stored.white))
    mean = np.divide(_resized(weighted, stored.white, frame), alpha, out=plain.copy(), where=alpha > 0)
    return np.clip(mean, 0, 1)


def _stored(path: Path, target: bytes) -> _Stored:
    with open_image(path) as image, decode_errors(path):
        if isinstance(image, DevelopedPhoto):
            return _Stored(image.develop(), None, 65535.0, SRGB)
        depth = bit_depth(image)  # Pillow forgets it when it decodes.
        image.load()
        profile = image.info.get("icc_profile") or SRGB
        color, alpha, white, profile = _read_16bit(image, path, depth, profile) or _read_8bit(
            image, profile, target
        )
        turn = orientation(image)
    return _Stored(_turned(color, turn), None if alpha is None else _turned(alpha, turn), white, profile)


def _read_16bit(image: Image.Image, path: Path, depth: int, profile: bytes) -> _Stored | None:
    """Read levels of more than 8 bits; None where there are 8, or a profile of tables takes 8."""
    if image.mode.startswith("I") or image.mode == "F":
        # One channel of 16 bits (Pillow holds it in 32 as well), or of floating point.
        white = 1.0 if image.mode == "F" else 65535.0
        grey = np.clip(np.nan_to_num(np.asarray(image, np.float32)), 0, white)
        transparent = image.info.get("transparency")  # The one transparent level of a PNG.
        alpha = np.where(grey == transparent, 0, white) if isinstance(transparent, int) else None
        return _Stored(grey[..., None], alpha, white, _matching(profile, 1))
    if depth < 16 or image.mode not in {"RGB", "RGBA", "RGBX", "LA"} or read_shaper(profile) is None:
        return None
    # By OpenCV, since Pillow and so imageio reduce colours to 8 bits.
    found = cv2.imdecode(
        np.frombuffer(full_size_bytes(path) or path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED
    )
    if found is None or found.dtype != np.uint16 or found.ndim != 3 or found.shape[1::-1] != image.size:
        return None  # A layout that OpenCV does not support: Pillow's 8 bits are better than nothing.
    alpha = found[..., 3] if found.shape[2] == 4 and image.has_transparency_data else None
    return _Stored(found[..., 2::-1], alpha, 65535.0, _matching(profile, 3))


def _read_8bit(image: Image.Image, profile: bytes, target: bytes) -> _Stored:
    """Read levels of 8 bits."""
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = np.asarray(image.getchannel("A"))
        image = image.convert("RGB")
    elif image.mode not in {"L", "RGB", "CMYK", "LAB"}:
        image = image.convert("RGB")
    if image.mode == "LAB":
        profile = _LAB
    shaper = read_shaper(profile)
    if shaper is None or image.mode in {"CMYK", "LAB"}:
        image = converted_by_tables(image, profile, target) or image.convert("RGB")
        profile = target
    color = np.asarray(image)
    color = color[..., None] if color.ndim == 2 else color
    return _Stored(color, alpha, 255.0, _matching(profile, color.shape[2]))


def _matching(profile: bytes, channels: int) -> bytes:
    """Give the profile where it has this number of channels, and sRGB otherwise."""
    shaper = read_shaper(profile)
    return profile if shaper is not None and len(shaper.curves) == channels else SRGB


def _turned(stored: NDArray[np.generic], turn: int) -> NDArray[np.generic]:
    """Turn [H, W, ...] upright, by EXIF's orientation."""
    if turn in {5, 6, 7, 8}:
        stored = stored.swapaxes(0, 1)
    if turn in {2, 3, 6, 7}:
        stored = stored[:, ::-1]
    return stored[::-1] if turn in {3, 4, 7, 8} else stored
