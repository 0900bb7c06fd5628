"""PNG and TIFF of 8 or 16 bits with all that belongs to a photo, which Pillow writes in 8 bits only.

PNG: ISO/IEC 15948 and its third edition (eXIf). TIFF: revision 6.0.
"""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, TiffImagePlugin

from vidstyle.media.photo.metadata import PREFIX, Metadata

_SIGNATURE_AND_HEADER = 8 + 25
_INCH = 0.0254
_STRIP_BYTES = 1 << 20
_EXIF_IFD, _GPS_IFD = 34665, 34853


def png(pixels: NDArray[np.uint8] | NDArray[np.uint16], profile: bytes, metadata: Metadata) -> bytes:
    """PNG of RGB or RGBA [H, W, 3 or 4], in its own depth."""
    order = [2, 1, 0, 3][: pixels.shape[2]]
    _, encoded = cv2.imencode(".png", pixels[..., order])
    data = encoded.tobytes()
    chunks = [_chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(profile))]
    if metadata.dpi:
        across, down = (round(dots / _INCH) for dots in metadata.dpi)
        chunks.append(_chunk(b"pHYs", struct.pack(">IIB", across, down, 1)))
    if metadata.exif:
        chunks.append(_chunk(b"eXIf", metadata.exif))
    if metadata.xmp:
        chunks.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp))
    if metadata.iptc:
        lines = f"\niptc\n{len(metadata.iptc):8}\n{metadata.iptc.hex()}\n".encode()
        chunks.append(_chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(lines)))
    for key, text in metadata.texts:
        body = b"\0\0\0\0\0" + text.encode("utf-8", "replace")
        chunks.append(_chunk(b"iTXt", key.encode("latin-1", "replace") + body))
    start = _SIGNATURE_AND_HEADER
    return data[:start] + b"".join(chunks) + data[start:]


def tiff(pixels: NDArray[np.uint8] | NDArray[np.uint16], profile: bytes, metadata: Metadata) -> bytes:
    """TIFF of RGB or RGBA [H, W, 3 or 4], in its own depth, compressed without loss."""
    height, width, channels = pixels.shape
    rows = max(1, _STRIP_BYTES // (pixels[0].nbytes or 1))
    # Neighbours differ little: what is stored is by how much (Predictor 2), which wraps round as integers do.
    steps: NDArray[Any] = pixels.astype(pixels.dtype.newbyteorder("<"))
    steps[:, 1:] -= pixels[:, :-1]
    strips = [zlib.compress(steps[top : top + rows].tobytes()) for top in range(0, height, rows)]
    places = np.cumsum([0, *map(len, strips)]).tolist()
    tags = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II")
    for tag, value in _descriptions(metadata).items():
        tags[tag] = value
    bit_depth = (pixels.dtype.itemsize * 8,) * channels
    # Size, deflate, RGB, strips, chunky, predictor, unsigned.
    tags.update({256: width, 257: height, 258: bit_depth, 259: 8, 262: 2, 274: 1, 277: channels, 278: rows})
    tags.update({273: tuple(places[:-1]), 279: tuple(map(len, strips)), 284: 1, 317: 2, 339: (1,) * channels})
    tags[34675] = profile
    if channels == 4:
        tags[338] = (2,)  # Alpha that the colours are not multiplied with.
    if metadata.dpi:
        tags[282], tags[283], tags[296] = *metadata.dpi, 2
    if metadata.xmp:
        tags[700] = metadata.xmp
    if metadata.iptc:
        tags.tagtype[33723] = 7
        tags[33723] = metadata.iptc
    # The directory comes first, and counts the places of the strips from its own end.
    return b"II*\0" + struct.pack("<I", 8) + bytes(tags.tobytes(8)) + b"".join(strips)


def _descriptions(metadata: Metadata) -> dict[int, object]:
    """Tags of EXIF, the inner directories as they are."""
    if not metadata.exif:
        return {}
    exif = Image.Exif()
    try:
        exif.load(metadata.exif)
        tags: dict[int, object] = dict(exif)
        return tags | {tag: exif.get_ifd(tag) for tag in (_EXIF_IFD, _GPS_IFD) if tag in tags}
    except (OSError, ValueError, TypeError, KeyError, SyntaxError, struct.error):
        return {}


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


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
