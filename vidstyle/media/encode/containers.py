"""Containers of films: the codecs and tracks that each holds, and whatever else depends on the ending."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from vidstyle.errors import UsageError, quoted
from vidstyle.media.encode.animations import (
    GIF_TICK_S,
    apng_options,
    check_gif_delays,
    gif_options,
    webp_options,
)
from vidstyle.media.encode.container_fixes import drop_default_duration, fix_webp_duration
from vidstyle.media.encode.quicktime import MAC_LANGUAGES, mp4_options
from vidstyle.media.encode.segment import Segment
from vidstyle.media.encode.verify import Contents, read_animation, read_film, read_folder
from vidstyle.media.video.video import Video


def _accept(_video: Video) -> None:
    pass


def _no_options(_segment: Segment) -> dict[str, object]:
    return {}


def _leave(_path: Path, _segment: Segment) -> None:
    pass


@dataclass(frozen=True)
class Container:
    """Container format of films: its codecs, its tracks, and functions for what is particular to it."""

    ending: str
    """`.mp4`; empty for a folder of images."""
    codecs: tuple[str, ...]
    """Video codecs, by name in `codecs.CODECS`; the first is the default."""

    audio: frozenset[str] = frozenset()
    """Audio codecs that are copied."""
    audio_fallback: str | None = None
    """Codec of all other audio; None where there is no audio at all."""
    lossless_fallback: str | None = None
    """Codec of other lossless audio; None for `audio_fallback`."""
    orders_channels: bool = False
    """Whether uncompressed audio has a list of its channels, so that they may come in any order."""
    subtitles: frozenset[str] = frozenset()
    """Subtitle codecs that are copied."""
    subtitle_fallback: str | None = None
    """Codec of all other text subtitles; other bitmap subtitles are omitted."""
    attachments: bool = False
    covers: frozenset[str] = frozenset()
    """Codecs of cover images that are copied."""
    attaches_covers: bool = False
    """Whether a cover is an attachment: Matroska would take a copied one for a second video stream."""
    chapters: bool = True
    has_tracks: bool = True
    """Whether tracks and metadata of the source can go along; an animation holds frames alone."""
    side_data: bool = False
    """Whether frames can have data next to them, such as VP9's transparency."""
    note_tag: str | None = None
    """Tag for the command that made the result; None where there is none."""
    codec_tags: Mapping[str, str] = field(default_factory=dict)
    """FourCC by codec, where players do not take ffmpeg's own."""
    languages: Mapping[str, str] = field(default_factory=dict)
    """Language codes that are written differently here."""

    file_pattern: str | None = None
    """Names of the images in a folder, which the result then is; None for a single file."""
    time_tolerance_s: Fraction | None = Fraction(1, 1000)
    """Largest error of a frame's time, in seconds; None where times are not stored."""
    merges_equal_frames: bool = False
    """Whether ffmpeg writes equal frames in a row as one that is shown for longer."""
    source_ending: str | None = None
    """Further ending of sources whose results have this one."""

    check_source: Callable[[Video], None] = _accept
    """Refuse a film that cannot be represented, by an InputError."""
    options: Callable[[Segment], dict[str, object]] = _no_options
    """ffmpeg's options for the muxer and for what the frames' times do not say."""
    finish: Callable[[Path, Segment], None] = _leave
    """Correct the written file."""
    read_back: Callable[[Path], Contents] = read_film
    """Read what was written, to verify it."""

    @property
    def name(self) -> str:
        """As messages name it."""
        return self.ending or "a folder"


_PCM = frozenset({
    *("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"),
    *("pcm_s16be", "pcm_s24be", "pcm_s32be"),
})  # fmt: skip
_MOV_AUDIO = frozenset({
    *("aac", "mp3", "ac3", "eac3", "alac", "pcm_u8", "pcm_alaw", "pcm_mulaw", "amr_nb"),
    *("pcm_f32be", "pcm_f64be"),
})  # fmt: skip
_MKV_AUDIO = frozenset({
    *("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac", "mp2", "vorbis", "dts", "truehd", "mlp"),
    *("wavpack", "tta", "pcm_u8", "pcm_alaw", "pcm_mulaw"),
})  # fmt: skip
_MKV_SUBTITLES = frozenset({
    *("subrip", "ass", "ssa", "webvtt"),
    *("hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"),
})  # fmt: skip
_COVERS = frozenset({"mjpeg", "png", "bmp"})
_APPLE_TAGS = {"h265": "hvc1"}

