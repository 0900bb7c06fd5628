"""What a film holds beside its pictures: sound, subtitles, fonts, covers, chapters."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import av.audio
import av.container
import av.stream

TIMECODE = "timecode"


class Track(StrEnum):
    """What a stream is."""

    AUDIO = "audio"
    SUBTITLE = "subtitle"
    ATTACHMENT = "attachment"
    COVER = "cover"
    VIDEO = "video"
    DATA = "data"


@dataclass(frozen=True)
class Stream:
    """A stream that accompanies the pictures."""

    index: int
    """Among all streams of the file."""
    kind: Track
    codec: str
    """In ffmpeg's canonical name; of an attachment, its type."""
    channels: int = 0
    """Of sound."""
    name: str = ""
    """File name of an attachment."""
    language: str = ""
    """In three letters; empty where it is not said."""

    def __str__(self) -> str:
        return f"{self.kind} ({self.name or self.codec})"


@dataclass(frozen=True)
class Chapter:
    """A part of a film that has a name; in seconds on the file's own clock."""

    start: Fraction
    end: Fraction
    title: str


def streams_of(container: av.container.InputContainer, pictures: av.stream.Stream) -> tuple[Stream, ...]:
    """List the streams beside the pictures, in order.

    MP4 and MOV keep chapters as a stream of texts, which is none of its own.
    """
    chapters = len(container.chapters())
    found = []
    for stream in container.streams:
        is_chapters = stream.type == "data" and chapters and stream.frames == chapters
        if stream is not pictures and not is_chapters:
            found.append(_stream(stream))
    return tuple(found)


def chapters_of(container: av.container.InputContainer) -> tuple[Chapter, ...]:
    """List the chapters."""
    return tuple(
        Chapter(
            chapter["start"] * (base := Fraction(chapter["time_base"] or 1)),
            chapter["end"] * base,
            chapter["metadata"].get("title", ""),
        )
        for chapter in container.chapters()
    )


def labels_of(
    container: av.container.InputContainer, pictures: av.stream.Stream
) -> tuple[tuple[str, str], ...]:
    """List what a stream of pictures says of itself.

    MXF says the timecode of the file, and Matroska in capitals.
    """
    said = {name.lower(): value for name, value in pictures.metadata.items()}
    if timecode := {name.lower(): value for name, value in container.metadata.items()}.get(TIMECODE):
        said.setdefault(TIMECODE, timecode)
    return tuple((name, value) for name in ("language", "title", TIMECODE) if (value := said.get(name)))


def codec_of(stream: av.stream.Stream) -> str:
    """Canonical name of a stream's codec, `unknown` where this machine has no decoder for it."""
    context = stream.codec_context
    return context.codec.canonical_name if context is not None else "unknown"


def is_cover(stream: av.stream.Stream) -> bool:
    """Whether a stream of pictures is a single one, that players show in their lists."""
    return bool(stream.disposition & stream.disposition.attached_pic)


def _stream(stream: av.stream.Stream) -> Stream:
    kind = Track.COVER if is_cover(stream) else Track(stream.type)
    codec, channels = codec_of(stream), 0
    if kind is Track.ATTACHMENT:
        codec = stream.metadata.get("mimetype", codec)
    if kind is Track.DATA and codec == "unknown":
        codec = TIMECODE if TIMECODE in stream.metadata else getattr(stream, "name", None) or codec
    if isinstance(stream, av.audio.AudioStream) and stream.codec_context is not None:
        channels = stream.codec_context.channels
    name, language = stream.metadata.get("filename", ""), stream.metadata.get("language", "")
    return Stream(stream.index, kind, codec, channels, name, language)
