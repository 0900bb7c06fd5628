"""Where OpenCV would lose something, PyAV reads: more than 8 bits, transparency, high dynamic range, two fields a picture, damage."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Any, Protocol

import av
import av.error
import av.filter
import numpy as np
from av.codec import CodecContext
from av.video import VideoFrame, VideoStream
from numpy.typing import NDArray

from vidstyle.errors import DecodeError, quoted, reason
from vidstyle.imaging.tone_mapping import tone_mapped
from vidstyle.media.video.damage import scan
from vidstyle.media.video.video import Video

# FFmpeg's own decoders pass over the transparency of VP8 and VP9, which is a picture of its own beside the other.
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


class Capture(Protocol):
    """Gives pictures one after the other; OpenCV's manner."""

    def grab(self) -> bool:
        """Go to the next picture; False where there is none."""

    def retrieve(self) -> NDArray[np.float32] | None:
        """Give the picture [h, w, 3 or 4] as stored, RGB or straight RGBA in [0, 1]; None where it does not decode."""

    def release(self) -> None:
        """Close the file."""


def has_alpha(frame: VideoFrame, stream: VideoStream) -> bool:
    """Whether a film's pictures have transparency, by the first of them."""
    hidden = stream.metadata.get("alpha_mode") == "1" and stream.codec_context.name in _WITH_ALPHA
    return hidden or any(component.is_alpha for component in frame.format.components)


class PyAVDecoder:
    """Reads a film with PyAV.

    Parameters
    ----------
    video
        The film.
    options
        Of FFmpeg's demuxer: what it may open.

    Raises
    ------
    DecodeError
        The film cannot be opened.
    """

    def __init__(self, video: Video, options: dict[str, str]) -> None:
        self._video = video
        self._stack = ExitStack()
        self._current: VideoFrame | None = None
        try:
            self._container = self._stack.enter_context(
                av.open(str(video.path.absolute()), options=options, metadata_errors="replace")
            )
        except (av.error.FFmpegError, OSError, ValueError) as exc:
            raise DecodeError(
                f"{quoted(video.path)} cannot be opened for decoding: {reason(exc)}; convert it to H.264 first."
            ) from exc
        stream = self._container.streams[video.index]
        assert isinstance(stream, VideoStream)  # noqa: S101 - the file is the one that was probed.
        self._stream = stream
        decoded = self._decoded()
        self._frames = self._one_of_two(decoded) if video.interlaced else decoded

    def grab(self) -> bool:
        """Go to the next picture."""
        try:
            self._current = next(self._frames, None)
        except (av.error.FFmpegError, ValueError):
            self._current = None
        return self._current is not None

    def retrieve(self) -> NDArray[np.float32]:
        """Give the picture [h, w, 3 or 4]."""
        assert self._current is not None  # noqa: S101 - `grab` went before.
        kind = "rgba64le" if self._video.alpha else "rgb48le"
        image = self._current.to_ndarray(format=kind).astype(np.float32) / np.float32(65535)
        return tone_mapped(image, self._video.hdr) if self._video.hdr else image

    def release(self) -> None:
        """Close the file."""
        self._stack.close()

    def _decoded(self) -> Iterator[VideoFrame]:
        if self._video.damage:
            # OpenCV stops at the first bad packet, and does not say which picture is the next.
            yield from scan(self._video.path, self._video.index)
            return
        decoder: Any = self._stream.codec_context
        if self._video.alpha and decoder.name in _WITH_ALPHA:
            decoder = CodecContext.create(_WITH_ALPHA[decoder.name], "r")
        else:
            decoder.thread_type = "AUTO"
        for packet in self._container.demux(self._stream):
            yield from decoder.decode(packet)

    def _one_of_two(self, frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
        """Deinterlace: one picture for each, with the lines of its second field made anew (bwdif)."""
        graph = av.filter.Graph()
        source = graph.add_buffer(template=self._stream)
        fields = graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
        sink = graph.add("buffersink")
        source.link_to(fields)
        fields.link_to(sink)
        graph.configure()
        for frame in chain(frames, [None]):
            graph.push(frame)
            while True:
                try:
                    made = graph.pull()
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
                if isinstance(made, VideoFrame):
                    yield made
