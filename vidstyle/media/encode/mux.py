"""Puts pictures and what accompanies them into one file: ffmpeg's arguments."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import ffmpeg

from vidstyle.media.encode.animations import NAMES, image_options
from vidstyle.media.encode.codecs import Codec
from vidstyle.media.encode.containers import CONTAINERS, Pictures, ending_of
from vidstyle.media.encode.extras import Extras
from vidstyle.media.encode.filters import end_of, timescale
from vidstyle.media.encode.stream_plan import COPY, PlannedStream, StreamPlan
from vidstyle.media.provenance import film_note
from vidstyle.media.video.decoders import DECODERS
from vidstyle.media.video.probe import FORMATS, Video
from vidstyle.media.video.timecode import advance_timecode
from vidstyle.media.video.tracks import TIMECODE, Track
from vidstyle.options.media import EncodeOptions

# What MP4 has names of its own for. Others are kept only as QuickTime's keys, which then take the place of all.
_OWN_TAGS = {
    *("title", "artist", "album_artist", "author", "composer", "album", "date", "comment", "genre", "copyright"),
    *("description", "synopsis", "lyrics", "show", "network", "episode_id", "grouping", "location", "track", "disc"),
    # Not the film's, but the file's.
    *("encoder", "creation_time", "major_brand", "minor_version", "compatible_brands"),
}  # fmt: skip
# What MP4 says of itself, and Matroska, or MP4 among QuickTime's keys, would say of the film.
_BRANDS = {"major_brand", "minor_version", "compatible_brands"}
# Of the two names of some languages in ISO 639-2, or for want of one, what ffmpeg has among those of the Macintosh.
_MAC_LANGUAGES = {
    "fre": "fra", "deu": "ger", "nld": "dut", "swe": "sve", "ell": "gre", "isl": "ice", "zho": "chi", "rum": "ron",
    "cze": "ces", "slo": "slk", "sqi": "alb", "mkd": "mac", "per": "iri", "fas": "iri", "hrv": "hr ", "srp": "sr ",
    "hye": "arm", "kat": "geo", "bod": "tib", "mya": "bur", "msa": "may", "cym": "wel", "eus": "baq",
}  # fmt: skip
_HALF_MS = Fraction(1, 2000)
_ENCODERS = {"opus": "libopus"}
_BIT_RATES = {"aac": 96_000, "opus": 64_000}
"""Of one channel, in bits a second."""
# Opus has an order of its own for each number of channels, and takes no other.
_LAYOUTS = {"opus": "aformat=channel_layouts=7.1|6.1|5.1|5.0|quad|3.0|stereo|mono"}


@dataclass(frozen=True)
class Part:
    """What of the source is put together."""

    start: int
    stop: int
    whole: bool
    extras: Extras
    """What had to be made ready beforehand."""
    note: str = ""
    """What the result says of how it was made."""


def mux_arguments(
    picture: Any,
    video: Video,
    part: Part,
    output: Path,
    brought: StreamPlan,
    codec: Codec,
    encode: EncodeOptions,
) -> list[str]:
    """Put the pictures and what the source has beside them into one output.

    Returns
    -------
    list of str
        Arguments of ffmpeg.
    """
    ending = ending_of(output)
    pictures = CONTAINERS[ending].pictures
    source = _source(video if pictures is Pictures.FILM else None)
    sounds, subtitles = brought.of(Track.AUDIO), brought.of(Track.SUBTITLE)
    covers = [] if part.extras.covers else brought.of(Track.COVER)
    # One stream of the source comes first, if one that is not there (`?`): ffmpeg-python numbers inputs as they come, and
    # leaves out one that gives none, while the metadata of this one are wanted.
    streams = [picture, *map(source.__getitem__, _labels(sounds) or ["999?"])]
    if not part.whole and not part.extras.subtitles:
        subtitles = []
    elif part.extras.subtitles:
        beside = ffmpeg.input(str(part.extras.subtitles), protocol_whitelist="file")
        streams += [beside[f"s:{track}"] for track, _ in enumerate(subtitles)]
    else:
        streams += map(source.__getitem__, _labels(subtitles))
    # Attachments come last, for Matroska takes the packets of what follows for theirs.
    streams += map(source.__getitem__, [*_labels(covers), *_labels(brought.of(Track.ATTACHMENT))])
    options = {
        **_pictures(video, output, codec, encode),
        **{f"c:v:{number}": COPY for number, _ in enumerate(covers, 1)},
        **{f"c:s:{track}": passage.codec for track, passage in enumerate(subtitles)},
        **dict(_sound_options(video, part, sounds)),
    }
    options |= image_options(video, part.stop, ending)
    if video.variable and pictures is Pictures.FILM:
        options["bsf:v:0"] = _last_duration(video, part)
    extra = ["-map_metadata", "1", *_metadata(video, part), *film_note(part.note, ending, video.tags)]
    if ending == ".mov":
        extra += _mac_languages([*sounds, *subtitles])
    for number, (file, kind) in enumerate(part.extras.covers, len(brought.of(Track.ATTACHMENT))):
        extra += ["-attach", str(file), f"-metadata:s:t:{number}", f"mimetype={kind}"]
    target = output / NAMES if pictures is Pictures.FOLDER else output
    arguments: list[str] = ffmpeg.get_args(ffmpeg.output(*streams, str(target), **options))
    chapters = 1 if brought.chapters and part.whole else -1
    if part.extras.chapters:
        # An input without streams, behind all others so that those keep their numbers.
        chapters, place = arguments.count("-i"), len(arguments) - arguments[::-1].index("-i") + 1
        arguments[place:place] = ["-f", "ffmetadata", "-i", str(part.extras.chapters)]
    extra += ["-map_chapters", str(chapters)]
    # ffmpeg-python knows each option once, and these come more often.
    return ["-copyts", *arguments[:-1], *extra, arguments[-1]]


def _source(video: Video | None) -> Any:
    if video is None or not DECODERS[video.decoder].is_demuxed:
        # There is nothing to be had of it but its pictures.
        return ffmpeg.input("anullsrc", f="lavfi", t=0.1)
    # `copyts` and this shift put the source's clock where `Video.offset` has its zero, whatever the container.
    return ffmpeg.input(
        str(video.path.absolute()),
        itsoffset=_seconds(-video.start),
        protocol_whitelist="file",
        format_whitelist=FORMATS,
    )


def encoder_options(codec: Codec, encode: EncodeOptions) -> dict[str, Any]:
    """Options of the encoder of pictures."""
    quality = codec.crf if encode.crf is None else f"{encode.crf:g}"
    return {
        "c:v:0": codec.encoder,
        **({"crf:v:0": quality} if quality is not None else {}),
        **{f"{name}:v:0" if ":" not in name else name: value for name, value in codec.options.items()},
        **{f"{name}:v:0": value for name, value in encode.encoder_options.items()},
    }


def _pictures(video: Video, output: Path, codec: Codec, encode: EncodeOptions) -> dict[str, Any]:
    ending = ending_of(output)
    options = {
        **encoder_options(codec, encode),
        "fps_mode": "passthrough",
        "enc_time_base": f"1:{timescale(video)}",
        # No versions, no dates: the same frames give the same bytes.
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
        "flags:a": "+bitexact",
        **CONTAINERS[ending].options,
    }
    if ending in {".mp4", ".mov"}:
        options["video_track_timescale"] = timescale(video)
        if not _OWN_TAGS.issuperset(tag.lower() for tag in video.tags):
            options["movflags"] += "+use_metadata_tags"
        if codec.name == "h265":
            options["tag:v:0"] = "hvc1"  # The one that Apple's players take.
    return options


def _metadata(video: Video, part: Part) -> Iterator[str]:
    """Say of the file and of its pictures what copying does not."""
    labels = dict(video.labels)
    dropped = [tag for tag in video.tags if tag.lower() in _BRANDS]
    if TIMECODE in labels and part.start:
        passed = round(video.timestamps[part.start] * video.rate)
        labels[TIMECODE] = advance_timecode(labels[TIMECODE], video.rate, passed) or ""
    # That of the whole file would stay as it is where a part is taken.
    for tag in [*dropped, *({TIMECODE} & set(labels))]:
        yield from ("-metadata", f"{tag}=")
    for label, value in labels.items():
        yield from ("-metadata:s:v:0", f"{label}={value}")


def _mac_languages(passages: list[PlannedStream]) -> Iterator[str]:
    """Name languages as MOV knows them, or ffmpeg would leave them out."""
    places = {kind: count() for kind in Track}
    for passage in passages:
        kind, place = passage.stream.kind, next(places[passage.stream.kind])
        if language := _MAC_LANGUAGES.get(passage.stream.language):
            yield from (f"-metadata:s:{kind[0]}:{place}", f"language={language}")


def _last_duration(video: Video, part: Part) -> str:
    """Say how long the last picture stays, which no picture after it tells."""
    stays = end_of(video, part.stop) - video.timestamps[part.stop - 1]
    moment = video.timestamps[part.stop - 1] + (video.offset if part.whole else -video.timestamps[part.start])
    ticks = timescale(video)
    # Half a millisecond early, for moments are rounded.
    return f"setts=pts=PTS:dts=DTS:duration=if(gte(PTS\\,{round((moment - _HALF_MS) * ticks)})\\,{round(stays * ticks)}\\,DURATION)"


def _sound_options(video: Video, part: Part, sounds: list[PlannedStream]) -> Iterator[tuple[str, Any]]:
    begin = video.offset + video.timestamps[part.start]
    length = end_of(video, part.stop) - video.timestamps[part.start]
    # Silence where a track starts late or ends early, so that all of it lies under the pictures.
    cut = (
        f"atrim=start={_seconds(begin)}:end={_seconds(begin + length)},asetpts=PTS-({_seconds(begin)})/TB,"
        f"aresample=async=1:first_pts=0,apad=whole_dur={_seconds(length)}"
    )
    for track, (stream, codec) in enumerate((passage.stream, passage.codec) for passage in sounds):
        yield f"c:a:{track}", _ENCODERS.get(codec, codec)
        if codec == COPY:
            continue
        filters = [*([] if part.whole else [cut]), *([_LAYOUTS[codec]] if codec in _LAYOUTS else [])]
        if filters:
            yield f"filter:a:{track}", ",".join(filters)
        if codec in _BIT_RATES:
            yield f"b:a:{track}", _BIT_RATES[codec] * max(1, stream.channels)


def _labels(passages: list[PlannedStream]) -> list[str]:
    return [str(passage.stream.index) for passage in passages]


def _seconds(time: Fraction) -> str:
    return f"{float(time):.6f}"
