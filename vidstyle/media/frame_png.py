"""The painted frames of a run: 16-bit PNG, exact, in place at once."""

import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import DecodeError, quoted, reason
from vidstyle.media.files import replace_with

_LEVELS = np.float32(65535)


def quantize(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round a picture to what `read_frame` gives back after `write_frame`, bit for bit."""
    return _levels(image).astype(np.float32) / _LEVELS


def write_frame(path: Path, image: NDArray[np.float32], *, durable: bool = True) -> int:
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
    replace_with(path, data, durable=durable)
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
