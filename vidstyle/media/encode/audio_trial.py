"""Trial of a film's audio: what an encoder refuses is found before hours of painting, not after."""

import tempfile
from dataclasses import replace
from pathlib import Path

import av
import av.error
import ffmpeg

from vidstyle.errors import EncodeError, quoted
from vidstyle.media.encode.codecs import AUDIO_CODECS
from vidstyle.media.encode.containers import Container, container_of
from vidstyle.media.encode.ffmpeg import find_fault
from vidstyle.media.encode.mux import audio_options, source_input, stream_indices
from vidstyle.media.encode.segment import Segment
from vidstyle.media.encode.stream_plan import COPY, PlannedStream, endings_that_keep, plan_streams
from vidstyle.media.files import WHITELISTS, plain_name
from vidstyle.media.video.decoders import DECODERS
from vidstyle.media.video.probe import Video
from vidstyle.media.video.tracks import Stream, Track

_PACKETS = 3
"""Packets of each track that are written; an encoder is opened by the first samples."""


def check_audio(output: Path, video: Video, start: int, stop: int) -> None:
    """Write a moment of each audio track as `write_film` will, to a temporary file.

    Parameters
    ----------
    output
        File to write later.
    video
        The source.
    start, stop
        Range of frames that is painted.

    Raises
    ------
    EncodeError
        ffmpeg refuses a track.
    """
    container, segment = container_of(output), Segment(video, start, stop)
    audio = plan_streams(video, container, whole=segment.is_whole).of(Track.AUDIO)
    if not audio or not DECODERS[video.decoder].is_demuxed:
        return
    if not segment.is_whole:
        # The same filters, from the beginning: ffmpeg would decode all that lies before a later part.
        segment = Segment(video, 0, min(stop - start, video.frames - 1))
    if not (fault := _find_fault(segment, container, audio)):
        return
    faults = [_find_fault(segment, container, [track]) for track in audio] if len(audio) > 1 else [fault]
    number = next((place for place, found in enumerate(faults) if found), 0)
    raise EncodeError(
        f"{quoted(video.path)}: {_describe(number + 1, audio[number])} for {container.name} "
        f"({faults[number] or fault}); "
        f"{_remedy(audio[number].stream, container, whole=(start, stop) == (0, video.frames))}."
    )


def _find_fault(segment: Segment, container: Container, audio: list[PlannedStream]) -> str:
    """Encode a moment, and get ffmpeg's first error message; empty if it did not fail."""
    with plain_name(segment.video.path) as name, tempfile.TemporaryDirectory(prefix="vidstyle-") as folder:
        source = source_input(replace(segment.video, path=Path(name)))
        streams = [source[index] for index in stream_indices(audio)]
        options = {**dict(audio_options(segment, audio)), "frames:a": _PACKETS, "flags:a": "+bitexact"}
        target = str(Path(folder) / f"audio{container.ending}")
        arguments = ffmpeg.get_args(ffmpeg.output(*streams, target, **options))
        if messages := find_fault(["-copyts", *arguments], what="try the encoding of the audio"):
            return messages[0]
        if all(track.codec == COPY for track in audio) or _count_tracks(target) == len(audio):
            return ""
        return "it has no packets"


def _count_tracks(path: str) -> int:
    try:
        with av.open(path, options=WHITELISTS) as written:
            return len(written.streams.audio)
    except (av.error.FFmpegError, OSError):  # ffmpeg leaves a file without any track unfinished.
        return 0


def _describe(number: int, track: PlannedStream) -> str:
    stream, codec = track.stream, AUDIO_CODECS.get(track.codec)
    layout = stream.layout or f"{stream.channels} channels"
    action = "copied" if track.codec == COPY else f"encoded as {codec.label if codec else track.codec}"
    return f"audio track {number} ({stream.codec}, {layout}) cannot be {action}"


def _remedy(stream: Stream, container: Container, *, whole: bool) -> str:
    endings = [ending for ending in endings_that_keep(stream, whole=whole) if ending != container.ending]
    kept = f"write to {' or '.join(endings)}, which keep all its channels, or " if endings else ""
    return f"{kept}omit the audio with --omit-audio"
