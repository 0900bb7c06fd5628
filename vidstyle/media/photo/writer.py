"""One picture out: as its ending says, and as its source was made."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from vidstyle.errors import UsageError, quoted
from vidstyle.media.files import check_writable, replace_with
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.encoders import Quality, jpeg, png, quality_of, tiff
from vidstyle.media.photo.metadata import PREFIX, Metadata, metadata_of
from vidstyle.media.photo.open import bit_depth, open_image, register_heif, whole
from vidstyle.media.photo.reader import Rendering, read_alpha, rendering_of
from vidstyle.media.provenance import PHOTO_KEY

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True)
class StorageHints:
    """How a source was stored, which its painting imitates where it has the same format."""

    deep: bool = False
    """Whether it has more than 8 bits."""
    jpeg: Quality = field(default_factory=Quality)
    lossless_webp: bool = False


def _webp(pixels: Pixels, profile: bytes, metadata: Metadata, manner: StorageHints) -> bytes:
    effort = {"lossless": True, "exact": True} if manner.lossless_webp else {"quality": 95, "method": 4}
    return _by_pillow(pixels, "WEBP", icc_profile=profile, **_notes(metadata), **effort)


def _avif(pixels: Pixels, profile: bytes, metadata: Metadata, _: StorageHints) -> bytes:
    return _by_pillow(pixels, "AVIF", icc_profile=profile, quality=90, **_notes(metadata))


def _heic(pixels: Pixels, profile: bytes, metadata: Metadata, _: StorageHints) -> bytes:
    register_heif()
    return _by_pillow(pixels, "HEIF", icc_profile=profile, quality=90, **_notes(metadata))


def _bmp(pixels: Pixels, _: bytes, metadata: Metadata, __: StorageHints) -> bytes:
    return _by_pillow(pixels, "BMP", **({"dpi": metadata.dpi} if metadata.dpi else {}))


def _gif(pixels: Pixels, _: bytes, metadata: Metadata, __: StorageHints) -> bytes:
    """256 colours: the picture's own where it has no more, else the nearest of the best."""
    opaque = pixels[..., 3] > 127 if pixels.shape[2] == 4 else np.ones(pixels.shape[:2], bool)
    most = 256 - (not opaque.all())
    colors, places = np.unique(pixels[..., :3][opaque], axis=0, return_inverse=True)
    indices = np.zeros(opaque.shape, np.uint8)
    if len(colors) <= most:
        indices[opaque] = places.ravel()
        palette = colors.astype(np.uint8).tobytes()
    else:
        paletted = Image.fromarray(np.ascontiguousarray(pixels[..., :3], np.uint8)).quantize(most)
        indices, palette = np.array(paletted, np.uint8), bytes(paletted.getpalette() or b"")
    image = Image.fromarray(indices)
    image.putpalette(palette.ljust(768, b"\0"))
    options: dict[str, Any] = {"comment": metadata.comment[:255]} if metadata.comment else {}
    if most < 256:
        image.putdata(np.where(opaque, indices, most).ravel().tolist())
        options["transparency"] = most
    buffer = io.BytesIO()
    image.save(buffer, "GIF", optimize=False, **options)
    return buffer.getvalue()


@dataclass(frozen=True)
class Format:
    """A kind of file that a picture can be written to."""

    encode: Callable[[Pixels, bytes, Metadata, StorageHints], bytes]
    profile: bool = True
    alpha: bool = True
    deep: bool = False


_PNG = Format(lambda pixels, profile, metadata, _: png(pixels, profile, metadata), deep=True)
_TIFF = Format(lambda pixels, profile, metadata, _: tiff(pixels, profile, metadata), deep=True)
_JPEG = Format(
    lambda pixels, profile, metadata, manner: jpeg(pixels, profile, metadata, manner.jpeg), alpha=False
)
_HEIC = Format(_heic)
FORMATS = {
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".png": _PNG,
    ".webp": Format(_webp),
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".avif": Format(_avif),
    ".heic": _HEIC,
    ".heif": _HEIC,
    ".bmp": Format(_bmp, profile=False, alpha=False),
    ".gif": Format(_gif, profile=False),
}


