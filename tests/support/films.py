"""Film as the probe would describe it."""

from fractions import Fraction
from pathlib import Path

from vidstyle.media.video.color_tags import ColorTags
from vidstyle.media.video.video import Video

FILM = Video(
    path=Path("in.mkv"),
    width=64,
    height=48,
    pixel_aspect=Fraction(1),
    rotation=0,
    rate=Fraction(25),
    timestamps=(Fraction(0), Fraction(1, 25)),
    offset=Fraction(0),
    variable=False,
    color=ColorTags("bt709", "bt709", "bt709", "tv"),
)