CONTAINERS = {
    container.ending: container
    for container in (
        Container(
            ".mp4",
            codecs=("h264", "h265", "av1", "vp9"),
            audio=frozenset({
                "aac", "mp3", "ac3", "eac3", "alac", "opus", "flac", "mp2", "dts", "vorbis",
            }),
            audio_fallback="aac",
            subtitles=frozenset({"mov_text"}),
            subtitle_fallback="mov_text",
            covers=_COVERS,
            note_tag="synopsis",
            codec_tags=_APPLE_TAGS,
            options=mp4_options,
        ),
        Container(
            ".mov",
            codecs=("h264", "h265", "prores"),
            audio=_MOV_AUDIO | _PCM,
            audio_fallback="aac",
            lossless_fallback="alac",
            orders_channels=True,
            subtitles=frozenset({"mov_text"}),
            subtitle_fallback="mov_text",
            note_tag="comment",
            codec_tags=_APPLE_TAGS,
            languages=MAC_LANGUAGES,
            options=mp4_options,
        ),
        Container(
            ".mkv",
            codecs=("h264", "h265", "vp9", "av1", "prores", "ffv1"),
            audio=_MKV_AUDIO | _PCM,
            audio_fallback="aac",
            lossless_fallback="flac",
            subtitles=_MKV_SUBTITLES,
            subtitle_fallback="subrip",
            attachments=True,
            covers=_COVERS,
            attaches_covers=True,
            side_data=True,
            note_tag="VIDSTYLE",
            finish=drop_default_duration,
        ),
        Container(
            ".webm",
            codecs=("vp9", "av1"),
            audio=frozenset({"opus", "vorbis"}),
            audio_fallback="opus",
            subtitles=frozenset({"webvtt"}),
            subtitle_fallback="webvtt",
            side_data=True,
            note_tag="VIDSTYLE",
            finish=drop_default_duration,
        ),
        Container(
            ".gif",
            codecs=("gif",),
            chapters=False,
            has_tracks=False,
            time_tolerance_s=GIF_TICK_S,
            check_source=check_gif_delays,
            options=gif_options,
            read_back=read_animation,
        ),
        Container(
            ".webp",
            codecs=("webp",),
            chapters=False,
            has_tracks=False,
            time_tolerance_s=Fraction(1, 100),
            merges_equal_frames=True,
            options=webp_options,
            finish=fix_webp_duration,
            read_back=read_animation,
        ),
        Container(
            ".apng",
            codecs=("apng",),
            chapters=False,
            has_tracks=False,
            time_tolerance_s=Fraction(1, 100),
            source_ending=".png",
            options=apng_options,
            read_back=read_animation,
        ),
        Container(
            "",
            codecs=("png",),
            chapters=False,
            has_tracks=False,
            file_pattern="%06d.png",
            time_tolerance_s=None,
            options=lambda _: {"f": "image2", "start_number": 1},
            read_back=read_folder,
        ),
    )
}  # fmt: skip
"""Containers by ending."""
_DEFAULT = ".mp4"


def film_endings() -> tuple[str, ...]:
    """List the endings of files that a film can be written to; a folder has none."""
    return tuple(filter(None, CONTAINERS))


def container_of(path: Path) -> Container:
    """Find the container of a film by its ending.

    Raises
    ------
    UsageError
        No film can be written to it.
    """
    if found := CONTAINERS.get(path.suffix.lower()):
        return found
    raise UsageError(
        f"{quoted(path)} does not name a film format; write to {', '.join(film_endings())}, or to a folder, "
        "whose name has no ending."
    )


def film_ending_of(source: Path) -> str:
    """Find the ending of a film's result: the source's own, where a film can be written to it."""
    ending = source.suffix.lower()
    if ending and ending in CONTAINERS:
        return source.suffix
    return next((row.ending for row in CONTAINERS.values() if row.source_ending == ending), _DEFAULT)