def photo_endings() -> tuple[str, ...]:
    """List the endings of files that a picture can be written to."""
    return tuple(FORMATS)


def check_photo_output(path: Path) -> None:
    """Say what would keep a picture from being written to `path`, before any work is done for it.

    Raises
    ------
    UsageError
        The ending is none that a picture can be written to.
    OutputError
        The folder is missing or cannot be written, or `path` is a folder.
    """
    _format(path)
    check_writable(path)


def rendering_for(
    source: Path, output: Path, background: tuple[int, int, int] = (255, 255, 255)
) -> Rendering:
    """How a photo is painted for an output: in its own wide colours and with its transparency, where that can hold them.

    Raises
    ------
    ProbeError
        It is no picture, or one too large to decode safely.
    UsageError
        The output has no ending of a picture.
    """
    kind = _format(output)
    return rendering_of(source, profile=kind.profile, alpha=kind.alpha, background=background)


def write_photo(
    path: Path,
    image: NDArray[np.float32],
    rendering: Rendering | None = None,
    *,
    like: Path | None = None,
    strip: bool = False,
    note: str = "",
) -> None:
    """Write a picture at once; its ending says how.

    Parameters
    ----------
    path
        Where to.
    image
        RGB [H, W, 3] in [0, 1], in the rendering's profile.
    rendering
        From `rendering_for`; sRGB without transparency by default.
    like
        The photo that it was painted from: the result has its depth, its quality, its transparency and what it says of
        itself, as far as the format can hold that.
    strip
        Whether what the photo says of itself is left out, but for its resolution.
    note
        What it is to say of how it was made, where the format has a place for it.

    Raises
    ------
    UsageError
        The ending is none that a picture can be written to.
    InputError
        The photo cannot be read any more.
    OutputError
        The file cannot be written.
    """
    kind, rendering = _format(path), rendering or Rendering()
    height, width = image.shape[:2]
    manner, metadata, alpha = StorageHints(), Metadata(), None
    if like:
        with open_image(like) as source, whole(like):
            manner = _manner(source, like)
            source.load()
            metadata = metadata_of(source, width, height, strip=strip)
        alpha = read_alpha(like, FrameSize(width, height, Fraction(1))) if rendering.alpha else None
    if note and not strip:
        own = tuple(text for text in metadata.texts if text[0] != PHOTO_KEY)
        comment = metadata.comment or note.encode("utf-8", "replace")
        metadata = replace(metadata, texts=(*own, (PHOTO_KEY, note)), comment=comment)
    if alpha is not None:
        image = np.concatenate([image, alpha[..., None]], axis=-1)  # [H, W, 4]
    depth = np.uint16 if manner.deep and kind.deep else np.uint8
    pixels = np.rint(np.clip(image, 0, 1) * np.float32(np.iinfo(depth).max)).astype(depth)
    replace_with(path, kind.encode(pixels, rendering.profile, metadata, manner))


def _format(path: Path) -> Format:
    if found := FORMATS.get(path.suffix.lower()):
        return found
    raise UsageError(f"{quoted(path)} has no ending of a picture; write to {', '.join(FORMATS)}.")


def _manner(source: Image.Image, path: Path) -> StorageHints:
    deep = source.mode == "F" or (bit_depth(source) > 8 and source.mode != "CMYK")
    if isinstance(source, JpegImagePlugin.JpegImageFile):
        return StorageHints(jpeg=quality_of(source))
    return StorageHints(deep=deep, lossless_webp=source.format == "WEBP" and _is_lossless(path.read_bytes()))


def _is_lossless(webp: bytes) -> bool:
    """Tell whether a WebP's picture is stored without loss: the kind of chunk that it is in tells."""
    place = 12
    while place + 8 <= len(webp):
        kind, length = struct.unpack_from("<4sI", webp, place)
        if kind in {b"VP8L", b"VP8 "}:
            return bool(kind == b"VP8L")
        place += 8 + length + length % 2
    return False


def _notes(metadata: Metadata) -> dict[str, bytes]:
    notes = {"exif": metadata.exif and PREFIX + metadata.exif, "xmp": metadata.xmp}
    return {name: value for name, value in notes.items() if value}


def _by_pillow(pixels: Pixels, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()
