"""Options of what is read and written: rate, background, codec, quality, depth; two groups of `options`."""

import math
import re
from dataclasses import dataclass, field
from fractions import Fraction

from vidstyle.errors import UsageError

DEPTHS = (8, 10, 16)
COLOURS = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "gray": (128, 128, 128),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
}
# What people write for rates that are no whole numbers.
_NTSC = {"23.976": "24000/1001", "23.98": "24000/1001", "29.97": "30000/1001", "59.94": "60000/1001"}


@dataclass(frozen=True)
class Rate:
    """Pictures a second, exact."""

    value: Fraction

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read `24`, `12.5`, `30000/1001`, or `29.97`, which means the same."""
        try:
            value = Fraction(_NTSC.get(text, text))
        except (ValueError, ZeroDivisionError):
            value = Fraction(0)
        if not 0 < value <= 1000:
            raise UsageError(f"{text!r} is no rate; give pictures a second, such as 24 or 30000/1001.")
        return cls(value)

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True)
class PictureOptions:
    """How a film's pictures are taken."""

    fps: Rate | None = None
    """Pictures a second of the result, as `25` or `30000/1001`: pictures are shown again or passed over. By default each
    picture is painted once and shown when it is in the source."""
    background: str = "white"
    """Colour below transparent pictures where the result cannot be transparent: a name such as white or black, or
    `#ff8000`."""
    sequence: bool = False
    """Take a folder as the pictures of one film, in the order of their numbers, not as an album."""
    sequence_fps: Rate = field(default_factory=lambda: Rate(Fraction(24)))
    """Pictures a second of a sequence: of a folder with `--sequence`, or of `frames/%04d.png`."""

    def __post_init__(self) -> None:
        if self.background not in COLOURS and not re.fullmatch(r"#[0-9a-fA-F]{6}", self.background):
            raise UsageError(
                f"--background {self.background!r} is no colour; give {', '.join(COLOURS)}, or #ff8000."
            )

    @property
    def background_rgb(self) -> tuple[int, int, int]:
        """Colour below transparent pictures, sRGB."""
        if self.background in COLOURS:
            return COLOURS[self.background]
        red, green, blue = bytes.fromhex(self.background[1:])
        return red, green, blue


@dataclass(frozen=True)
class EncodeOptions:
    """How a film is written."""

    codec: str | None = None
    """Codec of the pictures: h264, h265, vp9, av1, prores, ffv1, or an encoder of ffmpeg by its own name, which is the
    only way to one in hardware (`h264_nvenc`). By default the container's own: H.264 in .mp4, .mov and .mkv, VP9 in
    .webm."""
    crf: float | None = None
    """Quality of the codec on its own scale, where less is better and larger; by default one that shows no loss."""
    encoder_option: tuple[str, ...] = ()
    """Hand an option to ffmpeg's encoder, as `preset=slow`; may be given again."""
    bit_depth: int = 8
    """Bits a colour is written with: 8, 10, or 16 for FFV1 and PNG. 10 makes H.265 the default codec, since hardly a
    device plays H.264 of 10 bits."""

    def __post_init__(self) -> None:
        if self.codec is not None and not re.fullmatch(r"[a-z0-9_-]+", self.codec):
            raise UsageError(
                f"--codec {self.codec!r} is no codec; give h264, h265, vp9, av1, prores or ffv1."
            )
        if self.crf is not None and not (math.isfinite(self.crf) and 0 <= self.crf <= 63):
            raise UsageError(f"--crf {self.crf:g} is out of range; give 0 to 63, such as 18.")
        for option in self.encoder_option:
            if not re.fullmatch(r"[A-Za-z0-9_-]+=.*", option, re.DOTALL):
                raise UsageError(
                    f"--encoder-option {option!r} is no option with its value; write it as preset=slow."
                )
        if self.bit_depth not in DEPTHS:
            raise UsageError(f"--bit-depth {self.bit_depth} is not to be had; give 8, 10 or 16.")

    @property
    def encoder_options(self) -> dict[str, str]:
        """The encoder's options by name; of one that was given twice, the last."""
        return dict(option.split("=", 1) for option in self.encoder_option)
