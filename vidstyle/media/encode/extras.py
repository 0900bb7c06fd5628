"""Inputs of ffmpeg that are written beforehand: subtitles and chapters of a part, attached covers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from vidstyle.media.encode.containers import CONTAINERS, Container
from vidstyle.media.encode.ffmpeg import run
from vidstyle.media.encode.segment import Segment
from vidstyle.media.encode.stream_plan import StreamPlan
from vidstyle.media.video.probe import FORMATS, WHITELISTS, Video
from vidstyle.media.video.tracks import Track

_COVER_FILES = {"mjpeg": ("jpg", "image/jpeg"), "png": ("png", "image/png"), "bmp": ("bmp", "image/bmp")}
"""Ending and media type of a cover, by codec."""
_TICK = Fraction(1, 1000)


@dataclass(frozen=True)
class Extras:
    """Files that are muxed together with the source."""

    subtitles: Path | None = None
    """Matroska file with the subtitles of a part, on the part's clock; None where none is shown."""
    chapters: Path | None = None
    """Chapters of a part, as ffmpeg writes metadata."""
    covers: tuple[tuple[Path, str], ...] = ()
    """Covers to attach, and their media types."""


def prepare_extras(
    segment: Segment,
    plan: StreamPlan,
    container: Container,
    folder: Path,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> Extras:
    """Write what ffmpeg cannot take from the source as it is.

    Parameters
    ----------
    segment
        Range of the source that is painted.
    plan
        Streams that go along.
    container
        Container of the output.
    folder
        Where to write; nothing else may be in it.
    should_stop
        Called about ten times per second; True interrupts.

    Raises
    ------
    EncodeError
        ffmpeg could not read the subtitles.
    Interrupted
        `should_stop` returned True.
    """
    video, subtitles, chapters = segment.video, None, None
    if not segment.is_whole:
        begin, end = segment.file_range
        if plan.chapters:
            chapters = folder / "chapters.txt"
            chapters.write_text(_chapters(video, begin, end), encoding="utf-8")
        if plan.of(Track.SUBTITLE):
            complete, clipped = folder / "complete.mkv", folder / "subtitles.mkv"
            _extract_subtitles(video, plan, complete, should_stop)
            # ffmpeg cannot open a file without packets.
            subtitles = clipped if _clip_subtitles(complete, clipped, begin, end) else None
    return Extras(subtitles, chapters, _covers(video, plan, folder) if container.attaches_covers else ())


def _chapters(video: Video, begin: Fraction, end: Fraction) -> str:
    """Write the chapters between two times as ffmpeg reads them."""
    lines = [";FFMETADATA1"]
    for chapter in video.chapters:
        first, last = chapter.start - video.start, chapter.end - video.start
        if first < end and begin < last:
            title = re.sub(r"([=;#\\\n])", r"\\\1", chapter.title)
            starts, ends = (round((at - begin) / _TICK) for at in (max(first, begin), min(last, end)))
            lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={starts}", f"END={ends}", f"title={title}"]
    return "\n".join(lines) + "\n"


def _extract_subtitles(video: Video, plan: StreamPlan, path: Path, should_stop: Callable[[], bool]) -> None:
    """Write the subtitles into a Matroska file, on a clock that starts with the source's."""
    arguments: list[object] = ["-protocol_whitelist", "file", "-format_whitelist", FORMATS]
    arguments += ["-i", video.path.absolute()]
    matroska = CONTAINERS[".mkv"]
    for track, planned in enumerate(plan.of(Track.SUBTITLE)):
        codec = "copy" if planned.stream.codec in matroska.subtitles else matroska.subtitle_fallback
        arguments += ["-map", f"0:{planned.stream.index}", f"-c:s:{track}", codec]
    run([*arguments, path], what="read the subtitles", should_stop=should_stop)


def _clip_subtitles(complete: Path, path: Path, begin: Fraction, end: Fraction) -> int:
    """Copy the subtitles that are shown between two times, shortened at the edges, and count them."""
    count = 0
    with av.open(str(complete), options=WHITELISTS) as source, av.open(str(path), "w") as target:
        tracks = {
            stream.index: target.add_stream_from_template(stream) for stream in source.streams.subtitles
        }
        for packet in source.demux():
            if packet.pts is None or packet.time_base is None or not packet.size:
                continue
            first = packet.pts * packet.time_base
            last = first + (packet.duration or 0) * packet.time_base
            if first < end and begin < max(last, first + _TICK):
                packet.stream = tracks[packet.stream.index]
                packet.time_base = _TICK
                packet.pts = packet.dts = round((max(first, begin) - begin) / _TICK)
                packet.duration = round((min(last, end) - max(first, begin)) / _TICK) if last > first else 0
                target.mux(packet)
                count += 1
    return count


def _covers(video: Video, plan: StreamPlan, folder: Path) -> tuple[tuple[Path, str], ...]:
    """Write the covers as files of their own."""
    written: list[tuple[Path, str]] = []
    covers = {planned.stream.index: planned.stream for planned in plan.of(Track.COVER)}
    if not covers:
        return ()
    with av.open(str(video.path.absolute()), options=WHITELISTS, metadata_errors="replace") as source:
        for packet in source.demux([source.streams[index] for index in covers]):
            stream = covers.pop(packet.stream.index, None)
            if stream is None:
                break
            ending, media_type = _COVER_FILES[stream.codec]
            file = folder / f"cover{len(written) or ''}.{ending}"
            file.write_bytes(bytes(packet))
            written.append((file, media_type))
    return tuple(written)
