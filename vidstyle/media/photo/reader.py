"""One picture in: upright, in the colours to paint in, whatever the file holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from vidstyle.imaging.resize import resize
from vidstyle.media.photo.icc import (
    SRGB,
    are_equivalent,
    converted,
    converted_by_tables,
    is_wide_gamut,
    shaper_of,
)
from vidstyle.media.photo.open import bit_depth, open_image, orientation, whole
from vidstyle.media.video.probe import FrameSize

Pixels = NDArray[np.float32]
_BAND_PIXELS = 1 << 20
"""Colours are converted so many pixels at a time, for that takes several times their room."""
_LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


@dataclass(frozen=True)
class Rendering:
    """How a photo is painted, and what of its own the result can hold."""

    profile: bytes = SRGB
    """Profile of the painting's numbers: sRGB, or the photo's own where that is wider."""
    alpha: bool = False
    """Whether transparency is kept; else what is transparent shows the background."""
    background: tuple[int, int, int] = (255, 255, 255)
    """sRGB."""
    pages: int = 1
    """How many pictures the file holds, of which the first is painted."""


class _Stored(NamedTuple):
    """A picture's numbers as they are stored, upright."""

    color: NDArray[np.generic]
    """[H, W, 1] of grey or [H, W, 3] of RGB."""
    alpha: NDArray[np.generic] | None
    """[H, W]"""
    most: float
    """The number that means 1."""
    profile: bytes
    """What the numbers mean."""


def rendering_of(
    path: Path, *, profile: bool, alpha: bool, background: tuple[int, int, int] = (255, 255, 255)
) -> Rendering:
    """How a photo is painted for a file that can hold a `profile`, or `alpha`; else it lies on a `background`.

    Raises
    ------
    ProbeError
        It is no picture, or one too large to decode safely.
    """
    with open_image(path) as image, whole(path):
        own = image.info.get("icc_profile") or SRGB
        wide = profile and image.mode in {"RGB", "RGBA", "RGBX", "P"} and is_wide_gamut(own)
        # What else a JPEG or HEIC holds are views of the same picture.
        pages = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
        kept = alpha and image.has_transparency_data
        return Rendering(own if wide else SRGB, kept, background, pages)


def read_photo(path: Path, frame: FrameSize | None = None, rendering: Rendering | None = None) -> Pixels:
    """Read a picture.

    EXIF orientation is applied, and the numbers are brought from the picture's colour profile into the rendering's.

    Parameters
    ----------
    path
        The file.
    frame
        Size to bring it to; None keeps its own.
    rendering
        Colours to bring it to, sRGB by default, and whether what is transparent keeps its colour or shows the background.

    Returns
    -------
    array [H, W, 3]
        RGB in [0, 1], in the rendering's profile.

    Raises
    ------
    ProbeError
        It is no picture, or one too large to decode safely.
    DecodeError
        It is damaged or cut short.
    """
    rendering = rendering or Rendering()
    stored = _converted(_stored(path, rendering.profile), rendering.profile)
    alpha = None if stored.alpha is None else _sized(stored.alpha, stored.most, frame)
    planes = [_plane(stored, channel, alpha, frame) for channel in range(stored.color.shape[2])]
    color = np.stack(planes if len(planes) == 3 else planes * 3, axis=-1)
    if alpha is not None and not rendering.alpha:
        below = converted(
            np.asarray(rendering.background, np.float32) / np.float32(255), SRGB, rendering.profile
        )
        color = color * alpha[..., None] + below * (1 - alpha[..., None])
    return np.ascontiguousarray(color, np.float32)


def read_alpha(path: Path, frame: FrameSize | None = None) -> Pixels | None:
    """Read how opaque a picture is, [H, W] in [0, 1]; None where it is all opaque by its kind.

    Raises
    ------
    ProbeError, DecodeError
        As `read_photo`.
    """
    stored = _stored(path, SRGB)
    return None if stored.alpha is None else _sized(stored.alpha, stored.most, frame)


