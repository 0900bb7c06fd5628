"""Middlebury's flow files, .flo: the way to paint with another flow than vidstyle's own.

A file has four parts, little-endian: the number 202021.25 (float32), width and height (int32), and the
vectors (dx, dy) of the pixels, row by row (float32). Baker et al., "A Database and Evaluation Methodology for
Optical Flow", IJCV 2011.
"""

import struct
from pathlib import Path

import numpy as np

from vidstyle.errors import InputError, quoted, reason
from vidstyle.imaging.types import Flow

MAGIC = 202021.25
UNKNOWN_PX = 1e9
"""Length from which a vector means that the flow is unknown there."""
_HEADER = struct.Struct("<fii")


def check_flo(path: Path, width: int, height: int) -> None:
    """Check that a file holds a flow of the given size in pixels, without reading all of it.

    Raises
    ------
    InputError
        It is missing, not a .flo file, cut short, or of another size.
    """
    try:
        if not path.is_file():
            raise InputError(f"The flow file {quoted(path)} is missing; make it, or use --flow dis.")
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
        length = path.stat().st_size
    except OSError as exc:
        raise InputError(
            f"The flow file {quoted(path)} cannot be read: {reason(exc)}; check its permissions."
        ) from exc
    if len(header) < _HEADER.size or _HEADER.unpack(header)[0] != MAGIC:
        raise InputError(f"{quoted(path)} is not a flow file in Middlebury's format; make it again.")
    _, file_width, file_height = _HEADER.unpack(header)
    if (file_width, file_height) != (width, height):
        raise InputError(
            f"The flow file {quoted(path)} is {file_width} x {file_height} pixels, but the video is painted "
            f"at {width} x {height}; make it at that size, or give another --size."
        )
    if length != _HEADER.size + 8 * width * height:
        raise InputError(f"The flow file {quoted(path)} is cut short or too long; make it again.")


def read_flo(path: Path, width: int, height: int) -> Flow:
    """Read a flow [height, width, 2], (dx, dy) in pixels.

    Where the file marks the flow as unknown, the vector leads outside the image, so that it is not trusted.

    Raises
    ------
    InputError
        As `check_flo`.
    """
    check_flo(path, width, height)
    try:
        vectors = np.fromfile(path, "<f4", offset=_HEADER.size)
    except OSError as exc:
        raise InputError(
            f"The flow file {quoted(path)} cannot be read: {reason(exc)}; make it again."
        ) from exc
    flow = vectors.reshape(height, width, 2).astype(np.float32)
    unknown = ~(np.abs(flow) < UNKNOWN_PX).all(axis=-1, keepdims=True)  # NaN compares as unknown, too.
    return np.where(unknown, np.float32(2 * max(width, height)), flow)


def write_flo(path: Path, flow: Flow) -> None:
    """Write a flow [H, W, 2], (dx, dy) in pixels."""
    height, width, _ = flow.shape
    path.write_bytes(_HEADER.pack(MAGIC, width, height) + flow.astype("<f4").tobytes())
