"""Options of what is written: codec, quality, depth. Kept apart from `options`, of which they are a group."""

import math
import re
from dataclasses import dataclass

from vidstyle.errors import UsageError

DEPTHS = (8, 10, 16)


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
