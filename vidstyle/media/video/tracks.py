"""Streams that accompany the frames of a video: audio, subtitles, fonts, covers; and its chapters."""

import ctypes
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import av.audio
import av.audio.codeccontext
import av.container
import av.stream
import av.video

TIMECODE = "timecode"
# FFmpeg's own decoders ignore the transparency of VP8 and VP9, which is a second stream of frames.
ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""Decoders that read the transparency of a codec."""
_OBVIOUS_LAYOUTS = {"1 channels": "mono", "2 channels": "stereo"}
"""Layouts of channels without names, as in Matroska, that are always taken so."""


class Track(StrEnum):
    """Kind of a stream."""

    AUDIO = "audio"
    SUBTITLE = "subtitle"
    ATTACHMENT = "attachment"
    COVER = "cover"
    VIDEO = "video"
    DATA = "data"


@dataclass(frozen=True)
class Stream:
    """Stream that accompanies the frames."""

    index: int
    """Index among all streams of the file."""
    kind: Track
    codec: str
    """Canonical name in ffmpeg; the MIME type of an attachment."""
    channels: int = 0
    """Channels of audio."""
    name: str = ""
    """File name of an attachment."""
    language: str = ""
    """Code of three letters; empty where it is unknown."""
    layout: str = ""
    """Channel layout of audio, as ffmpeg describes it: `5.1`, or `4 channels` for an order without a name."""

    def __str__(self) -> str:
        return f"{self.kind} ({self.name or self.codec})"


@dataclass(frozen=True)
class Chapter:
    """Named part of a video, in seconds on the file's own clock."""

    start: Fraction
    end: Fraction
    title: str


def list_streams(
    container: av.container.InputContainer, video_stream: av.stream.Stream
) -> tuple[Stream, ...]:
    """List the streams of a file except the video stream, in order.

    MP4 and MOV keep chapters in a stream of text, which is omitted.
    """
    chapters = len(container.chapters())
    found = []
    for stream in container.streams:
        is_chapters = stream.type == "data" and chapters and stream.frames == chapters
        if stream is not video_stream and not is_chapters:
            found.append(_describe(stream))
    return tuple(found)


def list_chapters(container: av.container.InputContainer) -> tuple[Chapter, ...]:
    """List the chapters of a file."""
    return tuple(
        Chapter(
            chapter["start"] * (base := Fraction(chapter["time_base"] or 1)),
            chapter["end"] * base,
            chapter["metadata"].get("title", ""),
        )
        for chapter in container.chapters()
    )


def read_labels(
    container: av.container.InputContainer, video_stream: av.stream.Stream
) -> tuple[tuple[str, str], ...]:
    """Read the metadata of a video stream.

    MXF keeps the timecode in the file's metadata, and Matroska writes it in capitals.
    """
    labels = {name.lower(): value for name, value in video_stream.metadata.items()}
    if timecode := {name.lower(): value for name, value in container.metadata.items()}.get(TIMECODE):
        labels.setdefault(TIMECODE, timecode)
    return tuple((name, value) for name in ("language", "title", TIMECODE) if (value := labels.get(name)))


def codec_name(stream: av.stream.Stream) -> str:
    """Give the canonical name of a stream's codec, `unknown` where FFmpeg has no decoder for it."""
    context = stream.codec_context
    return context.codec.canonical_name if context is not None else "unknown"


def has_alpha(frame: av.video.VideoFrame, stream: av.video.VideoStream) -> bool:
    """Tell by its first frame whether a video stream has transparency."""
    hidden = stream.metadata.get("alpha_mode") == "1" and stream.codec_context.name in ALPHA_DECODERS
    return hidden or any(component.is_alpha for component in frame.format.components)


def is_cover(stream: av.stream.Stream) -> bool:
    """Tell whether a video stream is a cover: a single image that players show in their lists."""
    return bool(stream.disposition & stream.disposition.attached_pic)


def _describe(stream: av.stream.Stream) -> Stream:
    kind = Track.COVER if is_cover(stream) else Track(stream.type)
    codec, channels, layout = codec_name(stream), 0, ""
    if kind is Track.ATTACHMENT:
        codec = stream.metadata.get("mimetype", codec)
    if kind is Track.DATA and codec == "unknown":
        codec = TIMECODE if TIMECODE in stream.metadata else getattr(stream, "name", None) or codec
    if isinstance(stream, av.audio.AudioStream) and stream.codec_context is not None:
        channels, layout = _channel_layout(stream.codec_context)
    name, language = stream.metadata.get("filename", ""), stream.metadata.get("language", "")
    return Stream(stream.index, kind, codec, channels, name, language, layout)


def _channel_layout(context: av.audio.codeccontext.AudioCodecContext) -> tuple[int, str]:
    """Read the number of channels and their layout."""
    layout = context.layout
    # PyAV frees the list of channels that an order without a name has together with the layout, and FFmpeg
    # frees it again together with the stream: so this layout is kept for ever.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(layout))
    try:
        name = layout.name
    except (RuntimeError, ValueError):  # Channels with names of their own that are not text.
        name = f"{layout.nb_channels} channels"
    return layout.nb_channels, _OBVIOUS_LAYOUTS.get(name, name)
