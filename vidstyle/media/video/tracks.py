"""Streams that accompany the frames of a video: audio, subtitles, fonts, covers; and its chapters."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import av.audio
import av.container
import av.stream

TIMECODE = "timecode"


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


def is_cover(stream: av.stream.Stream) -> bool:
    """Tell whether a video stream is a cover: a single image that players show in their lists."""
    return bool(stream.disposition & stream.disposition.attached_pic)


def _describe(stream: av.stream.Stream) -> Stream:
    kind = Track.COVER if is_cover(stream) else Track(stream.type)
    codec, channels = codec_name(stream), 0
    if kind is Track.ATTACHMENT:
        codec = stream.metadata.get("mimetype", codec)
    if kind is Track.DATA and codec == "unknown":
        codec = TIMECODE if TIMECODE in stream.metadata else getattr(stream, "name", None) or codec
    if isinstance(stream, av.audio.AudioStream) and stream.codec_context is not None:
        channels = stream.codec_context.channels
    name, language = stream.metadata.get("filename", ""), stream.metadata.get("language", "")
    return Stream(stream.index, kind, codec, channels, name, language)
