"""What each container holds, in a way that players know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from vidstyle.errors import UsageError, quoted

_TEXT = frozenset({"subrip", "ass", "ssa", "webvtt", "mov_text", "text"})
_PCM = frozenset({
    *("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"),
    *("pcm_s16be", "pcm_s24be", "pcm_s32be"),
})  # fmt: skip


class Pictures(StrEnum):
    """How a container keeps pictures."""

    FILM = "film"
    ANIMATION = "animation"
    """With delays, and nothing beside them."""
    FOLDER = "folder"
    """Each in a file of its own, without times."""


@dataclass(frozen=True)
class Container:
    """What a container holds beside pictures, and what the rest is made into."""

    codecs: tuple[str, ...]
    """Of pictures; the first is the default."""
    audio: frozenset[str] = frozenset()
    audio_made: str | None = None
    """What other sound becomes; None where there is no sound at all."""
    lossless_made: str | None = None
    """What other sound becomes that has lost nothing yet; None is the same as all other."""
    subtitles: frozenset[str] = frozenset()
    subtitles_made: str | None = None
    """What other subtitles of text become; those of pictures stay out."""
    attachments: bool = False
    covers: frozenset[str] = frozenset()
    chapters: bool = True
    pictures: Pictures = Pictures.FILM
    options: Mapping[str, str] = field(default_factory=dict)
    """Of ffmpeg's muxer."""

    @property
    def lossless(self) -> str | None:
        """What sound becomes that has lost nothing yet."""
        return self.lossless_made or self.audio_made


_COVERS = frozenset({"mjpeg", "png", "bmp"})
_FASTSTART = {"movflags": "+faststart"}

CONTAINERS = {
    ".mp4": Container(
        codecs=("h264", "h265", "av1", "vp9"),
        audio=frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac", "mp2", "dts", "vorbis"}),
        audio_made="aac",
        subtitles=frozenset({"mov_text"}),
        subtitles_made="mov_text",
        covers=_COVERS,
        options=_FASTSTART,
    ),
    ".mov": Container(
        codecs=("h264", "h265", "prores"),
        audio=frozenset({"aac", "mp3", "ac3", "eac3", "alac", "pcm_u8", "pcm_alaw", "pcm_mulaw", "amr_nb", "pcm_f32be", "pcm_f64be"}) | _PCM,
        audio_made="aac",
        lossless_made="alac",
        subtitles=frozenset({"mov_text"}),
        subtitles_made="mov_text",
        options=_FASTSTART,
    ),
    ".mkv": Container(
        codecs=("h264", "h265", "vp9", "av1", "prores", "ffv1"),
        audio=frozenset({
            *("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac", "mp2", "vorbis", "dts", "truehd", "mlp", "wavpack", "tta"),
            *("pcm_u8", "pcm_alaw", "pcm_mulaw"),
        }) | _PCM,
        audio_made="aac",
        lossless_made="flac",
        subtitles=frozenset({"subrip", "ass", "ssa", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"}),
        subtitles_made="subrip",
        attachments=True,
        covers=_COVERS,
    ),
    ".webm": Container(
        codecs=("vp9", "av1"),
        audio=frozenset({"opus", "vorbis"}),
        audio_made="opus",
        subtitles=frozenset({"webvtt"}),
        subtitles_made="webvtt",
    ),
    ".gif": Container(codecs=("gif",), chapters=False, pictures=Pictures.ANIMATION),
    ".webp": Container(codecs=("webp",), chapters=False, pictures=Pictures.ANIMATION),
    ".apng": Container(codecs=("apng",), chapters=False, pictures=Pictures.ANIMATION),
    # A folder of pictures.
    "": Container(codecs=("png",), chapters=False, pictures=Pictures.FOLDER, options={"f": "image2"}),
}  # fmt: skip


def is_text(codec: str) -> bool:
    """Tell whether subtitles of a codec are text, which every other kind of text can be made of."""
    return codec in _TEXT


def ending_of(path: Path) -> str:
    """Find the ending that says into which container a film is written: `.mp4`.

    Raises
    ------
    UsageError
        No film can be written to it.
    """
    ending = path.suffix.lower()
    if ending not in CONTAINERS:
        raise UsageError(
            f"{quoted(path)} has no ending of a film; write to {', '.join(filter(None, CONTAINERS))}, or to "
            "a folder, whose name has no ending."
        )
    return ending
