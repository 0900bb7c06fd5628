"""Header of a video, read without its frames: enough for an estimate, but not verified."""

from dataclasses import dataclass
from pathlib import Path

import av
import av.error

from vidstyle.errors import InputError
from vidstyle.media.files import WHITELISTS
from vidstyle.media.isolation import isolated
from vidstyle.media.video.mp4_index import check_sample_count

_LIVE_PHOTO_S = 4.0
"""Longest video of a Live Photo: a phone records about three seconds around a photo."""
_LIVE_PHOTO_TAG = "com.apple.quicktime.content.identifier"


@dataclass(frozen=True)
class Header:
    """Size and length of a video by its header; 0 where that has none."""

    width: int = 0
    height: int = 0
    seconds: float = 0.0
    frames: int = 0
    tags: tuple[str, ...] = ()


def read_header(path: Path) -> Header:
    """Read a video's header; an empty one where the file cannot be read."""
    try:
        return open_header(path)
    except (InputError, av.error.FFmpegError, OSError, ValueError):
        return Header()


@isolated
def open_header(path: Path) -> Header:
    """Open a video, and read its header.

    Raises
    ------
    ProbeError
        It claims more than it holds.
    FFmpegError, OSError, ValueError
        It cannot be opened.
    """
    check_sample_count(path)
    with av.open(str(path.absolute()), options=WHITELISTS, metadata_errors="replace") as container:
        stream = next(iter(container.streams.video), None)
        if stream is None or stream.codec_context is None:
            return Header()
        seconds = container.duration / 1e6 if container.duration else 0.0
        rate = float(stream.average_rate or 0)
        frames = stream.frames or round(seconds * rate)
        width, height = stream.codec_context.width, stream.codec_context.height
        return Header(width, height, seconds, frames, tuple(container.metadata))


def is_live_photo_video(path: Path) -> bool:
    """Tell whether a video next to a photo of the same name belongs to it as its Live Photo.

    Phones tag it. A .mov that has lost the tag, for instance in an editor, is recognised by its length.
    """
    header = read_header(path)
    is_short = path.suffix.lower() == ".mov" and 0 < header.seconds <= _LIVE_PHOTO_S
    return _LIVE_PHOTO_TAG in header.tags or is_short
