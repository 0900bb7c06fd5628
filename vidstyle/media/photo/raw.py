"""RAW photos: developed by rawpy where it is installed, otherwise read from their full-size preview."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vidstyle.errors import DecodeError, ProbeError, quoted, reason
from vidstyle.media.photo.exif_block import adapt_exif
from vidstyle.media.photo.raw_headers import is_raw, raw_exif, raw_size
from vidstyle.media.photo.raw_preview import is_full_size, largest_preview

_SIDEWAYS = (5, 6)
"""Turns by a quarter, as LibRaw counts them."""
_SRGB_CURVE = (2.4, 12.92)
_INSTALL = "pip install vidstyle[raw]"


class DevelopedPhoto(Image.Image):
    """RAW photo whose size is known, and which rawpy develops on request, upright and in sRGB."""

    format = "RAW"

    def __init__(self, raw: Any, exif: bytes, path: Path) -> None:
        super().__init__()
        self._raw, self._path = raw, path
        width, height = raw.sizes.iwidth, raw.sizes.iheight
        self._size = (height, width) if raw.sizes.flip in _SIDEWAYS else (width, height)
        self._mode = "RGB"
        if exif:
            self.info["exif"] = adapt_exif(exif, *self._size)

    def develop(self) -> NDArray[np.uint16]:
        """Develop the photo, [H, W, 1 or 3], with the camera's white balance.

        Raises
        ------
        DecodeError
            The sensor's data is damaged or cut short.
        """
        try:
            levels: NDArray[np.uint16] = self._raw.postprocess(
                use_camera_wb=True, output_bps=16, gamma=_SRGB_CURVE
            )
        except (_rawpy().LibRawError, OSError, ValueError, RuntimeError) as exc:
            raise DecodeError(
                f"{quoted(self._path)} is damaged or cut short: {_text(exc)}; replace it with an intact copy."
            ) from exc
        return np.atleast_3d(levels)[..., :3]


@contextmanager
def open_raw(path: Path) -> Iterator[tuple[Image.Image, str]]:
    """Open a RAW photo without developing it, with a note of how it is read.

    Raises
    ------
    ProbeError
        It cannot be developed, and has no full-size preview.
    """
    data = path.read_bytes()
    exif = raw_exif(data)
    raw, fault = _load(data)
    if raw is not None:
        with raw:
            yield DevelopedPhoto(raw, exif, path), "RAW photo, developed by rawpy"
        return
    why = f"RAW photo that rawpy cannot develop ({fault})" if fault else "RAW photo"
    preview = largest_preview(data)
    if preview is None or not is_full_size(preview, raw_size(data, exif), len(data)):
        size = (
            f"its largest preview has {preview.width} x {preview.height} pixels"
            if preview
            else "it has no preview"
        )
        remedy = "convert it to DNG or JPEG first" if fault else f"install what develops it: {_INSTALL}"
        raise ProbeError(f"{quoted(path)} is a {why}, and {size}; {remedy}.")
    remedy = "" if fault else f"; to develop it: {_INSTALL}"
    note = f"{why}, painted from its embedded preview of {preview.width} x {preview.height} pixels{remedy}"
    with Image.open(io.BytesIO(preview.data), formats=("JPEG", "MPO", "TIFF")) as image:
        if exif and image.format != "TIFF":
            image.info["exif"] = exif
            image.getexif().load(exif)  # Pillow may have read the preview's own.
        yield image, note


def development_of(path: Path) -> str:
    """Name what reads a RAW photo, which decides its pixels; empty for any other file."""
    try:
        if not is_raw(path):
            return ""
        raw, _ = _load(path.read_bytes())
    except OSError:
        return ""
    if raw is None:
        return "preview"
    raw.close()
    return f"rawpy {_rawpy().__version__}"


def _load(data: bytes) -> tuple[Any, str]:
    """Load a RAW file by rawpy; None and the reason where it cannot, which is empty without rawpy."""
    rawpy = _rawpy()
    if rawpy is None:
        return None, ""
    try:
        return rawpy.imread(io.BytesIO(data)), ""
    except (rawpy.LibRawError, OSError, ValueError, RuntimeError) as exc:
        return None, _text(exc)


def _rawpy() -> Any:
    try:
        import rawpy  # noqa: PLC0415 - optional, and loaded only where there are RAW photos.
    except ImportError:
        return None
    return rawpy


def _text(exc: Exception) -> str:
    """Get the text of an error of LibRaw, which may be bytes."""
    first = exc.args[0] if exc.args else exc
    return reason(ValueError(first.decode("utf-8", "replace")) if isinstance(first, bytes) else exc)
