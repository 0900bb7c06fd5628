"""Still images: opening them safely, with errors that name the file."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path

from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from vidstyle.errors import DecodeError, ProbeError, quoted, reason
from vidstyle.media.files import check_readable
from vidstyle.media.isolation import isolated
from vidstyle.media.photo.raw_headers import is_raw
from vidstyle.media.photo.tiff_directories import SIGNATURES, Tiff

ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_HDR = {16: "PQ", 18: "HLG"}
# Pillow opens more formats, one of them with another program (PostScript).
_FORMATS = frozenset({
    "AVIF", "BMP", "DIB", "GIF", "HEIF", "ICO", "JPEG", "JPEG2000", "MPO", "PNG", "PPM", "QOI", "TGA", "TIFF",
    "WEBP",
})  # fmt: skip
NOTE = "vidstyle note"
"""Key, among an image's information, of the note of how it is read."""


class NoPictureError(ProbeError):
    """File that is not an image; it may be a film."""


@contextmanager
def open_image(path: Path) -> Iterator[Image.Image]:
    """Open an image, without decoding it.

    Raises
    ------
    ProbeError
        It is not an image, is HDR, or is too large to decode safely.
    """
    check_readable(path)
    with ExitStack() as stack:
        with _opening_errors(path):
            note = ""
            if is_raw(path):
                from vidstyle.media.photo.raw import open_raw  # noqa: PLC0415 - NumPy takes a tenth of a second.

                image, note = stack.enter_context(open_raw(path))
            else:
                image = stack.enter_context(_open_plain(path))
        if note:
            image.info[NOTE] = note
        tags = image.info.get("nclx_profile") or {}
        if (transfer := tags.get("transfer_characteristics")) in _HDR:
            raise ProbeError(
                f"{quoted(path)} is HDR ({_HDR[transfer]}), which is not supported; convert it to SDR first."
            )
        yield image


def _open_plain(path: Path) -> Image.Image:
    with path.open("rb") as file:
        if file.read(8)[4:] == b"ftyp":
            register_heif()
    Image.init()
    whole = full_size_bytes(path)
    # Pillow itself, not imageio: modes, profiles and EXIF are needed before anything is decoded.
    return Image.open(io.BytesIO(whole) if whole else path, formats=sorted(_FORMATS & Image.OPEN.keys()))


@contextmanager
def _opening_errors(path: Path) -> Iterator[None]:
    """Translate what Pillow raises when it opens a file."""
    try:
        with warnings.catch_warnings():
            # Large photos below Pillow's hard limit are fine.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            yield
    except Image.DecompressionBombError as exc:
        raise ProbeError(f"{quoted(path)} is too large to decode safely; scale it down first.") from exc
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as exc:
        raise NoPictureError(
            f"{quoted(path)} is not a readable image; give a file such as .jpg or .png."
        ) from exc


def full_size_bytes(path: Path) -> bytes | None:
    """Read a TIFF that begins with a thumbnail, with its full-size image in front; None for other files."""
    with path.open("rb") as file:
        if not file.read(4).startswith(SIGNATURES):
            return None
        tiff = Tiff(file)
        return tiff.beginning_with(path.read_bytes(), chosen) if (chosen := tiff.full_size()) else None


@contextmanager
def decode_errors(path: Path) -> Iterator[None]:
    """Translate whatever a decoder raises inside the block into errors that name the file.

    Raises
    ------
    DecodeError
        The image is damaged or cut short.
    ProbeError
        One of its images is too large to decode safely.
    """
    try:
        with warnings.catch_warnings():
            # Whatever Pillow merely warns of is harmless, or raises an error right after.
            warnings.simplefilter("ignore", UserWarning)
            yield
    except Image.DecompressionBombError as exc:
        raise ProbeError(f"{quoted(path)} is too large to decode safely; scale it down first.") from exc
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        struct.error,
        zlib.error,
        LookupError,
        TypeError,
        OverflowError,
    ) as exc:
        raise DecodeError(
            f"{quoted(path)} is damaged or cut short: {reason(exc)}; replace it with an intact copy."
        ) from exc


def orientation(image: Image.Image) -> int:
    """Read the orientation of an image as EXIF counts, 1 to 8; 1 where it is missing or invalid."""
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except (OSError, ValueError, SyntaxError, struct.error):  # Damaged EXIF does not harm the pixels.
        return 1
    return found if found in range(1, 9) else 1


@isolated
def photo_size(path: Path) -> tuple[int, int]:
    """Read the (width, height) of an image, upright, without decoding it.

    Raises
    ------
    ProbeError
        It is not an image, or too large to decode safely.
    DecodeError
        It is damaged or cut short.
    """
    # Chunks of a PNG after the pixels are read only with them.
    with open_image(path) as image, decode_errors(path):
        width, height = image.size
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            # Pillow has turned the size of a TIFF already, unlike that of any other format.
            width, height = image.tag_v2[256], image.tag_v2[257]
        return (height, width) if orientation(image) in _SIDEWAYS else (width, height)


def bit_depth(image: Image.Image) -> int:
    """Find the stored bits per channel, 8 or 16: Pillow itself reduces most images of 16 bits to 8."""
    if image.mode.startswith("I") or image.format == "RAW":  # Of `raw.DevelopedPhoto`.
        return 16
    # The name of the stored layout has the bits: RGB;16B, RGBA;16N. It is alone or among other arguments.
    tiles: list[tuple[object, ...]] = list(getattr(image, "tile", ()))
    layout = tiles[0][-1] if tiles else ""
    name = layout[0] if isinstance(layout, tuple) and layout else layout
    return 16 if isinstance(name, str) and ";16" in name else 8


@lru_cache(maxsize=1)
def register_heif() -> None:
    """Register HEIC with Pillow; its decoder is loaded only where there are such photos."""
    from pillow_heif import register_heif_opener  # noqa: PLC0415

    register_heif_opener(thumbnails=False)
