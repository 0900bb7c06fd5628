"""What has to be made ready before a film is put together: subtitles and chapters of a part, covers for Matroska."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from vidstyle.media.encode.ffmpeg import run
from vidstyle.media.encode.filters import end_of
from vidstyle.media.encode.stream_plan import StreamPlan
from vidstyle.media.video.probe import FORMATS, WHITELISTS, Video
from vidstyle.media.video.tracks import Track

_TYPES = {"mjpeg": ("jpg", "image/jpeg"), "png": ("png", "image/png"), "bmp": ("bmp", "image/bmp")}
_TICK = Fraction(1, 1000)


@dataclass(frozen=True)
class Extras:
    """Files to be put in beside the source itself."""

    subtitles: Path | None = None
    """A Matroska file with those of a part, on the part's own clock; None where none shows."""
    chapters: Path | None = None
    """Those of a part, as ffmpeg writes metadata."""
    covers: tuple[tuple[Path, str], ...] = ()
    """Covers and their types, where they cannot go along as the streams that they are."""


def extras_of(
    video: Video,
    start: int,
    stop: int,
    brought: StreamPlan,
    ending: str,
    folder: Path,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> Extras:
    """Make ready what ffmpeg cannot bring along by itself, in a folder of one's own.

    Parameters
    ----------
    video
        The source.
    start, stop
        Range of frames that is painted.
    brought
        What goes along.
    ending
        Of the output.
    folder
        Where to write.
    should_stop
        Asked about ten times a second; True gives up.

    Raises
    ------
    EncodeError
        ffmpeg could not read the subtitles.
    Interrupted
        `should_stop` said so.
    """
    subtitles = chapters = None
    if (start, stop) != (0, video.frames):
        begin = video.offset + video.timestamps[start]
        end = begin + end_of(video, stop) - video.timestamps[start]
        if brought.chapters:
            chapters = folder / "chapters.txt"
            chapters.write_text(_chapters(video, begin, end), encoding="utf-8")
        if brought.of(Track.SUBTITLE):
            whole, clipped = folder / "whole.mkv", folder / "subtitles.mkv"
            _extract(video, brought, whole, should_stop)
            # A file that holds nothing cannot be opened.
            subtitles = clipped if _clip(whole, clipped, begin, end) else None
    # Matroska would take a cover that is copied for a second film.
    return Extras(subtitles, chapters, _covers(video, brought, folder) if ending == ".mkv" else ())


def _chapters(video: Video, begin: Fraction, end: Fraction) -> str:
    """Write the chapters between two moments as ffmpeg reads them."""
    lines = [";FFMETADATA1"]
    for chapter in video.chapters:
        first, last = chapter.start - video.start, chapter.end - video.start
        if first < end and begin < last:
            title = re.sub(r"([=;#\\\n])", r"\\\1", chapter.title)
            starts, ends = (round((at - begin) / _TICK) for at in (max(first, begin), min(last, end)))
            lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={starts}", f"END={ends}", f"title={title}"]
    return "\n".join(lines) + "\n"


def _extract(video: Video, brought: StreamPlan, path: Path, should_stop: Callable[[], bool]) -> None:
    """Write the subtitles into a Matroska file, on a clock that starts with the film's."""
    words: list[object] = [
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        FORMATS,
        "-i",
        video.path.absolute(),
    ]
    for track, passage in enumerate(brought.of(Track.SUBTITLE)):
        # Matroska does not know MP4's kind of text.
        kind = "subrip" if passage.stream.codec == "mov_text" else "copy"
        words += ["-map", f"0:{passage.stream.index}", f"-c:s:{track}", kind]
    run([*words, path], what="read the subtitles", should_stop=should_stop)


def _clip(whole: Path, path: Path, begin: Fraction, end: Fraction) -> int:
    """Keep the subtitles that show between two moments, those at the edges shortened, and count them."""
    kept = 0
    with av.open(str(whole), options=WHITELISTS) as read, av.open(str(path), "w") as made:
        tracks = {stream.index: made.add_stream_from_template(stream) for stream in read.streams.subtitles}
        for packet in read.demux():
            if packet.pts is None or packet.time_base is None or not packet.size:
                continue
            first = packet.pts * packet.time_base
            last = first + (packet.duration or 0) * packet.time_base
            if first < end and begin < max(last, first + _TICK):
                packet.stream = tracks[packet.stream.index]
                packet.time_base = _TICK
                packet.pts = packet.dts = round((max(first, begin) - begin) / _TICK)
                packet.duration = round((min(last, end) - max(first, begin)) / _TICK) if last > first else 0
                made.mux(packet)
                kept += 1
    return kept


def _covers(video: Video, brought: StreamPlan, folder: Path) -> tuple[tuple[Path, str], ...]:
    found: list[tuple[Path, str]] = []
    covers = {passage.stream.index: passage.stream for passage in brought.of(Track.COVER)}
    if not covers:
        return ()
    with av.open(str(video.path.absolute()), options=WHITELISTS, metadata_errors="replace") as container:
        for packet in container.demux([container.streams[index] for index in covers]):
            stream = covers.pop(packet.stream.index, None)
            if stream is None:
                break
            ending, kind = _TYPES[stream.codec]
            file = folder / f"cover{len(found) or ''}.{ending}"
            file.write_bytes(bytes(packet))
            found.append((file, kind))
    return tuple(found)
