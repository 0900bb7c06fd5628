"""Animated GIF, WebP and PNG: palettes, delays and loops."""

import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from vidstyle.errors import InputError, quoted
from vidstyle.media.encode.ffmpeg import run
from vidstyle.media.encode.segment import Segment
from vidstyle.media.video.video import Video

GIF_TICK_S = Fraction(1, 100)
# Browsers take a shorter delay for none, and show such frames at 10 per second.
_MIN_GIF_DELAY_S = Fraction(1, 50)
_MAX_GIF_DELAY_S = Fraction(65535, 100)


def check_gif_delays(video: Video) -> None:
    """Refuse a film whose frame times GIF cannot represent.

    Raises
    ------
    InputError
        There are more than 50 frames per second, or one is shown for more than eleven minutes.
    """
    delays = [b - a for a, b in itertools.pairwise([*video.timestamps, video.duration])]
    if max(delays) > _MAX_GIF_DELAY_S:
        raise InputError(
            f"{quoted(video.path)} has a frame that lasts {float(max(delays)):.0f} s, and GIF allows at most "
            "655 s; write to .mp4."
        )
    shortest = min(delays[:-1], default=Fraction(1))
    if (shortest if video.variable else 1 / video.rate) < _MIN_GIF_DELAY_S - Fraction(1, 1000):
        raise InputError(
            f"{quoted(video.path)} has more than 50 frames per second, which GIF does not allow; "
            "add --fps 25, or write to .webp."
        )


def make_palette(
    frames: Any, path: Path, *, transparent: bool, should_stop: Callable[[], bool] = lambda: False
) -> None:
    """Compute the 256 colours of a GIF from all of its frames."""
    palette = frames.filter("palettegen", stats_mode="full", reserve_transparent=int(transparent))
    run(
        ffmpeg.output(palette, str(path), update=1),
        what="compute the palette of a GIF",
        should_stop=should_stop,
    )


def gif_options(segment: Segment) -> dict[str, object]:
    """List the options for the last delay and the number of loops."""
    plays = segment.video.plays
    repeats = plays - 1 if plays > 1 else -plays  # -1 is no repeat, 0 is endless.
    return {"final_delay": round(segment.last_duration / GIF_TICK_S), "loop": repeats}


def webp_options(segment: Segment) -> dict[str, object]:
    """List the option for the number of loops; `container_fixes.fix_webp_duration` sets the last delay."""
    return {"loop": segment.video.plays}


def apng_options(segment: Segment) -> dict[str, object]:
    """List the options for the last delay and the number of loops."""
    delay = segment.last_duration.limit_denominator(1000)
    return {"final_delay": f"{delay.numerator}/{delay.denominator}", "plays": segment.video.plays}
