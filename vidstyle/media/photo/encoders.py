"""Encoders of PNG and TIFF in 8 or 16 bits, and of JPEG, with all metadata of a photo.

Pillow, and so imageio, writes RGB of 8 bits only, and no IPTC. So PNG (ISO/IEC 15948, third edition) is
encoded by OpenCV and completed here by the chunks of its metadata, and TIFF (revision 6.0) is written here.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Any

import cv2
import imageio.v3 as iio
import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, TiffImagePlugin

from vidstyle.media.photo.exif_block import PREFIX
from vidstyle.media.photo.metadata import Metadata

_SIGNATURE_AND_HEADER = 8 + 25
_INCH = 0.0254
_STRIP_BYTES = 1 << 20
_EXIF_IFD, _GPS_IFD = 34665, 34853
_MARKER_BYTES = 65533
"""Capacity of a JPEG's marker."""


def encode_plain(pixels: NDArray[Any], ending: str, **options: Any) -> bytes:
    """Encode RGB or RGBA [H, W, 3 or 4] of 8 bits by imageio, with Pillow's options of the format."""
    encoded: bytes = iio.imwrite("<bytes>", pixels, extension=ending, plugin="pillow", **options)
    return encoded


def encode_png(pixels: NDArray[np.uint8] | NDArray[np.uint16], profile: bytes, metadata: Metadata) -> bytes:
    """Encode RGB or RGBA [H, W, 3 or 4] as PNG, in its own depth."""
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


def encode_tiff(pixels: NDArray[np.uint8] | NDArray[np.uint16], profile: bytes, metadata: Metadata) -> bytes:
    """Encode RGB or RGBA [H, W, 3 or 4] as TIFF, in its own depth, compressed without loss."""
    height, width, channels = pixels.shape
    rows = max(1, _STRIP_BYTES // (pixels[0].nbytes or 1))
    # Differences of neighbours are small (Predictor 2); they wrap around as integers do.
    differences: NDArray[Any] = pixels.astype(pixels.dtype.newbyteorder("<"))
    differences[:, 1:] -= pixels[:, :-1]
    strips = [zlib.compress(differences[top : top + rows].tobytes()) for top in range(0, height, rows)]
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
        tags[338] = (2,)  # Alpha that is not premultiplied.
    if metadata.dpi:
        tags[282], tags[283], tags[296] = *metadata.dpi, 2
    if metadata.xmp:
        tags[700] = metadata.xmp
    if metadata.iptc:
        tags.tagtype[33723] = 7
        tags[33723] = metadata.iptc
    # The directory comes first; its offsets of the strips count from its own end.
    return b"II*\0" + struct.pack("<I", 8) + bytes(tags.tobytes(8)) + b"".join(strips)


def _descriptions(metadata: Metadata) -> dict[int, object]:
    """Collect the tags of EXIF, with the inner directories unchanged."""
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


@dataclass(frozen=True)
class JpegQuality:
    """Quantisation, chroma subsampling and storage of a JPEG."""

    tables: tuple[tuple[int, ...], ...] = ()
    """Quantisation of luma and chroma, 64 steps each, in the order of rows; empty for those of quality 95."""
    subsampling: int = 0
    """0 for 4:4:4, 1 for 4:2:2, 2 for 4:2:0. By default 0: a painting's colours are as sharp as its forms."""
    progressive: bool = False


def read_jpeg_quality(source: JpegImagePlugin.JpegImageFile) -> JpegQuality:
    """Read the quality of a JPEG; the default where its tables are not those of a baseline JPEG."""
    tables = [source.quantization[number] for number in sorted(source.quantization)][:2]
    if not tables or max(map(max, tables)) > 255:  # A baseline JPEG has steps of one byte.
        return JpegQuality()
    # A grey JPEG has no chroma.
    sampling = max(0, JpegImagePlugin.get_sampling(source))
    return JpegQuality(tuple(map(tuple, tables)), sampling, bool(source.info.get("progressive")))


def encode_jpeg(pixels: NDArray[Any], profile: bytes, metadata: Metadata, quality: JpegQuality) -> bytes:
    """Encode RGB [H, W, 3] of 8 bits as JPEG; metadata too long for a marker are omitted."""
    options: dict[str, Any] = {"progressive": quality.progressive, "subsampling": quality.subsampling}
    options["icc_profile"] = profile
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
    data = encode_plain(pixels, ".jpg", **options)
    return _with_density(data, metadata.dpi) if metadata.dpi else data


def _with_density(data: bytes, dpi: tuple[float, float]) -> bytes:
    """Set the resolution in the header (JFIF 1.02), in whole numbers per inch or per centimetre."""

    def stored(unit: float) -> list[int]:
        return [min(65535, max(1, round(dots * unit))) for dots in dpi]

    def error(unit: float) -> float:
        return max(abs(number / unit / dots - 1) for number, dots in zip(stored(unit), dpi, strict=True))

    kind, unit = min((1, 1.0), (2, 1 / 2.54), key=lambda each: error(each[1]))
    return data[:13] + struct.pack(">BHH", kind, *stored(unit)) + data[18:]
