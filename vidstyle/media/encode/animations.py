"""Films as pictures: animated GIF, WebP and PNG, and folders of PNG."""

import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from vidstyle.errors import InputError, quoted
from vidstyle.media.encode.containers import CONTAINERS, Pictures
from vidstyle.media.encode.ffmpeg import run
from vidstyle.media.encode.filters import end_of
from vidstyle.media.photo.open import photo_size
from vidstyle.media.video.probe import Kind, kind_of, probe_video
from vidstyle.media.video.video import Video

NAMES = "%06d.png"
# Browsers take a shorter delay for none, and show such pictures ten a second.
_SHORTEST_GIF_S = Fraction(1, 50)
_LONGEST_GIF_S = Fraction(65535, 100)
_GIF_TICK_S = Fraction(1, 100)


def check_delays(video: Video, ending: str) -> None:
    """Refuse what GIF cannot show.

    Raises
    ------
    InputError
        There are more than 50 pictures a second, or one stays for more than eleven minutes.
    """
    if ending != ".gif":
        return
    times = video.timestamps
    stays = [b - a for a, b in itertools.pairwise([*times, video.duration])]
    if max(stays) > _LONGEST_GIF_S:
        raise InputError(
            f"{quoted(video.path)} has a picture that stays for {float(max(stays)):.0f} s, and 655 is all that GIF can show; "
            "write to .mp4."
        )
    shortest = min(stays[:-1], default=Fraction(1))
    if (shortest if video.variable else 1 / video.rate) < _SHORTEST_GIF_S - Fraction(1, 1000):
        raise InputError(
            f"{quoted(video.path)} has more pictures a second than the 50 that GIF can show; add --fps 25, or write to .webp."
        )


def make_palette(
    picture: Any, path: Path, *, transparent: bool, should_stop: Callable[[], bool] = lambda: False
) -> None:
    """Find the 256 colours of a GIF, by looking through all of its pictures first."""
    colours = picture.filter("palettegen", stats_mode="full", reserve_transparent=int(transparent))
    run(
        ffmpeg.output(colours, str(path), update=1), what="find the colours of a GIF", should_stop=should_stop
    )


def image_options(video: Video, stop: int, ending: str) -> dict[str, Any]:
    """Options of ffmpeg that say how long the last picture stays, and how often all are shown."""
    stays = end_of(video, stop) - video.timestamps[stop - 1]
    if ending == ".gif":
        again = video.plays - 1 if video.plays > 1 else -video.plays  # -1 is never again, 0 without end.
        return {"final_delay": round(stays / _GIF_TICK_S), "loop": again}
    if ending == ".webp":
        return {"loop": video.plays}
    if ending == ".apng":
        short = stays.limit_denominator(1000)
        return {"final_delay": f"{short.numerator}/{short.denominator}", "plays": video.plays}
    return {"start_number": 1} if not ending else {}


def verify(made: Path, size: tuple[int, int], moments: list[Fraction], ending: str) -> list[str]:
    """Reopen what was made, and say what is wrong with it.

    Parameters
    ----------
    made
        File or folder.
    size
        Width and height that it should have.
    moments
        When each picture should be shown, and then the end of the last, in seconds from the first.
    ending
        Of the output.

    Raises
    ------
    InputError
        It cannot be read.
    """
    frames = len(moments) - 1
    if CONTAINERS[ending].pictures is Pictures.FOLDER:
        files = sorted(made.glob("*.png"))
        count = len(files)
        sizes = {photo_size(file) for file in (files[0], files[-1])} if files else set()
        shown: list[Fraction] = []
        variable = False
    elif kind_of(made) is Kind.PHOTO:
        # All of its pictures were equal.
        count, sizes, shown, variable = 1, {photo_size(made)}, [], False
    else:
        film = probe_video(made)
        count, sizes, variable = film.frames, {(film.width, film.height)}, True
        shown = [*film.timestamps, film.duration]
    found = []
    # WebP shows equal pictures once, for longer.
    if count != frames and not (ending == ".webp" and 0 < count < frames):
        found.append(f"{count} frames instead of {frames}")
    if sizes != {size}:
        found.append(" and ".join("{} x {} pixels".format(*each) for each in sizes))
    if variable and any(min(abs(is_at - due) for due in moments) > _GIF_TICK_S for is_at in shown):
        found.append("wrong times")
    return found
