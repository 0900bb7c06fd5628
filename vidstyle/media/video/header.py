"""What a film's header says of it, without a look at its frames: enough to guess, not to rely on."""

from dataclasses import dataclass
from pathlib import Path

import av
import av.error

from vidstyle.errors import ProbeError
from vidstyle.media.video.mp4_index import check_sample_count
from vidstyle.media.video.probe import WHITELISTS

_MOMENT_S = 4.0
"""A phone records about three seconds around a photo."""
_APPLE = "com.apple.quicktime.content.identifier"


@dataclass(frozen=True)
class Header:
    """A film at a glance; 0 where its header does not say."""

    width: int = 0
    height: int = 0
    seconds: float = 0.0
    frames: int = 0
    tags: tuple[str, ...] = ()


def read_header(path: Path) -> Header:
    """Look at a film's header; what cannot be read says nothing."""
    try:
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
    except (ProbeError, av.error.FFmpegError, OSError, ValueError):
        return Header()


def is_live_photo_video(path: Path) -> bool:
    """Whether a film beside a photo of its name is the photo's own moment (Live Photo), not a film of its own.

    Phones mark it. A .mov that has lost its mark, as by an editor, is known by its length.
    """
    film = read_header(path)
    return _APPLE in film.tags or (path.suffix.lower() == ".mov" and 0 < film.seconds <= _MOMENT_S)
