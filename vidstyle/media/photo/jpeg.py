"""JPEG: as good as its source was, with all that belongs to a photo."""

import io
import struct
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from vidstyle.media.photo.exif import PREFIX
from vidstyle.media.photo.metadata import Metadata

_MARKER_BYTES = 65533
"""What a marker can hold."""


@dataclass(frozen=True)
class Quality:
    """How good a JPEG is, and how it is stored."""

    tables: tuple[tuple[int, ...], ...] = ()
    """Steps of brightness and of colour, 64 each, in the order of rows; empty for those of quality 95."""
    subsampling: int = 0
    """0 for 4:4:4, which is the default because a painting's colours are as sharp as its forms; 1 for 4:2:2, 2 for 4:2:0."""
    progressive: bool = False


def quality_of(source: JpegImagePlugin.JpegImageFile) -> Quality:
    """How good a JPEG is."""
    tables = [source.quantization[number] for number in sorted(source.quantization)][:2]
    if not tables or max(map(max, tables)) > 255:  # More than a byte is no baseline JPEG.
        return Quality()
    # A grey one has no resolution of colour.
    sampling = max(0, JpegImagePlugin.get_sampling(source))
    return Quality(tuple(map(tuple, tables)), sampling, bool(source.info.get("progressive")))


def jpeg(pixels: NDArray[Any], profile: bytes, metadata: Metadata, quality: Quality) -> bytes:
    """JPEG of RGB [H, W, 3] of 8 bits; what is too long for a marker is left out."""
    options: dict[str, Any] = {"progressive": quality.progressive, "subsampling": quality.subsampling}
    options |= {"qtables": quality.tables} if quality.tables else {"quality": 95}
    if metadata.exif and len(metadata.exif) + len(PREFIX) <= _MARKER_BYTES:
        options["exif"] = PREFIX + metadata.exif
    if metadata.xmp and len(metadata.xmp) + 29 <= _MARKER_BYTES:
        options["xmp"] = metadata.xmp
    if metadata.iptc and len(metadata.iptc) + 28 <= _MARKER_BYTES:
        resource = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(metadata.iptc)) + metadata.iptc
        body = b"Photoshop 3.0\0" + resource + b"\0" * (len(metadata.iptc) % 2)
        options["extra"] = b"\xff\xed" + struct.pack(">H", 2 + len(body)) + body
    if metadata.comment:
        options["comment"] = metadata.comment[:_MARKER_BYTES]
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", icc_profile=profile, **options)
    return _with_density(buffer.getvalue(), metadata.dpi) if metadata.dpi else buffer.getvalue()


def _with_density(data: bytes, dpi: tuple[float, float]) -> bytes:
    """Note the resolution in the header (JFIF 1.02), which has whole numbers, of an inch or of a centimetre."""

    def stored(unit: float) -> list[int]:
        return [min(65535, max(1, round(dots * unit))) for dots in dpi]

    def error(unit: float) -> float:
        return max(abs(number / unit / dots - 1) for number, dots in zip(stored(unit), dpi, strict=True))

    kind, unit = min((1, 1.0), (2, 1 / 2.54), key=lambda each: error(each[1]))
    return data[:13] + struct.pack(">BHH", kind, *stored(unit)) + data[18:]
