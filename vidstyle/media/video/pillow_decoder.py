"""Animated GIF, WebP and PNG, read with Pillow, which knows how their pictures lie on each other."""

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vidstyle.errors import ProbeError, quoted
from vidstyle.media.photo.open import decode_errors, open_image
from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.video import Decoder, Video

FORMATS = frozenset({"GIF", "WEBP", "PNG"})
_SRGB = ColorTags("smpte170m", "bt709", "iec61966-2-1", "tv")
# What browsers make of pictures that name no time, or next to none.
_SHORTEST_MS, _DEFAULT_MS = 11, 100
_HARMLESS_PIXELS = 1 << 28
"""Decoded in a few seconds, whatever they are."""
_PIXELS_A_BYTE = 50_000
"""A full screen that stands still has some 5,000 in a GIF: its first picture takes most of the bytes."""


def is_animation(image: Image.Image) -> bool:
    """Whether an open picture moves. A JPEG with further pictures behind it (MPO, as phones write) is one photo."""
    return getattr(image, "is_animated", False) and image.format in FORMATS


def probe_animation(path: Path) -> Video:
    """Look into an animated picture: all its pictures are decoded once.

    Raises
    ------
    ProbeError
        It is none.
    DecodeError
        It is damaged or cut short.
    """
    with open_image(path) as image, decode_errors(path):
        if not is_animation(image):
            raise ProbeError(f"{quoted(path)} is no animated picture; give a film.")
        durations, alpha = [], False
        count = getattr(image, "n_frames", 1)
        _check_size(path, image.size, count)
        for index in range(count):
            image.seek(index)
            image.load()
            durations.append(_delay(image))
            alpha = alpha or _has_holes(image)
        (width, height), plays = image.size, _plays(image)
    starts = [sum(durations[:index], Fraction(0)) for index in range(len(durations))]
    variable = len(set(durations)) > 1
    total = sum(durations, Fraction(0))
    return Video(
        path=path,
        width=width,
        height=height,
        pixel_aspect=Fraction(1),
        rotation=0,
        rate=len(durations) / total,
        timestamps=tuple(starts),
        offset=Fraction(0),
        variable=variable,
        color=_SRGB,
        last=durations[-1] if variable else None,
        source=Decoder.ANIMATION,
        alpha=alpha,
        plays=plays,
    )


def _check_size(path: Path, size: tuple[int, int], count: int) -> None:
    """Refuse what a few bytes blow up: each picture of an animation is as large as all of it, whatever it changes."""
    width, height = size
    pixels, stored = width * height * count, path.stat().st_size
    if pixels > _HARMLESS_PIXELS and pixels > _PIXELS_A_BYTE * stored:
        raise ProbeError(
            f"{quoted(path)} is too large to decode safely: {count} pictures of {width} x {height} pixels in {stored} bytes; "
            "scale it down first."
        )


class PillowDecoder:
    """Reads an animated picture."""

    def __init__(self, video: Video) -> None:
        self._video = video
        self._place = -1
        self._stack = ExitStack()
        self._image = self._stack.enter_context(open_image(video.path))

    def grab(self) -> bool:
        """Go to the next picture."""
        self._place += 1
        try:
            self._image.seek(self._place)
            self._image.load()
        except (OSError, ValueError, SyntaxError, EOFError):
            return False
        return True

    def retrieve(self) -> NDArray[np.float32]:
        """Give the picture [h, w, 3 or 4]."""
        mode = "RGBA" if self._video.alpha else "RGB"
        return np.asarray(self._image.convert(mode), np.float32) / np.float32(255)

    def release(self) -> None:
        """Close the file."""
        self._stack.close()


def _delay(image: Image.Image) -> Fraction:
    """Find how long a picture is shown, in seconds."""
    milliseconds = Fraction(image.info.get("duration") or 0).limit_denominator(1000)
    return (milliseconds if milliseconds >= _SHORTEST_MS else Fraction(_DEFAULT_MS)) / 1000


def _plays(image: Image.Image) -> int:
    """Count how often it is shown; 0 is without end."""
    said = image.info.get("loop")
    if image.format != "GIF":
        return int(said or 0)
    # A GIF says how often it is shown again; others count to 65535.
    return 1 if said is None else min(int(said) + 1, 65535) if said else 0


def _has_holes(image: Image.Image) -> bool:
    if not image.has_transparency_data:
        return False
    low, _ = image.convert("RGBA").getchannel("A").getextrema()
    return isinstance(low, int) and low < 255
