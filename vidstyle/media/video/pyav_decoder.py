"""PyAV decoder for what OpenCV gets wrong: more than 8 bits, alpha, HDR, fields, some colours, damage."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Any

import av
import av.error
import av.filter
import numpy as np
from av.codec import CodecContext
from av.video import VideoFrame, VideoStream
from av.video.reformatter import Interpolation

from vidstyle.errors import DecodeError, quoted, reason
from vidstyle.imaging.tone_mapping import tone_map
from vidstyle.imaging.types import Image
from vidstyle.media.files import WHITELISTS
from vidstyle.media.video.color_tags import matrix_code
from vidstyle.media.video.damage import decode_tolerantly
from vidstyle.media.video.tracks import ALPHA_DECODERS
from vidstyle.media.video.video import Video

_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
"""Conversion of pixels whose levels are not rounded down, as those of FFmpeg's fast one are."""


class PyAVDecoder:
    """Decoder of any video, at 16 bits per channel where it has more than 8.

    Raises
    ------
    DecodeError
        The video cannot be opened.
    """

    def __init__(self, video: Video) -> None:
        self._video = video
        self._stack = ExitStack()
        self._current: VideoFrame | None = None
        try:
            self._container = self._stack.enter_context(
                av.open(str(video.path.absolute()), options=WHITELISTS, metadata_errors="replace")
            )
        except (av.error.FFmpegError, OSError, ValueError) as exc:
            raise DecodeError(
                f"{quoted(video.path)} cannot be opened for decoding: {reason(exc)}; "
                "convert it to H.264 first."
            ) from exc
        stream = self._container.streams[video.index]
        assert isinstance(stream, VideoStream)  # noqa: S101 - the file is the one that was probed.
        self._stream = stream
        decoded = self._decode()
        self._frames = self._deinterlace(decoded) if video.interlaced else decoded

    def grab(self) -> bool:
        """Advance to the next frame; return False at the end, or where the file cannot be decoded further."""
        try:
            self._current = next(self._frames, None)
        except (av.error.FFmpegError, ValueError):
            self._current = None
        return self._current is not None

    def retrieve(self) -> Image:
        """Convert the frame, [h, w, 3 or 4], RGB or RGBA in [0, 1]; HDR is tone-mapped."""
        assert self._current is not None  # noqa: S101 - `grab` went before.
        frame, alpha = self._current, self._video.alpha
        if self._video.assumed_matrix:
            frame.colorspace = matrix_code(self._video.assumed_matrix)
        if self._video.depth == 8 and not self._video.hdr:
            levels = frame.to_ndarray(format="rgba" if alpha else "rgb24", interpolation=_EXACT)
            return levels.astype(np.float32) / np.float32(255)
        levels = frame.to_ndarray(format="rgba64le" if alpha else "rgb48le", interpolation=_EXACT)
        image = (levels.astype(np.float32) / np.float32(self._white(frame))).clip(0, 1)
        return tone_map(image, self._video.hdr) if self._video.hdr else image

    def release(self) -> None:
        """Close the file."""
        self._stack.close()

    def _white(self, frame: VideoFrame) -> float:
        """Give the level of white in 16 bits: FFmpeg fills the lower ones of YUV with zeros."""
        if frame.format.is_rgb or len(frame.format.components) < 3:
            return 65535.0
        bits = self._video.depth if self._video.color.range == "pc" else 8
        return 65536.0 - 2.0 ** (16 - bits)

    def _decode(self) -> Iterator[VideoFrame]:
        if self._video.damage:
            # OpenCV stops at the first bad packet, and does not report which frame is the next.
            yield from decode_tolerantly(self._video.path, self._video.index)
            return
        decoder: Any = self._stream.codec_context
        if self._video.alpha and decoder.name in ALPHA_DECODERS:
            decoder = CodecContext.create(ALPHA_DECODERS[decoder.name], "r")
        else:
            decoder.thread_type = "AUTO"
        for packet in self._container.demux(self._stream):
            yield from decoder.decode(packet)

    def _deinterlace(self, frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
        """Deinterlace, one frame for each: the lines of its second field are interpolated (bwdif)."""
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
