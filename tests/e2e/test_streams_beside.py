"""Sound, subtitles, chapters and fonts are copied where the container holds them, otherwise listed first."""

import av
import pytest
from support.clips import H264, packets_of

SUBTITLES = "1\n00:00:00,000 --> 00:00:00,300\nWords\n"
CHAPTERS = ";FFMETADATA1\ntitle=A film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=300\ntitle=One\n"


@pytest.fixture
def rich(bench):
    (bench / "s.srt").write_text(SUBTITLES)
    (bench / "c.txt").write_text(CHAPTERS)
    (bench / "f.ttf").write_bytes(bytes(2000))
    lavfi = [
        word
        for source in ("testsrc2=s=64x48:r=25:d=0.4", "sine=d=0.4", "sine=300:d=0.4")
        for word in ("-f", "lavfi", "-i", source)
    ]
    bench.draw(
        "in.mkv", *lavfi, "-i", "s.srt", "-i", "c.txt", "-map", 0, "-map", 1, "-map", 2, "-map", 3,
        "-map_metadata", 4, "-map", 3, "-map_chapters", 4, *H264, "-c:a:0", "aac", "-c:a:1", "flac",
        "-c:s:0", "srt", "-c:s:1", "ass", "-metadata:s:a:1", "language=fra",
        "-attach", "f.ttf", "-metadata:s:t", "mimetype=font/ttf",
    )  # fmt: skip
    return "in.mkv"


def test_matroska_keeps_them_all_bit_for_bit(bench, rich):
    bench.painted(rich, "-o", "out.mkv")
    with av.open(str(bench / "out.mkv")) as film:
        assert sorted(stream.type for stream in film.streams) == [
            "attachment",
            "audio",
            "audio",
            "subtitle",
            "subtitle",
            "video",
        ]
        assert [stream.codec_context.name for stream in film.streams.subtitles] == ["srt", "ssa"]
        assert film.streams.audio[1].metadata["language"] in {"fra", "fre"}
        assert [chapter["metadata"]["title"] for chapter in film.chapters()] == ["One"]
        assert film.metadata["title"] == "A film"
    for track in (0, 1):
        assert packets_of(bench / "out.mkv", track) == packets_of(bench / rich, track)


@pytest.mark.parametrize("ending", ["mp4", "webm"])
def test_streams_that_a_container_does_not_hold_are_listed_before_the_run(bench, rich, ending):
    predict_duration = bench.painted(rich, "-o", f"out.{ending}", "--dry-run").out
    bench.painted(rich, "-o", f"out.{ending}")
    with av.open(str(bench / f"out.{ending}")) as film:
        kinds = [stream.type for stream in film.streams]
        assert len(film.streams.audio) == 2
    assert "attachment" not in kinds
    assert "f.ttf" in predict_duration or "attachment" in predict_duration or "font" in predict_duration
    assert "subtitle" in kinds or "subtitle" in predict_duration
