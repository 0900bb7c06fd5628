"""Pillow decoder of animations: GIF, WebP and PNG, with the disposal of their frames.

Pillow is asked directly: imageio v3 reads delays, loops and disposal through it, but cannot restrict the
formats that are opened, of which PostScript runs another program.
"""

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image as PILImage

from vidstyle.errors import ProbeError, quoted
from vidstyle.media.photo.open import decode_errors, open_image
from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.video import Decoder, Video

if TYPE_CHECKING:  # Slow to import, and not needed to probe.
    from vidstyle.imaging.types import Image

ANIMATION_FORMATS = frozenset({"GIF", "WEBP", "PNG"})
_SRGB = ColorTags("smpte170m", "bt709", "iec61966-2-1", "tv")
_SHORTEST_MS, _DEFAULT_MS = 11, 100
"""Delays below the first, or missing, are shown as the second, as browsers do."""
_HARMLESS_PIXELS = 1 << 28
"""Total that decodes in a few seconds, whatever the images are."""
_PIXELS_PER_BYTE = 50_000
"""Upper bound: a still full screen has some 5,000 in a GIF, as its first frame takes most of the bytes."""


def is_animation(image: PILImage.Image) -> bool:
    """Tell whether an open image is an animation; a JPEG followed by others (MPO, of phones) is one photo."""
    return getattr(image, "is_animated", False) and image.format in ANIMATION_FORMATS


def probe_animation(path: Path) -> Video:
    """Describe an animation; all its frames are decoded once.

    Raises
    ------
    ProbeError
        It is not an animation.
    DecodeError
        It is damaged or cut short.
    """
    with open_image(path) as image, decode_errors(path):
        if not is_animation(image):
            raise ProbeError(f"{quoted(path)} is not an animation; give a video.")
        durations, alpha = [], False
        count = getattr(image, "n_frames", 1)
        _check_size(path, image.size, count)
        for index in range(count):
            image.seek(index)
            image.load()
            durations.append(_delay(image))
            alpha = alpha or _is_transparent(image)
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
        decoder=Decoder.PILLOW,
        alpha=alpha,
        plays=plays,
    )


def _check_size(path: Path, size: tuple[int, int], count: int) -> None:
    """Refuse a decompression bomb: each frame is as large as the whole, however little it changes."""
    width, height = size
    pixels, stored = width * height * count, path.stat().st_size
    if pixels > _HARMLESS_PIXELS and pixels > _PIXELS_PER_BYTE * stored:
        raise ProbeError(
            f"{quoted(path)} is too large to decode safely: {count} frames of {width} x {height} pixels in "
            f"{stored} bytes; scale it down first."
        )


class PillowDecoder:
    """Decoder of an animation, 8 bits per channel."""

    def __init__(self, video: Video) -> None:
        self._video = video
        self._index = -1
        self._stack = ExitStack()
        self._image = self._stack.enter_context(open_image(video.path))

    def grab(self) -> bool:
        """Advance to the next frame; return False at the end, or where the file cannot be decoded further."""
        self._index += 1
        try:
            self._image.seek(self._index)
            self._image.load()
        except (OSError, ValueError, SyntaxError, EOFError):
            return False
        return True

    def retrieve(self) -> "Image":
        """Convert the frame, [h, w, 3 or 4], RGB or RGBA in [0, 1]."""
        import numpy as np  # noqa: PLC0415

        mode = "RGBA" if self._video.alpha else "RGB"
        return np.asarray(self._image.convert(mode), np.float32) / np.float32(255)

    def release(self) -> None:
        """Close the file."""
        self._stack.close()


def _delay(image: PILImage.Image) -> Fraction:
    """Read how long a frame is shown, in seconds."""
    milliseconds = Fraction(image.info.get("duration") or 0).limit_denominator(1000)
    return (milliseconds if milliseconds >= _SHORTEST_MS else Fraction(_DEFAULT_MS)) / 1000


def _plays(image: PILImage.Image) -> int:
    """Read how many times an animation is shown; 0 is endless."""
    loop = image.info.get("loop")
    if image.format != "GIF":
        return int(loop or 0)
    # A GIF stores the repetitions after the first play; other formats count to 65535.
    return 1 if loop is None else min(int(loop) + 1, 65535) if loop else 0


def _is_transparent(image: PILImage.Image) -> bool:
    if not image.has_transparency_data:
        return False
    low, _ = image.convert("RGBA").getchannel("A").getextrema()
    return isinstance(low, int) and low < 255
