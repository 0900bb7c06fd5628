"""Contract of all containers: one row is enough for a container, as that for NUT shows, added only here."""

from fractions import Fraction
from pathlib import Path

import av
import pytest
from support.clips import COPIED, H264, packets_of

from vidstyle.media.encode.codecs import codec_of
from vidstyle.media.encode.containers import CONTAINERS, Container
from vidstyle.media.encode.stream_plan import COPY, plan_streams
from vidstyle.media.encode.verify import Contents, read_film
from vidstyle.media.provenance import read_note
from vidstyle.media.video.probe import Kind, probe_video
from vidstyle.media.video.tracks import Track
from vidstyle.options.media import EncodeOptions
from vidstyle.pipeline.plan.naming import OutputNaming
from vidstyle.pipeline.run import stylize

finished, checked = [], []


def check_source(video):
    checked.append(video.path)


def read_nut(path):
    contents = read_film(path)
    finished.append(("read", path.suffix))
    return contents


NUT = Container(
    ".nut",
    codecs=("h264", "ffv1"),
    audio=frozenset({"aac", "flac", "mp3", "pcm_s16le"}),
    audio_fallback="flac",
    note_tag="comment",
    source_ending=".ivf",
    check_source=check_source,
    options=lambda _: {"write_index": 1},
    finish=lambda path, segment: finished.append((path.suffix, segment.frames)),
    read_back=read_nut,
)
ROWS = {**CONTAINERS, NUT.ending: NUT}


@pytest.fixture(params=ROWS, ids=lambda ending: ending or "folder")
def row(request, monkeypatch):
    monkeypatch.setitem(CONTAINERS, NUT.ending, NUT)
    return ROWS[request.param]


@pytest.fixture
def written(copy, row):
    """Copy a film into the container at hand."""

    def write(source, *segment, encode=None, **options):
        encode = encode or EncodeOptions()
        return copy(
            source,
            f"out{row.ending}",
            *segment,
            even=codec_of(encode, row).even,
            encode=encode,
            **options,
        )

    return write


def check_frames(found: Contents, due: list[Fraction], row: Container):
    """Compare the number and the times of frames; those that are merged keep the time of the first."""
    if row.time_tolerance_s is None:
        assert (found.frames, found.times) == (len(due), ())
    elif row.merges_equal_frames and found.frames < len(due):
        assert found.frames > 0
        times = found.times[: found.frames]
        assert all(min(abs(time - moment) for moment in due) <= row.time_tolerance_s for time in times)
    else:
        assert found.frames == len(due)
        errors = [abs(time - moment) for time, moment in zip(found.times, due, strict=False)]
        assert max(errors, default=0) <= row.time_tolerance_s


@pytest.mark.parametrize("segment", [(0, 25), (5, 20), (3, 4)])
def test_copied_film_has_the_same_count_times_and_size(clip, written, row, segment):
    found = row.read_back(written(clip, *segment))
    assert found.sizes == {(64, 48)}
    check_frames(found, [Fraction(i, 25) for i in range(segment[1] - segment[0])], row)


def test_variable_frame_times_are_kept_within_the_tolerance(draw, written, row):
    # Slow enough for GIF.
    chosen = "testsrc2=s=64x48:r=30:d=2,select='eq(n,0)+between(n,30,45)+eq(n,55)'"
    source = draw("slow.mp4", "-f", "lavfi", "-i", chosen, "-fps_mode", "passthrough", *H264)
    check_frames(row.read_back(written(source)), list(probe_video(source).timestamps), row)


def test_size_is_kept_where_the_codec_takes_it(draw, written, row):
    source = draw("odd.mkv", "-f", "lavfi", "-i", "testsrc=s=61x47:r=10:d=0.5", "-c:v", "ffv1")
    even = codec_of(EncodeOptions(), row).even
    assert row.read_back(written(source)).sizes == {(60, 46) if even else (61, 47)}


def test_planned_streams_are_in_the_result(laden, written, row):
    source = probe_video(laden)
    plan = plan_streams(source, row, whole=True)
    result = written(laden)
    if not row.has_tracks:
        assert plan.planned == ()
        return
    video = probe_video(result)
    for kind in Track:
        due = [s.stream.codec if s.codec == COPY else s.codec for s in plan.of(kind)]
        found = [stream.codec for stream in video.streams if stream.kind is kind]
        assert found == due or (kind is Track.DATA and found == ["timecode"]), kind
    for place, planned in enumerate(plan.of(Track.AUDIO)):
        if planned.codec == COPY:
            assert packets_of(result, place) == packets_of(laden, source.audio.index(planned.stream.codec))
    titles = [chapter.title for chapter in source.chapters] if plan.chapters else []
    assert [chapter.title for chapter in video.chapters] == titles
    with av.open(str(result)) as film:
        assert {name.lower(): value for name, value in film.metadata.items()}["title"] == "Laden"


def test_note_is_read_back_where_there_is_a_tag_for_it(short, written, row):
    result = written(short, note="vidstyle 1: vidstyle in.mp4")
    if row.note_tag:
        assert read_note(result) == "vidstyle 1: vidstyle in.mp4"
    elif result.is_file():
        assert read_note(result) is None


def test_same_frames_give_same_bytes(short, written):
    def content(path: Path):
        return [file.read_bytes() for file in (sorted(path.iterdir()) if path.is_dir() else [path])]

    first = written(short)
    before = content(first)
    if first.is_dir():
        first.rename(first.with_name("before"))
    assert content(written(short)) == before


@pytest.mark.parametrize(
    ("ending", "codec"), [(ending, codec) for ending, row in ROWS.items() for codec in row.codecs]
)
def test_every_codec_of_a_row_is_written(draw, copy, monkeypatch, ending, codec):
    monkeypatch.setitem(CONTAINERS, NUT.ending, NUT)
    source = draw("wide.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.12", *H264)
    result = copy(source, f"out{ending}", encode=EncodeOptions(codec=codec))
    check_frames(ROWS[ending].read_back(result), [Fraction(i, 25) for i in range(3)], ROWS[ending])


def test_added_row_needs_no_other_change(clip, style, tmp_path, monkeypatch):
    monkeypatch.setitem(CONTAINERS, NUT.ending, NUT)
    finished.clear()
    checked.clear()
    naming = OutputNaming()
    assert naming.ending(Path("a.nut"), Kind.FILM) == naming.ending(Path("a.ivf"), Kind.FILM) == ".nut"
    result = stylize(clip, style, tmp_path / "out.nut", options=COPIED)
    assert result.frames == 25
    assert checked == [clip]
    assert finished == [(".nut", 25), ("read", ".nut")]
    video = probe_video(tmp_path / "out.nut")
    assert (video.frames, video.rate, video.audio) == (25, 25, ("aac",))
    with av.open(str(tmp_path / "out.nut")) as film:
        assert film.format.name == "nut"
