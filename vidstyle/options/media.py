"""Options of the frames that are read and written: frame rate, background, codec, quality, bit depth."""

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from vidstyle.errors import UsageError

DEPTHS = (8, 10, 16)
"""Bit depths of a result, per channel."""
COLOURS = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "gray": (128, 128, 128),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
}
"""Named colours, sRGB."""
# Common decimal abbreviations of NTSC frame rates.
_NTSC = {"23.976": "24000/1001", "23.98": "24000/1001", "29.97": "30000/1001", "59.94": "60000/1001"}


@dataclass(frozen=True)
class Rate:
    """Frame rate, exact, in frames per second."""

    value: Fraction

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read `24`, `12.5`, `30000/1001`, or `29.97`, which means the same."""
        try:
            value = Fraction(_NTSC.get(text, text))
        except (ValueError, ZeroDivisionError):
            value = Fraction(0)
        if not 0 < value <= 1000:
            raise UsageError(f"invalid rate {text!r}: give frames per second, such as 24 or 30000/1001.")
        return cls(value)

    def __str__(self) -> str:
        return str(self.value)


class ColorMatrix(StrEnum):
    """Colour matrix of a film that is not tagged with one."""

    AUTO = "auto"
    """BT.709 from 720 lines or 1280 columns on, as players take it, otherwise BT.601."""
    BT601 = "bt601"
    BT709 = "bt709"
    BT2020 = "bt2020"


@dataclass(frozen=True)
class PictureOptions:
    """Options of the frame rate, of colours without tags, of image sequences, and of transparency."""

    fps: Rate | None = None
    """Frames per second of the result, such as `25` or `30000/1001`: frames are duplicated or dropped. By
    default the timing of the source is kept, also a varying one."""
    color_matrix: ColorMatrix = ColorMatrix.AUTO
    """Colour matrix of a film that is not tagged with one: `bt601`, `bt709` or `bt2020`. `auto` is BT.709
    from 720 lines or 1280 columns on, as players take it, otherwise BT.601. The result is tagged with it."""
    background: str = "white"
    """Background of transparent images where the result cannot be transparent: a name such as white or black,
    or `#ff8000`."""
    sequence: bool = False
    """Read a folder as the frames of one film, in the order of their numbers, not as an album."""
    sequence_fps: Rate = field(default_factory=lambda: Rate(Fraction(24)))
    """Frames per second of an image sequence: a folder with `--sequence`, `frames/%04d.png`, or a quoted
    pattern such as `'frames/*.png'`."""

    def __post_init__(self) -> None:
        if self.background not in COLOURS and not re.fullmatch(r"#[0-9a-fA-F]{6}", self.background):
            raise UsageError(
                f"invalid --background {self.background!r}: give {', '.join(COLOURS)}, or #ff8000."
            )

    @property
    def background_rgb(self) -> tuple[int, int, int]:
        """Background of transparent images, sRGB, 0 to 255."""
        if self.background in COLOURS:
            return COLOURS[self.background]
        red, green, blue = bytes.fromhex(self.background[1:])
        return red, green, blue


@dataclass(frozen=True)
class EncodeOptions:
    """Options of the encoding of a film."""

    codec: str | None = None
    """Video codec: h264, h265, vp9, av1, prores, ffv1, or the name of one of ffmpeg's encoders, which is the
    only way to use hardware (`h264_nvenc`). By default H.264 in .mp4, .mov and .mkv, VP9 in .webm."""
    crf: float | None = None
    """Quality on the codec's own scale: lower is better, and a larger file. By default without a visible
    loss."""
    encoder_option: tuple[str, ...] = ()
    """Option of ffmpeg's encoder, such as `preset=slow`; repeat it for several."""
    bit_depth: int = 8
    """Bits per channel of the result: 8, 10, or 16 for FFV1, .apng and PNG. 10 makes H.265 the default codec,
    since hardly any device plays H.264 with 10 bits."""
    omit_audio: bool = False
    """Omit the audio of a film."""

    def __post_init__(self) -> None:
        if self.codec is not None and not re.fullmatch(r"[a-z0-9_-]+", self.codec):
            raise UsageError(
                f"invalid --codec {self.codec!r}: give h264, h265, vp9, av1, prores, ffv1, "
                "or an encoder of ffmpeg."
            )
        if self.crf is not None and not (math.isfinite(self.crf) and 0 <= self.crf <= 63):
            raise UsageError(f"--crf {self.crf:g} is out of range; give 0 to 63, such as 18.")
        for option in self.encoder_option:
            if not re.fullmatch(r"[A-Za-z0-9_-]+=.*", option, re.DOTALL):
                raise UsageError(f"invalid --encoder-option {option!r}: write it as preset=slow.")
        if self.bit_depth not in DEPTHS:
            raise UsageError(f"invalid --bit-depth {self.bit_depth}: give 8, 10 or 16.")

    @property
    def encoder_options(self) -> dict[str, str]:
        """Options of the encoder by name; of one that is given twice, the last value."""
        return dict(option.split("=", 1) for option in self.encoder_option)
