"""ffmpeg's arguments that put frames and the source's streams into one file."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import ffmpeg

from vidstyle.media.encode.codecs import AUDIO_CODECS, Codec
from vidstyle.media.encode.containers import Container
from vidstyle.media.encode.extras import Extras
from vidstyle.media.encode.segment import Segment, timescale
from vidstyle.media.encode.stream_plan import COPY, PlannedStream, StreamPlan
from vidstyle.media.geometry import FrameSize
from vidstyle.media.video.decoders import DECODERS
from vidstyle.media.video.probe import FORMATS, Video
from vidstyle.media.video.timecode import advance_timecode
from vidstyle.media.video.tracks import TIMECODE, Track
from vidstyle.options.file_names import name_from_text
from vidstyle.options.media import EncodeOptions

# Properties of an MP4 file that Matroska, or MP4 among QuickTime's keys, would take for the film's.
_BRANDS = {"major_brand", "minor_version", "compatible_brands"}
_HALF_MS = Fraction(1, 2000)


@dataclass(frozen=True)
class FilmSpec:
    """Film to write: a range of the source, and the format of its result."""

    segment: Segment
    size: FrameSize
    """Size and pixel aspect of the frames."""
    container: Container
    codec: Codec
    plan: StreamPlan
    """Streams of the source that go along."""
    encode: EncodeOptions
    note: str = ""
    """Command that made the result, for its metadata."""


def mux_arguments(frames: Any, spec: FilmSpec, extras: Extras, output: Path) -> list[str]:
    """List ffmpeg's arguments that write the frames and everything next to them into one output.

    Parameters
    ----------
    frames
        The frames in ffmpeg's graph, as the codec takes them.
    spec
        The film to write.
    extras
        Files that are muxed together with the source.
    output
        File, or folder of images, to write.
    """
    segment, container, plan = spec.segment, spec.container, spec.plan
    source = source_input(segment.video if container.has_tracks else None)
    audio, subtitles = plan.of(Track.AUDIO), plan.of(Track.SUBTITLE)
    covers = [] if extras.covers else plan.of(Track.COVER)
    # One stream of the source comes first, even one that does not exist (`?`): ffmpeg-python numbers inputs
    # by their first use, and omits unused ones, while the metadata of this one are needed.
    streams = [frames, *map(source.__getitem__, stream_indices(audio) or ["999?"])]
    if extras.subtitles:
        clipped = ffmpeg.input(str(extras.subtitles), protocol_whitelist="file")
        streams += [clipped[f"s:{track}"] for track, _ in enumerate(subtitles)]
    elif segment.is_whole:
        streams += map(source.__getitem__, stream_indices(subtitles))
    else:
        subtitles = []
    # Attachments come last, for Matroska takes the packets of later streams for theirs.
    streams += map(source.__getitem__, [*stream_indices(covers), *stream_indices(plan.of(Track.ATTACHMENT))])
    options = {
        **_frame_options(spec),
        **{f"c:v:{number}": COPY for number, _ in enumerate(covers, 1)},
        **{f"c:s:{track}": planned.codec for track, planned in enumerate(subtitles)},
        **dict(audio_options(segment, audio)),
    }
    target = output / container.file_pattern if container.file_pattern else output
    arguments: list[str] = ffmpeg.get_args(ffmpeg.output(*streams, str(target), **options))
    chapters = 1 if plan.chapters and segment.is_whole else -1
    if extras.chapters:
        # An input without streams, after all others so that those keep their numbers.
        chapters, place = arguments.count("-i"), len(arguments) - arguments[::-1].index("-i") + 1
        arguments[place:place] = ["-f", "ffmetadata", "-i", str(extras.chapters)]
    # ffmpeg-python takes each option once, and these are repeated.
    metadata = [*_metadata(spec, [*audio, *subtitles]), *_attached(extras, len(plan.of(Track.ATTACHMENT)))]
    return ["-copyts", *arguments[:-1], *metadata, "-map_chapters", str(chapters), arguments[-1]]


def source_input(video: Video | None) -> Any:
    """Give the source as an input of ffmpeg, on a clock that starts with the file; silence for None."""
    if video is None or not DECODERS[video.decoder].is_demuxed:
        # It has frames alone, or the result takes nothing else.
        return ffmpeg.input("anullsrc", f="lavfi", t=0.1)
    # `copyts` and this shift set the source's clock to the zero of `Video.offset`, whatever the container.
    return ffmpeg.input(
        str(video.path.absolute()),
        itsoffset=_seconds(-video.start),
        protocol_whitelist="file",
        format_whitelist=FORMATS,
    )


def encoder_options(codec: Codec, encode: EncodeOptions) -> dict[str, Any]:
    """List the options of the video encoder."""
    quality = codec.crf if encode.crf is None else f"{encode.crf:g}"
    return {
        "c:v:0": codec.encoder,
        **({"crf:v:0": quality} if quality is not None else {}),
        **{f"{name}:v:0" if ":" not in name else name: value for name, value in codec.options.items()},
        **{f"{name}:v:0": value for name, value in encode.encoder_options.items()},
    }


def _frame_options(spec: FilmSpec) -> dict[str, Any]:
    segment, container = spec.segment, spec.container
    options = {
        **encoder_options(spec.codec, spec.encode),
        "fps_mode": "passthrough",
        "enc_time_base": f"1:{timescale(segment.video)}",
        # No versions, no dates: the same frames give the same bytes.
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
        "flags:a": "+bitexact",
        **container.options(segment),
    }
    if fourcc := container.codec_tags.get(spec.codec.name):
        options["tag:v:0"] = fourcc
    if segment.video.variable and container.has_tracks:
        options["bsf:v:0"] = _last_duration(segment)
    return options


def _metadata(spec: FilmSpec, tracks: list[PlannedStream]) -> Iterator[str]:
    """List the arguments for metadata of the file, the frames and the tracks."""
    segment, video, container = spec.segment, spec.segment.video, spec.container
    yield from ("-map_metadata", "1")
    labels = dict(video.labels)
    dropped = [tag for tag in video.tags if tag.lower() in _BRANDS]
    if TIMECODE in labels and segment.start:
        passed = round(segment.begin * video.rate)
        labels[TIMECODE] = advance_timecode(labels[TIMECODE], video.rate, passed) or ""
    # The whole file's timecode would stay unchanged where a part is taken.
    for tag in [*dropped, *({TIMECODE} & set(labels))]:
        yield from ("-metadata", f"{tag}=")
    for label, value in labels.items():
        yield from ("-metadata:s:v:0", name_from_text(f"{label}={value}"))
    yield from film_note(spec.note, container.note_tag, video.tags)
    places = {kind: count() for kind in Track}
    for planned in tracks:
        kind, place = planned.stream.kind, next(places[planned.stream.kind])
        if language := container.languages.get(planned.stream.language):
            yield from (f"-metadata:s:{kind[0]}:{place}", f"language={language}")


def _attached(extras: Extras, first: int) -> Iterator[str]:
    """List the arguments that attach covers, after other attachments."""
    for number, (file, media_type) in enumerate(extras.covers, first):
        yield from ("-attach", str(file), f"-metadata:s:t:{number}", f"mimetype={media_type}")


def _last_duration(segment: Segment) -> str:
    """Set the duration of the last frame, which no later frame implies."""
    ticks = timescale(segment.video)
    # Half a millisecond early, for times are rounded.
    begin = segment.offset + segment.duration - segment.last_duration - _HALF_MS
    duration = f"if(gte(PTS\\,{round(begin * ticks)})\\,{round(segment.last_duration * ticks)}\\,DURATION)"
    return f"setts=pts=PTS:dts=DTS:duration={duration}"


def audio_options(segment: Segment, audio: list[PlannedStream]) -> Iterator[tuple[str, Any]]:
    """List the options of the audio encoders and their filters, by track."""
    begin, end = segment.file_range
    # Silence where a track starts late or ends early, so that it is as long as the frames.
    cut = (
        f"atrim=start={_seconds(begin)}:end={_seconds(end)},asetpts=PTS-({_seconds(begin)})/TB,"
        f"aresample=async=1:first_pts=0,apad=whole_dur={_seconds(end - begin)}"
    )
    for track, planned in enumerate(audio):
        codec = AUDIO_CODECS.get(planned.codec)
        yield f"c:a:{track}", codec.encoder if codec else planned.codec
        if planned.codec == COPY:
            continue
        filters = ["" if segment.is_whole else cut, planned.layout.filter]
        if any(filters):
            yield f"filter:a:{track}", ",".join(filter(None, filters))
        yield from ((f"{name}:a:{track}", value) for name, value in planned.layout.options.items())
        if codec and codec.bit_rate:
            yield f"b:a:{track}", codec.bit_rate * max(1, planned.stream.channels)


def stream_indices(planned: list[PlannedStream]) -> list[str]:
    """List the indices of streams in the source, as ffmpeg selects them."""
    return [str(each.stream.index) for each in planned]


def _seconds(time: Fraction) -> str:
    return f"{float(time):.6f}"


def film_note(note: str, tag: str | None, taken: Collection[str] = ()) -> Iterator[str]:
    """Give ffmpeg's arguments that write a note into a video, if its container has a free tag for it."""
    if note and tag and tag not in {other.lower() for other in taken}:
        yield from ("-metadata", name_from_text(f"{tag}={note}"))
