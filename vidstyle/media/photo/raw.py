"""RAW photos: developed by rawpy where it is installed, otherwise read from their full-size preview."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vidstyle.errors import DecodeError, ProbeError, quoted, reason
from vidstyle.media.photo.exif_block import adapt_exif
from vidstyle.media.photo.raw_headers import is_raw, raw_exif, raw_size
from vidstyle.media.photo.raw_preview import Preview, find_preview, is_full_size, read_preview

_SIDEWAYS = (5, 6)
"""Turns by a quarter, as LibRaw counts them."""
_SRGB_CURVE = (2.4, 12.92)
_INSTALL = "pip install vidstyle[raw]"


class DevelopedPhoto(Image.Image):
    """RAW photo whose size is known, and which rawpy develops on request, upright and in sRGB."""

    format = "RAW"

    def __init__(self, path: Path, size: tuple[int, int], exif: bytes) -> None:
        super().__init__()
        self._path, self._size, self._mode = path, size, "RGB"
        if exif:
            self.info["exif"] = adapt_exif(exif, *size)

    def develop(self) -> NDArray[np.uint16]:
        """Develop the photo, [H, W, 1 or 3], with the camera's white balance.

        Raises
        ------
        DecodeError
            The sensor's data is damaged or cut short.
        """
        rawpy = _rawpy()
        try:
            with rawpy.imread(io.BytesIO(self._path.read_bytes())) as raw:
                levels: NDArray[np.uint16] = raw.postprocess(
                    use_camera_wb=True, output_bps=16, gamma=_SRGB_CURVE
                )
                return np.atleast_3d(levels)[..., :3]
        except (rawpy.LibRawError, OSError, ValueError, RuntimeError) as exc:
            raise DecodeError(
                f"{quoted(self._path)} is damaged or cut short: {_text(exc)}; replace it with an intact copy."
            ) from exc


@dataclass(frozen=True)
class _Facts:
    """All that a RAW file tells before it is developed: it is read once for all who ask."""

    exif: bytes
    developed: tuple[int, int] | None
    """Width and height that rawpy develops it to; None where it cannot."""
    fault: str = ""
    """Why it cannot; empty where it is not installed."""
    preview: Preview | None = None
    """Largest preview, sought only where it is needed."""
    is_full_size: bool = False
    """True where the preview has the size of the photo."""


@contextmanager
def open_raw(path: Path) -> Iterator[tuple[Image.Image, str]]:
    """Open a RAW photo without developing it, with a note of how it is read.

    Raises
    ------
    ProbeError
        It cannot be developed, and has no full-size preview.
    """
    facts = _facts_of(path)
    if facts.developed:
        yield DevelopedPhoto(path, facts.developed, facts.exif), "RAW photo, developed by rawpy"
        return
    why = f"RAW photo that rawpy cannot develop ({facts.fault})" if facts.fault else "RAW photo"
    preview = facts.preview
    size = f"{preview.width} x {preview.height} pixels" if preview else ""
    if preview is None or not facts.is_full_size:
        found = f"its largest preview has {size}" if preview else "it has no preview"
        remedy = "convert it to DNG or JPEG first" if facts.fault else f"install what develops it: {_INSTALL}"
        raise ProbeError(f"{quoted(path)} is a {why}, and {found}; {remedy}.")
    remedy = "" if facts.fault else f"; to develop it: {_INSTALL}"
    note = f"{why}, painted from its embedded preview of {size}{remedy}"
    with Image.open(io.BytesIO(read_preview(path, preview)), formats=("JPEG", "TIFF")) as image:
        if facts.exif and image.format != "TIFF":
            image.info["exif"] = facts.exif
            image.getexif().load(facts.exif)  # Pillow may have read the preview's own.
        yield image, note


def development_of(path: Path) -> str:
    """Name what reads a RAW photo, which decides its pixels; empty for any other file."""
    try:
        if not is_raw(path):
            return ""
        return f"rawpy {_rawpy().__version__}" if _facts_of(path).developed else "preview"
    except OSError:
        return ""


def _facts_of(path: Path) -> _Facts:
    status = path.stat()
    state = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
    return _read_facts(path, state, _rawpy())


@lru_cache(maxsize=4096)
def _read_facts(path: Path, _state: tuple[int, ...], rawpy: Any) -> _Facts:
    """Read a RAW file, once for each state of it."""
    data = path.read_bytes()
    exif, fault = raw_exif(data), ""
    if rawpy is not None:
        try:
            with rawpy.imread(io.BytesIO(data)) as raw:
                size = raw.sizes.iwidth, raw.sizes.iheight
                return _Facts(exif, size[::-1] if raw.sizes.flip in _SIDEWAYS else size)
        except (rawpy.LibRawError, OSError, ValueError, RuntimeError) as exc:
            fault = _text(exc)
    preview = find_preview(data)
    is_full = preview is not None and is_full_size(preview, raw_size(data, exif), len(data))
    return _Facts(exif, None, fault, preview, is_full)


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
