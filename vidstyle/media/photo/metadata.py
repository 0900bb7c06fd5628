"""Metadata of a photo, corrected for its painting: EXIF, XMP, IPTC, comments, resolution."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

PREFIX = b"Exif\0\0"
NOTE_KEY = "vidstyle"
"""Keyword of the text in a PNG with the command that made it."""
_ORIENTATION, _EXIF_IFD, _WIDTH, _HEIGHT = 0x0112, 0x8769, 0xA002, 0xA003
_THUMBNAIL, _THUMBNAIL_LENGTH = 0x0201, 0x0202
_SHORT, _LONG = 3, 4
# Tags that describe how a TIFF stores its own pixels.
_STRUCTURE = {
    *range(254, 260), 262, 263, 264, 265, 266, 273, 274, *range(277, 282), 284, 292, 293, 297, 301,
    *range(317, 326), 330, 332, 334, 336, 338, 339, 340, 341, 347, *range(512, 533), 700, 33723, 34377,
    34675,
}  # fmt: skip
_IPTC_TAG, _XMP_TAG, _IPTC_RESOURCE = 33723, 700, 0x0404
_XMP_KEY = "XML:com.adobe.xmp"
# Older programs put these in a PNG's texts: they would turn the painting again, or show the source.
_RAW = re.compile(r"Raw profile type (exif|app1|xmp|icc|icm)", re.IGNORECASE)
_RAW_IPTC = "Raw profile type iptc"


@dataclass(frozen=True)
class Metadata:
    """Metadata that a painting takes over from its photo; empty where there is none."""

    exif: bytes = b""
    """Without its prefix `Exif`."""
    xmp: bytes = b""
    iptc: bytes = b""
    comment: bytes = b""
    texts: tuple[tuple[str, str], ...] = ()
    """A PNG's keywords and texts."""
    dpi: tuple[float, float] | None = None
    """Pixels per inch, across and down."""


def read_metadata(image: Image.Image, width: int, height: int, *, strip: bool = False) -> Metadata:
    """Read the metadata of a photo for its painting: upright, without a thumbnail.

    Parameters
    ----------
    image
        The source, decoded, for a PNG may have metadata after its pixels.
    width, height
        Size of the painting, in pixels.
    strip
        Whether to keep only the resolution.
    """
    dpi = image.info.get("dpi")
    resolution = (float(dpi[0]), float(dpi[1])) if dpi and min(map(float, dpi)) > 0 else None
    if strip:
        return Metadata(dpi=resolution)
    texts = getattr(image, "text", {})
    comment = image.info.get("comment", b"")
    return Metadata(
        exif=adapt_exif(_exif(image), width, height),
        xmp=_corrected(_xmp(image)),
        iptc=_iptc(image),
        comment=comment.encode() if isinstance(comment, str) else bytes(comment),
        texts=tuple(
            (str(key), str(text))
            for key, text in texts.items()
            if key not in {_XMP_KEY, _RAW_IPTC} and not _RAW.fullmatch(key)
        ),
        dpi=resolution,
    )


def _exif(image: Image.Image) -> bytes:
    if raw := image.info.get("exif"):
        return bytes(raw)
    try:
        exif = image.getexif()
        for tag in _STRUCTURE & set(exif):
            del exif[tag]
        return exif.tobytes() if len(exif) else b""
    except (OSError, ValueError, TypeError, KeyError, SyntaxError, struct.error):
        return b""  # Too damaged to be taken over.


def _xmp(image: Image.Image) -> bytes:
    found = image.info.get("xmp") or image.info.get(_XMP_KEY) or _tag(image, _XMP_TAG)
    return found.encode() if isinstance(found, str) else bytes(found or b"")


def _corrected(xmp: bytes) -> bytes:
    """Correct XMP for an upright painting without thumbnails and without the film of a moving photo."""
    xmp = re.sub(rb"(tiff:Orientation(?:=[\"']|>))\s*\d+", rb"\g<1>1", xmp)
    xmp = re.sub(rb"((?:GCamera|Camera):(?:MotionPhoto|MicroVideo)(?:=[\"']|>))1", rb"\g<1>0", xmp)
    return re.sub(rb"<(\w+:Thumbnails)\b.*?</\1>", b"", xmp, flags=re.DOTALL)


def _iptc(image: Image.Image) -> bytes:
    resources = image.info.get("photoshop")
    if isinstance(resources, dict) and isinstance(found := resources.get(_IPTC_RESOURCE), bytes):
        return found
    if text := getattr(image, "text", {}).get(_RAW_IPTC):
        try:  # Its name, its length, and itself in hexadecimal.
            return bytes.fromhex("".join(str(text).split()[2:]))
        except ValueError:
            return b""
    return bytes(_tag(image, _IPTC_TAG) or b"")


def _tag(image: Image.Image, tag: int) -> bytes | None:
    """Read the bytes of a TIFF's tag."""
    value = getattr(image, "tag_v2", {}).get(tag)
    return value if isinstance(value, bytes) else None


def adapt_exif(block: bytes, width: int, height: int) -> bytes:
    """Reset the orientation, remove the thumbnail, which shows the source, and set the size.

    Parameters
    ----------
    block
        EXIF, with or without its prefix.
    width, height
        Size of the painting, in pixels.

    Returns
    -------
    bytes
        EXIF without its prefix; empty where the block is damaged.
    """
    data = bytearray(block.removeprefix(PREFIX))
    try:
        order = {b"II": "<", b"MM": ">"}[bytes(data[:2])]
        first = struct.unpack_from(f"{order}I", data, 4)[0]
        following = _patch(data, order, first, {_ORIENTATION: 1})
        for tag, place in _entries(data, order, first):
            if tag == _EXIF_IFD:
                inner = struct.unpack_from(f"{order}I", data, place + 8)[0]
                _patch(data, order, inner, {_WIDTH: width, _HEIGHT: height})
        if second := struct.unpack_from(f"{order}I", data, following)[0]:
            struct.pack_into(f"{order}I", data, following, 0)
            _blank_thumbnail(data, order, second)
    except (KeyError, struct.error):
        return b""
    return bytes(data)


def _entries(data: bytearray, order: str, start: int) -> Iterator[tuple[int, int]]:
    """Iterate over the tag and the offset of each entry of a directory."""
    for index in range(struct.unpack_from(f"{order}H", data, start)[0]):
        place = start + 2 + 12 * index
        yield struct.unpack_from(f"{order}H", data, place)[0], place


def _patch(data: bytearray, order: str, start: int, values: dict[int, int]) -> int:
    """Set numbers that exist, and return the offset of the pointer to the next directory."""
    end = start + 2
    for tag, place in _entries(data, order, start):
        kind, count = struct.unpack_from(f"{order}HI", data, place + 2)
        if tag in values and count == 1 and kind in {_SHORT, _LONG}:
            value = values[tag] if kind == _LONG else min(values[tag], 0xFFFF)
            struct.pack_into(f"{order}{'I' if kind == _LONG else 'H'}", data, place + 8, value)
        end = place + 12
    return end


def _blank_thumbnail(data: bytearray, order: str, start: int) -> None:
    found = {
        tag: struct.unpack_from(f"{order}I", data, place + 8)[0]
        for tag, place in _entries(data, order, start)
    }
    begin = found.get(_THUMBNAIL, 0)
    length = min(found.get(_THUMBNAIL_LENGTH, 0), len(data) - begin)
    if begin and length > 0:
        if begin + length == len(data):
            del data[begin:]
        else:
            data[begin : begin + length] = bytes(length)
