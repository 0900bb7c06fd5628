"""Opens still pictures of every kind, or says by name why not."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from vidstyle.errors import DecodeError, ProbeError, quoted, reason
from vidstyle.media.files import check_readable

ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_HDR = {16: "PQ", 18: "HLG"}
# Pillow opens more, and has another program draw some of it (PostScript).
PICTURES = {
    "AVIF",
    "BMP",
    "DIB",
    "GIF",
    "HEIF",
    "ICO",
    "JPEG",
    "JPEG2000",
    "MPO",
    "PNG",
    "PPM",
    "QOI",
    "TGA",
    "TIFF",
    "WEBP",
}


class NoPictureError(ProbeError):
    """A file is no picture at all; it may be a film."""


@contextmanager
def open_image(path: Path) -> Iterator[Image.Image]:
    """Open a picture, without decoding it.

    Raises
    ------
    ProbeError
        It is no picture, or one too large to decode safely.
    """
    check_readable(path)
    try:
        with warnings.catch_warnings():
            # Below Pillow's hard limit a large photo is none of its concern.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            with path.open("rb") as file:
                if file.read(8)[4:] == b"ftyp":
                    register_heif()
            Image.init()
            image = Image.open(path, formats=sorted(PICTURES & Image.OPEN.keys()))
    except Image.DecompressionBombError as exc:
        raise ProbeError(f"{quoted(path)} is too large to decode safely; scale it down first.") from exc
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as exc:
        raise NoPictureError(
            f"{quoted(path)} is no picture that can be read; give a file such as .jpg or .png."
        ) from exc
    with image:
        colours = image.info.get("nclx_profile") or {}
        if (transfer := colours.get("transfer_characteristics")) in _HDR:
            raise ProbeError(
                f"{quoted(path)} is HDR ({_HDR[transfer]}), which would come out dull; convert it to SDR first."
            )
        yield image


@contextmanager
def whole(path: Path) -> Iterator[None]:
    """Name what comes up while a picture is decoded.

    Raises
    ------
    DecodeError
        It is damaged or cut short.
    ProbeError
        One of its pictures is too large to decode safely.
    """
    try:
        with warnings.catch_warnings():
            # What Pillow merely warns of is either harmless or an error a line later.
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
            f"{quoted(path)} is damaged or cut short: {reason(exc)}; replace it by a whole copy."
        ) from exc


def orientation(image: Image.Image) -> int:
    """How a picture is to be turned, 1 to 8, as EXIF counts; 1 where it does not say, or says nonsense."""
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except (OSError, ValueError, SyntaxError, struct.error):  # Damaged notes are no damaged picture.
        return 1
    return found if found in range(1, 9) else 1


def photo_size(path: Path) -> tuple[int, int]:
    """Find the (width, height) of a picture, upright, without decoding it.

    Raises
    ------
    ProbeError
        It is no picture, or one too large to decode safely.
    DecodeError
        It is damaged or cut short.
    """
    # Of a PNG, whatever stands behind the pixels is read only with them.
    with open_image(path) as image, whole(path):
        width, height = image.size
        if image.format == "TIFF":
            # Pillow has turned the size of a TIFF already, unlike that of any other picture.
            width, height = image.tag_v2[256], image.tag_v2[257]  # type: ignore[attr-defined]
        return (height, width) if orientation(image) in _SIDEWAYS else (width, height)


def bit_depth(image: Image.Image) -> int:
    """Bits of a channel as they are stored, 8 or 16: Pillow itself cuts most pictures of 16 bits to 8."""
    if image.mode.startswith("I"):
        return 16
    # The name of the stored layout ends in 16 bits: RGB;16B, RGBA;16N. It comes alone or with other arguments.
    tiles: list[tuple[object, ...]] = list(getattr(image, "tile", ()))
    layout = tiles[0][-1] if tiles else ""
    name = layout[0] if isinstance(layout, tuple) and layout else layout
    return 16 if isinstance(name, str) and ";16" in name else 8


@lru_cache(maxsize=1)
def register_heif() -> None:
    """Teach Pillow HEIC, whose decoder is loaded only for who has such photos."""
    from pillow_heif import register_heif_opener  # noqa: PLC0415

    register_heif_opener(thumbnails=False)
