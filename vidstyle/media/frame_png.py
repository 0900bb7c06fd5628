"""Painted frames of a run, as 16-bit PNG files: exact, and replaced atomically."""

import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import DecodeError, quoted, reason
from vidstyle.imaging.types import Image
from vidstyle.media.files import replace_with

_MAX_LEVEL = np.float32(65535)


def quantize(image: Image) -> Image:
    """Round an image to what `read_frame` gives after `write_frame`, bit for bit."""
    return _to_levels(image).astype(np.float32) / _MAX_LEVEL


def write_frame(path: Path, image: Image, *, durable: bool = True) -> int:
    """Write an image [H, W, 3] in [0, 1] as 16-bit PNG, atomically.

    Returns
    -------
    int
        CRC-32 of the file's bytes.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    # Fast compression: most of a painting is noise, which no effort makes smaller.
    _, encoded = cv2.imencode(".png", _to_levels(image)[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
    data = encoded.tobytes()
    replace_with(path, data, durable=durable)
    return zlib.crc32(data)


def read_frame(path: Path) -> Image:
    """Read an image [H, W, 3] that `write_frame` wrote.

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
    return np.ascontiguousarray(image[..., ::-1]).astype(np.float32) / _MAX_LEVEL


def _to_levels(image: Image) -> NDArray[np.uint16]:
    levels: Image = np.rint(np.clip(image, 0, 1).astype(np.float32) * _MAX_LEVEL)
    return levels.astype(np.uint16)
