from fractions import Fraction

import av
import pytest

from vidstyle.media.encode.containers import CONTAINERS
from vidstyle.media.encode.extras import prepare_extras
from vidstyle.media.encode.segment import Segment
from vidstyle.media.encode.stream_plan import plan_streams
from vidstyle.media.video.probe import probe_video

TICK = Fraction(1, 1000)


@pytest.fixture
def ready(laden, tmp_path):
    """Prepare frames [start, stop) of the laden film for an ending."""

    def make(ending, start=0, stop=25, path=laden):
        video = probe_video(path)
        segment, container = Segment(video, start, stop), CONTAINERS[ending]
        plan = plan_streams(video, container, whole=segment.is_whole)
        return prepare_extras(segment, plan, container, tmp_path)

    return make


def subtitles_of(path):
    with av.open(str(path)) as container:
        tick = container.streams[0].time_base
        return [
            (packet.pts * tick, (packet.pts + packet.duration) * tick, bytes(packet))
            for packet in container.demux()
            if packet.size
        ]


def test_whole_film_needs_no_extras(ready):
    extras = ready(".mp4")
    assert (extras.subtitles, extras.chapters, extras.covers) == (None, None, ())


def test_subtitles_of_a_part_are_shortened_at_its_edges(ready):
    # 0.2 to 0.8 s.
    assert subtitles_of(ready(".mp4", 5, 20).subtitles) == [
        (0, Fraction(3, 10), b"Hello"),
        (Fraction(4, 10), Fraction(6, 10), b"World"),
    ]
    assert ready(".mp4", 23, 25).subtitles is None


def test_mp4_subtitles_are_clipped_too(ready, draw, laden):
    film = draw("texts.mp4", "-i", laden, "-map", "0:v:0", "-map", "0:s", "-c", "copy", "-c:s", "mov_text")
    # A gap is a text of its own there, an empty one.
    shown = [shown for shown in subtitles_of(ready(".mp4", 5, 20, film).subtitles) if shown[2]]
    assert shown == [(0, Fraction(3, 10), b"Hello"), (Fraction(4, 10), Fraction(6, 10), b"World")]


def test_chapters_of_a_part_use_its_clock_and_keep_odd_titles(ready):
    assert ready(".mp4", 5, 20).chapters.read_text().splitlines()[1:] == [
        *("[CHAPTER]", "TIMEBASE=1/1000", "START=0", "END=300", "title=One"),
        *("[CHAPTER]", "TIMEBASE=1/1000", "START=300", "END=600", "title=a\\=b\\;c"),
    ]


def test_covers_are_extracted_for_matroska_only(ready):
    ((file, kind),) = ready(".mkv").covers
    assert kind == "image/jpeg"
    assert file.read_bytes().startswith(b"\xff\xd8")
    assert ready(".mp4").covers == ()
