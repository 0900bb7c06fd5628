"""RAW photos: developed by rawpy where it is installed, otherwise read from their full-size preview."""

import io
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vidstyle.errors import DecodeError, ProbeError, quoted, reason
from vidstyle.imaging.exposure import expose
from vidstyle.media.photo.exif_block import adapt_exif
from vidstyle.media.photo.raw_headers import is_raw, raw_exif, raw_packets, raw_size
from vidstyle.media.photo.raw_preview import Preview, find_preview, is_full_size, read_preview

_SIDEWAYS = (5, 6)
"""Turns by a quarter, as LibRaw counts them."""
_LINEAR = (1, 1)
"""LibRaw's curve of levels for linear light."""
_INSTALL = "pip install vidstyle[raw]"


class DevelopedPhoto(Image.Image):
    """RAW photo whose size is known, and which rawpy develops on request, upright and in sRGB."""

    format = "RAW"

    def __init__(self, path: Path, size: tuple[int, int], info: Mapping[str, Any]) -> None:
        super().__init__()
        self._path, self._size, self._mode = path, size, "RGB"
        self.info.update(info)
        if exif := info.get("exif"):
            self.info["exif"] = adapt_exif(exif, *size)

    def develop(self) -> NDArray[np.uint16]:
        """Develop the photo, [H, W, 1 or 3], with the camera's white balance and its preview's brightness.

        LibRaw's own brightness makes the lightest pixels of any photo white, and so day of night.

        Raises
        ------
        DecodeError
            The sensor's data is damaged or cut short.
        """
        rawpy, data = _rawpy(), self._path.read_bytes()
        try:
            with rawpy.imread(io.BytesIO(data)) as raw:
                light: NDArray[np.uint16] = raw.postprocess(
                    use_camera_wb=True, no_auto_bright=True, output_bps=16, gamma=_LINEAR
                )
        except (rawpy.LibRawError, OSError, ValueError, RuntimeError) as exc:
            raise DecodeError(
                f"{quoted(self._path)} is damaged or cut short: {_text(exc)}; replace it with an intact copy."
            ) from exc
        return expose(np.atleast_3d(light)[..., :3], self._brightness_of_preview(data))

    def _brightness_of_preview(self, data: bytes) -> float | None:
        """Measure the mean level of the preview, which may be a thumbnail; None without an intact one."""
        preview = find_preview(data)
        if preview is None:
            return None
        try:
            with Image.open(io.BytesIO(read_preview(self._path, preview)), formats=("JPEG", "TIFF")) as image:
                image.draft("RGB", (256, 256))  # A JPEG is decoded smaller, which keeps its mean.
                return float(np.asarray(image.convert("RGB"), np.float64).mean() / 255)
        except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError):
            return None


@dataclass(frozen=True)
class _Facts:
    """All that a RAW file tells before it is developed: it is read once for all who ask."""

    info: Mapping[str, Any]
    """Metadata, as Pillow keeps them: `exif`, `xmp` and `photoshop`, as far as there are any."""
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
        yield DevelopedPhoto(path, facts.developed, facts.info), "RAW photo, developed by rawpy"
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
        if image.format != "TIFF":
            image.info.update(facts.info)
            if "exif" in facts.info:
                image.getexif().load(facts.info["exif"])  # Pillow may have read the preview's own.
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
    info: dict[str, Any] = ({"exif": exif} if exif else {}) | raw_packets(data)
    if rawpy is not None:
        try:
            with rawpy.imread(io.BytesIO(data)) as raw:
                size = raw.sizes.iwidth, raw.sizes.iheight
                return _Facts(info, size[::-1] if raw.sizes.flip in _SIDEWAYS else size)
        except (rawpy.LibRawError, OSError, ValueError, RuntimeError) as exc:
            fault = _text(exc)
    preview = find_preview(data)
    is_full = preview is not None and is_full_size(preview, raw_size(data, exif), len(data))
    return _Facts(info, None, fault, preview, is_full)


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
