"""Metadata of a photo, corrected for its painting: EXIF, XMP, IPTC, comments, resolution."""

import re
import struct
from dataclasses import dataclass

from PIL import Image

from vidstyle.media.photo.exif_block import adapt_exif
from vidstyle.media.photo.xmp import correct_xmp

NOTE_KEY = "vidstyle"
"""Keyword of the text in a PNG with the command that made it."""
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
        xmp=correct_xmp(_xmp(image)),
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
