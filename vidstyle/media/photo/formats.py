"""File formats of photos: encoders, abilities, and how a source of the format was stored."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from vidstyle.errors import UsageError, quoted
from vidstyle.media.photo.encoders import (
    JpegQuality,
    encode_jpeg,
    encode_plain,
    encode_png,
    encode_tiff,
    read_jpeg_quality,
)
from vidstyle.media.photo.exif_block import PREFIX
from vidstyle.media.photo.metadata import Metadata
from vidstyle.media.photo.open import bit_depth, register_heif

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True)
class StorageHints:
    """Depth and quality of a source, which its painting has too where the format supports it."""

    deep: bool = False
    """Whether it has more than 8 bits per channel."""
    jpeg: JpegQuality = field(default_factory=JpegQuality)
    lossless: bool = False
    """Whether its format, which has lossy compression as well, is used without loss."""


def _deep_hints(source: Image.Image, _path: Path) -> StorageHints:
    return StorageHints(deep=source.mode == "F" or (bit_depth(source) > 8 and source.mode != "CMYK"))


def _jpeg_hints(source: Image.Image, _path: Path) -> StorageHints:
    if isinstance(source, JpegImagePlugin.JpegImageFile):
        return StorageHints(jpeg=read_jpeg_quality(source))
    return StorageHints()


def _webp_hints(_source: Image.Image, path: Path) -> StorageHints:
    """Read from a WebP's chunks whether its image is stored without loss."""
    webp, place = path.read_bytes(), 12
    while place + 8 <= len(webp):
        name, length = struct.unpack_from("<4sI", webp, place)
        if name in {b"VP8L", b"VP8 "}:
            return StorageHints(lossless=name == b"VP8L")
        place += 8 + length + length % 2
    return StorageHints()


def _webp(pixels: Pixels, profile: bytes, metadata: Metadata, hints: StorageHints) -> bytes:
    effort = {"lossless": True, "exact": True} if hints.lossless else {"quality": 95, "method": 4}
    return encode_plain(pixels, ".webp", icc_profile=profile, **_metadata_options(metadata), **effort)


def _avif(pixels: Pixels, profile: bytes, metadata: Metadata, _hints: StorageHints) -> bytes:
    return encode_plain(pixels, ".avif", icc_profile=profile, quality=90, **_metadata_options(metadata))


def _heic(pixels: Pixels, profile: bytes, metadata: Metadata, _hints: StorageHints) -> bytes:
    register_heif()
    return encode_plain(pixels, ".heic", icc_profile=profile, quality=90, **_metadata_options(metadata))


def _metadata_options(metadata: Metadata) -> dict[str, bytes]:
    options = {"exif": metadata.exif and PREFIX + metadata.exif, "xmp": metadata.xmp}
    return {name: value for name, value in options.items() if value}


def _bmp(pixels: Pixels, _profile: bytes, metadata: Metadata, _hints: StorageHints) -> bytes:
    return encode_plain(pixels, ".bmp", **({"dpi": metadata.dpi} if metadata.dpi else {}))


def _gif(pixels: Pixels, _profile: bytes, metadata: Metadata, _hints: StorageHints) -> bytes:
    """Encode 256 colours: the image's own where it has no more, otherwise the nearest of the best.

    By Pillow itself, since imageio takes no palette.
    """
    opaque = pixels[..., 3] > 127 if pixels.shape[2] == 4 else np.ones(pixels.shape[:2], bool)
    available = 256 - (not opaque.all())
    colors, places = np.unique(pixels[..., :3][opaque], axis=0, return_inverse=True)
    indices = np.zeros(opaque.shape, np.uint8)
    if len(colors) <= available:
        indices[opaque] = places.ravel()
        palette = colors.astype(np.uint8).tobytes()
    else:
        paletted = Image.fromarray(np.ascontiguousarray(pixels[..., :3], np.uint8)).quantize(available)
        indices, palette = np.array(paletted, np.uint8), bytes(paletted.getpalette() or b"")
    image = Image.fromarray(indices)
    image.putpalette(palette.ljust(768, b"\0"))
    options: dict[str, Any] = {"comment": metadata.comment[:255]} if metadata.comment else {}
    if available < 256:
        image.putdata(np.where(opaque, indices, available).ravel().tolist())
        options["transparency"] = available
    buffer = io.BytesIO()
    image.save(buffer, "GIF", optimize=False, **options)
    return buffer.getvalue()


@dataclass(frozen=True)
class PhotoFormat:
    """File format that a photo can be written to."""

    endings: tuple[str, ...]
    encode: Callable[[Pixels, bytes, Metadata, StorageHints], bytes]
    """Encode pixels in an ICC profile, with metadata, as a source with these hints was stored."""
    profile: bool = True
    """Whether an ICC profile is stored."""
    alpha: bool = True
    """Whether transparency is stored."""
    deep: bool = False
    """Whether 16 bits per channel are stored."""
    sources: frozenset[str] = frozenset()
    """Pillow's names of the formats of sources whose hints `read_hints` reads."""
    read_hints: Callable[[Image.Image, Path], StorageHints] = _deep_hints


PHOTO_FORMATS = {
    ending: row
    for row in (
        PhotoFormat(
            (".jpg", ".jpeg"),
            lambda pixels, profile, metadata, hints: encode_jpeg(pixels, profile, metadata, hints.jpeg),
            alpha=False,
            sources=frozenset({"JPEG", "MPO"}),
            read_hints=_jpeg_hints,
        ),
        PhotoFormat(
            (".png",),
            lambda pixels, profile, metadata, _: encode_png(pixels, profile, metadata),
            deep=True,
        ),
        PhotoFormat((".webp",), _webp, sources=frozenset({"WEBP"}), read_hints=_webp_hints),
        PhotoFormat(
            (".tif", ".tiff"),
            lambda pixels, profile, metadata, _: encode_tiff(pixels, profile, metadata),
            deep=True,
        ),
        PhotoFormat((".avif",), _avif),
        PhotoFormat((".heic", ".heif"), _heic),
        PhotoFormat((".bmp",), _bmp, profile=False, alpha=False),
        PhotoFormat((".gif",), _gif, profile=False),
    )
    for ending in row.endings
}
"""Formats of photos by ending."""
_DEFAULT = ".png"


def photo_endings() -> tuple[str, ...]:
    """List the endings of files that a photo can be written to."""
    return tuple(PHOTO_FORMATS)


def photo_format_of(path: Path) -> PhotoFormat:
    """Find the format of a photo by its ending.

    Raises
    ------
    UsageError
        No photo can be written to it.
    """
    if found := PHOTO_FORMATS.get(path.suffix.lower()):
        return found
    raise UsageError(f"{quoted(path)} does not name a photo format; write to {', '.join(PHOTO_FORMATS)}.")


def photo_ending_of(source: Path) -> str:
    """Find the ending of a photo's result: the source's own, where a photo can be written to it."""
    return source.suffix if source.suffix.lower() in PHOTO_FORMATS else _DEFAULT


def read_hints(source: Image.Image, path: Path) -> StorageHints:
    """Read from an open image how it is stored."""
    row = next((row for row in PHOTO_FORMATS.values() if source.format in row.sources), None)
    return (row.read_hints if row else _deep_hints)(source, path)
