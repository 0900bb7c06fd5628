"""One picture in, one picture out: upright, in sRGB, whatever the file holds; and the 16-bit frames of a run."""

import io
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import imageio.v3 as iio
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, TiffImagePlugin, UnidentifiedImageError

from vidstyle.errors import DecodeError, ProbeError, UsageError, quoted, reason
from vidstyle.media.files import check_place, check_readable, replace_with
from vidstyle.media.probe import Frame, open_picture
from vidstyle.media.reader import resize

# 4:4:4, because a painting's colours are as sharp as its forms.
_WRITTEN: dict[str, dict[str, Any]] = {
    ".jpg": {"quality": 95, "subsampling": 0},
    ".jpeg": {"quality": 95, "subsampling": 0},
    ".png": {},
    ".webp": {"quality": 95, "method": 4},
    ".tif": {"compression": "tiff_deflate"},
    ".bmp": {},
}
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_LEVELS = np.float32(65535)


def photo_endings() -> tuple[str, ...]:
    """List the endings of files that a picture can be written to."""
    return tuple(_WRITTEN)


def photo_size(path: Path) -> tuple[int, int]:
    """Find the (width, height) of a picture, upright, without decoding it.

    Raises
    ------
    ProbeError
        It is no picture, or one too large to decode safely.
    DecodeError
        It is damaged or cut short.
    """
    # Of a PNG, whatever stands behind the pixels is read only with them.
    with _opened(path) as image, _whole(path):
        width, height = image.size
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            # Pillow has turned the size of a TIFF already, unlike that of any other picture.
            width, height = image.tag_v2[256], image.tag_v2[257]
        sideways = image.getexif().get(_ORIENTATION) in _SIDEWAYS
        return (height, width) if sideways else (width, height)


def read_photo(path: Path, frame: Frame | None = None) -> NDArray[np.float32]:
    """Read a picture.

    EXIF orientation is applied, colour profiles are converted to sRGB, what is transparent shows white.

    Parameters
    ----------
    path
        The file.
    frame
        Size to bring it to; None keeps its own.

    Returns
    -------
    array [H, W, 3]
        RGB in [0, 1], sRGB.

    Raises
    ------
    ProbeError
        It is no picture, or one too large to decode safely.
    DecodeError
        It is damaged or cut short.
    """
    with _opened(path) as opened:
        with _whole(path):
            opened.load()
            image = ImageOps.exif_transpose(opened)
        pixels = _pixels(image, opened.info.get("icc_profile"))
    return resize(pixels, frame.width, frame.height) if frame else pixels


def check_photo_output(path: Path) -> None:
    """Say what would keep a picture from being written to `path`, before any work is done for it.

    Raises
    ------
    UsageError
        The ending is none that a picture can be written to.
    OutputError
        The folder is missing or cannot be written, or `path` is a folder.
    """
    if path.suffix.lower() not in _WRITTEN:
        raise UsageError(f"{quoted(path)} has no ending of a picture; write to {', '.join(_WRITTEN)}.")
    check_place(path)


def write_photo(path: Path, image: NDArray[np.float32]) -> None:
    """Write a picture [H, W, 3] in [0, 1], sRGB, at once; its ending says how.

    Raises
    ------
    UsageError
        The ending is none that a picture can be written to.
    OutputError
        The file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in _WRITTEN:
        raise UsageError(f"{quoted(path)} has no ending of a picture; write to {', '.join(_WRITTEN)}.")
    options = _WRITTEN[ending]
    if ending != ".bmp":
        options = options | {"icc_profile": _SRGB.tobytes()}
    pixels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    buffer = io.BytesIO()
    iio.imwrite(buffer, pixels, plugin="pillow", extension=ending, **options)
    replace_with(path, buffer.getvalue())


def quantize(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round a picture to what `read_frame` gives back after `write_frame`, bit for bit."""
    return _levels(image).astype(np.float32) / _LEVELS


def write_frame(path: Path, image: NDArray[np.float32]) -> int:
    """Write a picture [H, W, 3] in [0, 1] as 16-bit PNG, at once.

    Returns
    -------
    int
        CRC-32 of the file's bytes.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    # Fast, because most of it is noise of the painting that no effort makes smaller.
    _, encoded = cv2.imencode(".png", _levels(image)[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
    data = encoded.tobytes()
    replace_with(path, data)
    return zlib.crc32(data)


def read_frame(path: Path) -> NDArray[np.float32]:
    """Read a picture that `write_frame` wrote.

    Raises
    ------
    DecodeError
        It is missing or damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise DecodeError(
            f"{quoted(path)} cannot be read: {reason(exc)}; run with --fresh to paint it again."
        ) from exc
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if image is None or image.dtype != np.uint16 or image.ndim != 3:
        raise DecodeError(f"{quoted(path)} is damaged; run with --fresh to paint it again.")
    return np.ascontiguousarray(image[..., ::-1]).astype(np.float32) / _LEVELS


def _levels(image: NDArray[np.float32]) -> NDArray[np.uint16]:
    levels: NDArray[np.float32] = np.rint(np.clip(image, 0, 1).astype(np.float32) * _LEVELS)
    return levels.astype(np.uint16)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    check_readable(path)
    try:
        with warnings.catch_warnings():
            # Below Pillow's hard limit a large photo is none of its concern.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            image = open_picture(path)
    except Image.DecompressionBombError as exc:
        raise ProbeError(f"{quoted(path)} is too large to decode safely; scale it down first.") from exc
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as exc:
        raise ProbeError(
            f"{quoted(path)} is no picture that can be read; give a file such as .jpg or .png."
        ) from exc
    with image:
        yield image


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            # What Pillow merely warns of is either harmless or an error a line later.
            warnings.simplefilter("ignore", UserWarning)
            yield
    except (OSError, ValueError, SyntaxError, EOFError, zlib.error) as exc:
        raise DecodeError(
            f"{quoted(path)} is damaged or cut short: {reason(exc)}; replace it by a whole copy."
        ) from exc


def _pixels(image: Image.Image, profile: bytes | None) -> NDArray[np.float32]:
    """Convert any mode to [H, W, 3] RGB in [0, 1], sRGB."""
    if image.mode.startswith("I") or image.mode == "F":
        # One channel of 16 bits (Pillow holds it in 32 as well), or of floating point.
        scale = 1 if image.mode == "F" else 65535
        grey = np.clip(np.asarray(image, np.float32) / scale, 0, 1)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = np.asarray(image.getchannel("A"), np.float32)[..., None] / np.float32(255)  # [H, W, 1]
        return np.asarray(_srgb(image.convert("RGB"), profile) * alpha + (1 - alpha), np.float32)
    if image.mode not in {"L", "RGB", "CMYK"}:
        image = image.convert("RGB")
    return _srgb(image, profile)


def _srgb(image: Image.Image, profile: bytes | None) -> NDArray[np.float32]:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
            image = converted or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # A damaged profile, or one of another kind of picture: the numbers are taken as sRGB.
    return np.asarray(image.convert("RGB"), np.float32) / np.float32(255)