def _converted(stored: _Stored, profile: bytes) -> _Stored:
    """Bring numbers into a profile, before they are averaged: it is there that they are as even as those of other photos."""
    if are_equivalent(stored.profile, profile):
        return stored
    height, width = stored.color.shape[:2]
    color = np.empty((height, width, 3), np.float32)
    rows = max(1, _BAND_PIXELS // width)
    for top in range(0, height, rows):
        levels = stored.color[top : top + rows].astype(np.float32) / np.float32(stored.most)
        color[top : top + rows] = converted(levels, stored.profile, profile) * np.float32(stored.most)
    return stored._replace(color=color, profile=profile)


def _sized(plane: NDArray[np.generic], most: float, frame: FrameSize | None) -> Pixels:
    levels = plane.astype(np.float32) / np.float32(most)
    return resize(levels, frame.width, frame.height) if frame else levels


def _plane(stored: _Stored, channel: int, alpha: Pixels | None, frame: FrameSize | None) -> Pixels:
    """Bring one channel to its size; a transparent pixel's colour does not bleed into the visible ones beside it."""
    plane = stored.color[..., channel]
    plain = _sized(plane, stored.most, frame)
    if alpha is None or stored.alpha is None or plain.shape == plane.shape:
        return plain
    weighed = plane.astype(np.float32) * (stored.alpha.astype(np.float32) / np.float32(stored.most))
    mixed = np.divide(_sized(weighed, stored.most, frame), alpha, out=plain.copy(), where=alpha > 0)
    return np.clip(mixed, 0, 1)


def _stored(path: Path, target: bytes) -> _Stored:
    with open_image(path) as image, whole(path):
        depth = bit_depth(image)  # Once it is decoded, Pillow has forgotten.
        image.load()
        profile = image.info.get("icc_profile") or SRGB
        color, alpha, most, profile = _deep(image, path, depth, profile) or _shallow(image, profile, target)
        turn = orientation(image)
    return _Stored(_turned(color, turn), None if alpha is None else _turned(alpha, turn), most, profile)


def _deep(image: Image.Image, path: Path, depth: int, profile: bytes) -> _Stored | None:
    """Numbers of more than 8 bits; None where there are none, or their profile is made of tables, which takes 8."""
    if image.mode.startswith("I") or image.mode == "F":
        # One channel of 16 bits (Pillow holds it in 32 as well), or of floating point.
        most = 1.0 if image.mode == "F" else 65535.0
        grey = np.clip(np.nan_to_num(np.asarray(image, np.float32)), 0, most)
        hidden = image.info.get("transparency")  # The one level that is transparent, of a PNG.
        alpha = np.where(grey == hidden, 0, most) if isinstance(hidden, int) else None
        return _Stored(grey[..., None], alpha, most, _fitting(profile, 1))
    if depth < 16 or image.mode not in {"RGB", "RGBA", "RGBX", "LA"} or shaper_of(profile) is None:
        return None
    found = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.dtype != np.uint16 or found.ndim != 3 or found.shape[1::-1] != image.size:
        return None  # A layout that OpenCV does not know: Pillow's 8 bits are better than nothing.
    alpha = found[..., 3] if found.shape[2] == 4 and image.has_transparency_data else None
    return _Stored(found[..., 2::-1], alpha, 65535.0, _fitting(profile, 3))


def _shallow(image: Image.Image, profile: bytes, target: bytes) -> _Stored:
    """Numbers of 8 bits."""
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = np.asarray(image.getchannel("A"))
        image = image.convert("RGB")
    elif image.mode not in {"L", "RGB", "CMYK", "LAB"}:
        image = image.convert("RGB")
    if image.mode == "LAB":
        profile = _LAB
    shaper = shaper_of(profile)
    if shaper is None or image.mode in {"CMYK", "LAB"}:
        image = converted_by_tables(image, profile, target) or image.convert("RGB")
        profile = target
    color = np.asarray(image)
    color = color[..., None] if color.ndim == 2 else color
    return _Stored(color, alpha, 255.0, _fitting(profile, color.shape[2]))


def _fitting(profile: bytes, channels: int) -> bytes:
    """Profile of numbers of so many channels: a foreign one says nothing of them, and they are taken as sRGB."""
    shaper = shaper_of(profile)
    return profile if shaper is not None and len(shaper.curves) == channels else SRGB


def _turned(stored: NDArray[np.generic], turn: int) -> NDArray[np.generic]:
    """Bring [H, W, ...] upright, by EXIF's number."""
    if turn in {5, 6, 7, 8}:
        stored = stored.swapaxes(0, 1)
    if turn in {2, 3, 6, 7}:
        stored = stored[:, ::-1]
    return stored[::-1] if turn in {3, 4, 7, 8} else stored
