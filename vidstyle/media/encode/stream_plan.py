"""Plan of a film's streams: which go along into a container, copied or encoded again."""

from collections.abc import Iterator
from dataclasses import dataclass

from vidstyle.media.encode.codecs import AUDIO_CODECS
from vidstyle.media.encode.containers import Container
from vidstyle.media.video.probe import Video
from vidstyle.media.video.tracks import TIMECODE, Stream, Track

COPY = "copy"
_TEXT = frozenset({"subrip", "ass", "ssa", "webvtt", "mov_text", "text"})
_LOSSLESS = ("pcm_", "flac", "alac", "truehd", "mlp", "wavpack", "tta")
# ffmpeg's encoders of them are not as good as its decoders.
_NOT_ENCODED = frozenset({"truehd", "mlp", "wavpack", "tta"})
_SAME_SAMPLES = {"pcm_f32be": "pcm_f32le", "pcm_f64be": "pcm_f64le"}
_SUBTITLE_LABELS = {"mov_text": "MP4 timed text", "subrip": "SubRip", "webvtt": "WebVTT"}


@dataclass(frozen=True)
class PlannedStream:
    """Stream that goes along."""

    stream: Stream
    codec: str
    """`copy`, or the codec that it is encoded to."""


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
        PlannedStream(stream, codec)
        for stream in video.streams
        if (codec := _codec(stream, container, whole=whole)) is not None
    )
    notes = tuple(_notes(video, planned, container, whole=whole))
    return StreamPlan(planned, bool(video.chapters) and container.chapters, notes)


def is_text(codec: str) -> bool:
    """Tell whether a subtitle codec is text, which can be converted to any other text."""
    return codec in _TEXT


def _codec(stream: Stream, container: Container, *, whole: bool) -> str | None:
    """Find the codec of a stream in the container; None where it is omitted."""
    if stream.kind is Track.AUDIO:
        return _audio_codec(stream.codec, container, whole=whole)
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


def _audio_codec(codec: str, container: Container, *, whole: bool) -> str | None:
    if codec == "unknown":
        # Without a decoder it can be neither encoded again nor checked.
        return None
    if whole and codec in container.audio:
        return COPY
    if not codec.startswith(_LOSSLESS):
        return container.audio_fallback
    # What is lossless stays so, cut or not, where the container supports a lossless codec.
    encodable = container.audio - _NOT_ENCODED
    same = next((name for name in (codec, _SAME_SAMPLES.get(codec)) if name in encodable), None)
    return same or container.lossless_fallback or container.audio_fallback


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
        yield f"{each.stream} is converted to {_label(each.codec)} for {container.name}"
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
