"""What of a film goes along into a container, and how: decided before anything is painted."""

from collections.abc import Iterator
from dataclasses import dataclass

from vidstyle.media.encode.containers import CONTAINERS, Container, Pictures, is_text
from vidstyle.media.video.probe import Video
from vidstyle.media.video.tracks import TIMECODE, Stream, Track

COPY = "copy"
_LOSSLESS = ("pcm_", "flac", "alac", "truehd", "mlp", "wavpack", "tta")
# ffmpeg's encoders of them are no match for their decoders.
_NOT_MADE = frozenset({"truehd", "mlp", "wavpack", "tta"})
_NAMES = {
    "aac": "AAC",
    "opus": "Opus",
    "flac": "FLAC",
    "alac": "ALAC",
    "mov_text": "MP4's own kind",
    "subrip": "SubRip",
    "webvtt": "WebVTT",
}


@dataclass(frozen=True)
class PlannedStream:
    """A stream that goes along."""

    stream: Stream
    codec: str
    """`copy`, or the codec that it becomes."""


@dataclass(frozen=True)
class StreamPlan:
    """What goes along."""

    passages: tuple[PlannedStream, ...]
    chapters: bool
    notes: tuple[str, ...]
    """What is encoded anew, changed or left out, each in a clause."""

    def of(self, kind: Track) -> list[PlannedStream]:
        """Those of a kind, in order."""
        return [passage for passage in self.passages if passage.stream.kind is kind]


def plan_streams(video: Video, ending: str, *, whole: bool) -> StreamPlan:
    """Decide what goes along.

    Parameters
    ----------
    video
        The source.
    ending
        Of the output: `.mp4`.
    whole
        Whether all of the film is painted; of a part, sound is cut and so encoded anew.
    """
    container = CONTAINERS[ending]
    passages = tuple(
        PlannedStream(stream, codec)
        for stream in video.streams
        if (codec := _codec(stream, container, whole=whole)) is not None
    )
    notes = tuple(_notes(video, passages, container, ending, whole=whole))
    return StreamPlan(passages, bool(video.chapters) and container.chapters, notes)


def _codec(stream: Stream, container: Container, *, whole: bool) -> str | None:
    """How a stream goes along; None where it does not."""
    if stream.kind is Track.AUDIO:
        return _sound(stream.codec, container, whole=whole)
    held = {
        Track.SUBTITLE: stream.codec in container.subtitles,
        Track.ATTACHMENT: container.attachments,
        Track.COVER: stream.codec in container.covers,
        # The pictures have it as a label, of which ffmpeg makes such a stream where the container has one.
        Track.DATA: stream.codec == TIMECODE and container.pictures is Pictures.FILM,
    }
    if held.get(stream.kind):
        return COPY
    if stream.kind is Track.SUBTITLE and is_text(stream.codec):
        return container.subtitles_made
    return None


def _sound(codec: str, container: Container, *, whole: bool) -> str | None:
    if codec == "unknown":
        # No decoder, and nobody knows what it would be in there.
        return None
    if whole and codec in container.audio:
        return COPY
    if not codec.startswith(_LOSSLESS):
        return container.audio_made
    # Where the codec loses nothing, neither a cut nor another codec needs to.
    alike = codec.removesuffix("be") + "le" if codec in {"pcm_f32be", "pcm_f64be"} else codec
    return next((kept for kept in (codec, alike) if kept in container.audio - _NOT_MADE), container.lossless)


def _notes(
    video: Video, passages: tuple[PlannedStream, ...], container: Container, ending: str, *, whole: bool
) -> Iterator[str]:
    made = [passage for passage in passages if passage.codec != COPY]
    sounds = [passage for passage in made if passage.stream.kind is Track.AUDIO]
    if sounds and not whole:
        codecs = _listed(_NAMES.get(p.codec, p.codec) for p in sounds)
        yield f"the sound is cut to match, and encoded anew as {codecs}"
        made = [passage for passage in made if passage not in sounds]
    for passage in made:
        yield f"{passage.stream} becomes {_NAMES.get(passage.codec, passage.codec)}, which {ending} holds"
    kept = {passage.stream.index for passage in passages}
    if further := [str(stream) for stream in video.streams if stream.kind is Track.VIDEO]:
        yield f"only the first stream of pictures is painted; left out: {', '.join(further)}"
    kept |= {stream.index for stream in video.streams if stream.kind is Track.VIDEO}
    dropped = [str(stream) for stream in video.streams if stream.index not in kept]
    if video.chapters and not container.chapters:
        dropped.append("chapters")
    if dropped:
        yield f"left out, since {ending or 'a folder'} does not hold them: {', '.join(dropped)}"
    if container.pictures is Pictures.FOLDER:
        yield f"a folder of pictures does not say when they are shown ({float(video.rate):.6g} a second)"


def _listed(words: Iterator[str]) -> str:
    return " and ".join(dict.fromkeys(words))
