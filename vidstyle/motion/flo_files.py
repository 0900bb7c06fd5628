"""Flow in files of Middlebury's format, .flo: whoever has a better flow than vidstyle's own may bring it.

A file is four parts, little-endian: the number 202021.25 (float32), width and height (int32), and the vectors (dx, dy) of the pixels,
row by row (float32). Baker et al., "A Database and Evaluation Methodology for Optical Flow", IJCV 2011.
"""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import InputError, quoted, reason

MAGIC = 202021.25
UNKNOWN_PX = 1e9
"""Vectors as long as this say that the flow is not known there."""
_HEADER = struct.Struct("<fii")


def check_flo(path: Path, width: int, height: int) -> None:
    """See that a file holds a flow of some size in pixels, without reading all of it.

    Raises
    ------
    InputError
        It is missing, no .flo file, cut short, or of another size.
    """
    try:
        if not path.is_file():
            raise InputError(f"The flow file {quoted(path)} is missing; make it, or take --flow dis.")
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
        length = path.stat().st_size
    except OSError as exc:
        raise InputError(
            f"The flow file {quoted(path)} cannot be read: {reason(exc)}; check its permissions."
        ) from exc
    if len(header) < _HEADER.size or _HEADER.unpack(header)[0] != MAGIC:
        raise InputError(f"{quoted(path)} is no flow file in Middlebury's format; make it again.")
    _, wide, high = _HEADER.unpack(header)
    if (wide, high) != (width, height):
        raise InputError(
            f"The flow file {quoted(path)} is of {wide} x {high} pixels, and the film is painted at {width} x {height}; "
            "make it at that size, or give another --size."
        )
    if length != _HEADER.size + 8 * width * height:
        raise InputError(f"The flow file {quoted(path)} is cut short or too long; make it again.")


def read_flo(path: Path, width: int, height: int) -> NDArray[np.float32]:
    """Read a flow [height, width, 2], (dx, dy) in pixels.

    Where a file says that the flow is not known, the vector leads out of the picture, so that nothing trusts it.

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
    unknown = ~(np.abs(flow) < UNKNOWN_PX).all(axis=-1, keepdims=True)  # Not a number is not less either.
    return np.where(unknown, np.float32(2 * max(width, height)), flow)


def write_flo(path: Path, flow: NDArray[np.float32]) -> None:
    """Write a flow [H, W, 2], (dx, dy) in pixels."""
    height, width, _ = flow.shape
    path.write_bytes(_HEADER.pack(MAGIC, width, height) + flow.astype("<f4").tobytes())
