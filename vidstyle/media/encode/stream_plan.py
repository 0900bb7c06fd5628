"""Plan of a film's streams: which go along into a container, copied or encoded again."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from vidstyle.media.encode.channel_layouts import LayoutPlan, is_kept, plan_layout, plan_order
from vidstyle.media.encode.codecs import AUDIO_CODECS
from vidstyle.media.encode.containers import CONTAINERS, Container
from vidstyle.media.video.probe import Video
from vidstyle.media.video.tracks import TIMECODE, Stream, Track

COPY = "copy"
_TEXT = frozenset({"subrip", "ass", "ssa", "webvtt", "mov_text", "text"})
_LOSSLESS = ("pcm_", "flac", "alac", "truehd", "mlp", "wavpack", "tta")
# ffmpeg's encoders of them are not as good as its decoders.
_NOT_ENCODED = frozenset({"truehd", "mlp", "wavpack", "tta"})
_SAME_SAMPLES = {"pcm_f32be": "pcm_f32le", "pcm_f64be": "pcm_f64le"}
_ANY_LAYOUT = "pcm_s24le"
"""Lossless codec of audio whose channel layout the container's usual one does not have."""
_SUBTITLE_LABELS = {"mov_text": "MP4 timed text", "subrip": "SubRip", "webvtt": "WebVTT"}


@dataclass(frozen=True)
class PlannedStream:
    """Stream that goes along."""

    stream: Stream
    codec: str
    """`copy`, or the codec that it is encoded to."""
    layout: LayoutPlan = field(default_factory=LayoutPlan)
    """Conversion of the channels of audio that is encoded."""


@dataclass(frozen=True)
class StreamPlan:
    """Streams that go along."""

    planned: tuple[PlannedStream, ...]
    chapters: bool
    notes: tuple[str, ...]
    """Streams that are encoded again, changed or omitted, a clause each."""

    def of(self, kind: Track) -> list[PlannedStream]:
        """List the streams of a kind, in order."""
        return [planned for planned in self.planned if planned.stream.kind is kind]


def plan_streams(video: Video, container: Container, *, whole: bool) -> StreamPlan:
    """Decide which streams go along, before anything is painted.

    Parameters
    ----------
    video
        The source.
    container
        Container of the output.
    whole
        Whether all of the film is painted; audio of a part is cut and so encoded again.
    """
    planned = tuple(
        PlannedStream(stream, codec, _layout(stream, codec, container))
        for stream in video.streams
        if (codec := _codec(stream, container, whole=whole)) is not None
    )
    notes = tuple(_notes(video, planned, container, whole=whole))
    return StreamPlan(planned, bool(video.chapters) and container.chapters, notes)


def without_audio(video: Video) -> Video:
    """Omit the audio tracks of a film."""
    return replace(video, streams=tuple(s for s in video.streams if s.kind is not Track.AUDIO))


def is_text(codec: str) -> bool:
    """Tell whether a subtitle codec is text, which can be converted to any other text."""
    return codec in _TEXT


def endings_that_keep(stream: Stream, *, whole: bool) -> list[str]:
    """List the endings of containers that store an audio track with all its channels as they are."""
    codecs = {ending: _audio_codec(stream, row, whole=whole) for ending, row in CONTAINERS.items()}
    return [ending for ending, codec in codecs.items() if codec and codec.startswith((COPY, "pcm_"))]


def _layout(stream: Stream, codec: str, container: Container) -> LayoutPlan:
    if stream.kind is not Track.AUDIO or codec == COPY:
        return LayoutPlan()
    if codec in AUDIO_CODECS:
        return plan_layout(stream, AUDIO_CODECS[codec])
    return _order(stream, container) or LayoutPlan()


def _order(stream: Stream, container: Container) -> LayoutPlan | None:
    """Plan the order of uncompressed channels where the container would lose theirs."""
    loses_order = stream.codec.startswith("pcm_") and not container.orders_channels
    return plan_order(stream) if loses_order else None


def _codec(stream: Stream, container: Container, *, whole: bool) -> str | None:
    """Find the codec of a stream in the container; None where it is omitted."""
    if stream.kind is Track.AUDIO:
        return _audio_codec(stream, container, whole=whole)
    supported = {
        Track.SUBTITLE: stream.codec in container.subtitles,
        Track.ATTACHMENT: container.attachments,
        Track.COVER: stream.codec in container.covers,
        # The frames carry it as a label, of which ffmpeg makes such a stream where the container has one.
        Track.DATA: stream.codec == TIMECODE and container.has_tracks,
    }
    if supported.get(stream.kind):
        return COPY
    if stream.kind is Track.SUBTITLE and is_text(stream.codec):
        return container.subtitle_fallback
    return None


def _audio_codec(stream: Stream, container: Container, *, whole: bool) -> str | None:
    codec = stream.codec
    if codec == "unknown":
        # Without a decoder it can be neither encoded again nor checked.
        return None
    if whole and codec in container.audio and not _order(stream, container):
        return COPY
    if not codec.startswith(_LOSSLESS):
        return container.audio_fallback
    # What is lossless stays so, cut or not, where the container supports a lossless codec.
    encodable = container.audio - _NOT_ENCODED
    same = next((name for name in (codec, _SAME_SAMPLES.get(codec)) if name in encodable), None)
    lossless = container.lossless_fallback
    if lossless and not is_kept(stream, AUDIO_CODECS[lossless]) and _ANY_LAYOUT in container.audio:
        lossless = _ANY_LAYOUT
    return same or lossless or container.audio_fallback


def _label(codec: str) -> str:
    return AUDIO_CODECS[codec].label if codec in AUDIO_CODECS else _SUBTITLE_LABELS.get(codec, codec)


def _notes(
    video: Video, planned: tuple[PlannedStream, ...], container: Container, *, whole: bool
) -> Iterator[str]:
    encoded = [each for each in planned if each.codec != COPY]
    audio = [each for each in encoded if each.stream.kind is Track.AUDIO]
    if audio and not whole:
        codecs = dict.fromkeys(_label(each.codec) for each in audio)
        yield f"audio is cut to match, and encoded again as {' and '.join(codecs)}"
        encoded = [each for each in encoded if each not in audio]
    for each in encoded:
        if each.codec == each.stream.codec:
            continue
        yield f"{each.stream} is converted to {_label(each.codec)} for {container.name}"
    yield from (f"{each.stream}: {each.layout.note}" for each in planned if each.layout.note)
    if further := [str(stream) for stream in video.streams if stream.kind is Track.VIDEO]:
        yield f"only the first video stream is painted; omitted: {', '.join(further)}"
    kept = {each.stream.index for each in planned}
    omitted = [str(s) for s in video.streams if s.index not in kept and s.kind is not Track.VIDEO]
    if video.chapters and not container.chapters:
        omitted.append("chapters")
    if omitted:
        yield f"omitted, since {container.name} does not support them: {', '.join(omitted)}"
    if container.time_tolerance_s is None:
        yield f"a folder of images stores no frame times ({float(video.rate):.6g} frames per second)"
