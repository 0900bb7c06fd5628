from dataclasses import replace
from fractions import Fraction

import pytest
from support.films import FILM

from vidstyle.media.encode.stream_plan import plan_streams
from vidstyle.media.video.tracks import Chapter, Stream, Track


def brought(ending, *streams, whole=True, chapters=()):
    film = replace(
        FILM, streams=tuple(Stream(i, *stream) for i, stream in enumerate(streams, 1)), chapters=chapters
    )
    made = plan_streams(film, ending, whole=whole)
    return [passage.codec for passage in made.passages], made.notes


def test_what_fits_is_copied_and_nothing_is_said():
    streams = (Track.AUDIO, "aac"), (Track.AUDIO, "ac3"), (Track.SUBTITLE, "mov_text"), (Track.COVER, "mjpeg")
    assert brought(".mp4", *streams) == (["copy"] * 4, ())


def test_what_becomes_something_else_is_said():
    codecs, notes = brought(".mp4", (Track.AUDIO, "pcm_s16le"), (Track.SUBTITLE, "ass"))
    assert codecs == ["aac", "mov_text"]
    assert notes == (
        "audio (pcm_s16le) becomes AAC, which .mp4 holds",
        "subtitle (ass) becomes MP4's own kind, which .mp4 holds",
    )
    assert brought(".webm", (Track.AUDIO, "aac"), (Track.SUBTITLE, "subrip"))[0] == ["opus", "webvtt"]
    assert brought(".mkv", (Track.SUBTITLE, "mov_text"))[0] == ["subrip"]


def test_what_stays_out_is_said():
    streams = (
        (Track.SUBTITLE, "hdmv_pgs_subtitle"),
        (Track.ATTACHMENT, "font/ttf", 0, "a.ttf"),
        (Track.DATA, "gpmd"),
        (Track.VIDEO, "h264"),
        (Track.AUDIO, "unknown"),
    )
    codecs, notes = brought(".mp4", *streams)
    assert codecs == []
    assert notes == (
        "only the first stream of pictures is painted; left out: video (h264)",
        (
            "left out, since .mp4 does not hold them: subtitle (hdmv_pgs_subtitle), attachment (a.ttf), data (gpmd), "
            "audio (unknown)"
        ),
    )
    assert brought(".mkv", *streams[:2]) == (["copy", "copy"], ())


@pytest.mark.parametrize(("codec", "becomes"), [("aac", "aac"), ("pcm_s16le", "pcm_s16le"), ("flac", "flac")])
def test_the_sound_of_a_part_is_encoded_anew_without_loss_where_there_was_none(codec, becomes):
    codecs, notes = brought(".mkv", (Track.AUDIO, codec), whole=False)
    assert codecs == [becomes]
    assert notes == (
        f"the sound is cut to match, and encoded anew as {becomes if 'pcm' in becomes else becomes.upper()}",
    )


def test_chapters_go_along():
    chapter = Chapter(Fraction(0), Fraction(1), "One")
    assert plan_streams(replace(FILM, chapters=(chapter,)), ".webm", whole=True).chapters
    assert not plan_streams(FILM, ".webm", whole=True).chapters


@pytest.mark.parametrize(
    ("ending", "codec", "whole", "becomes"),
    [
        (".mov", "flac", True, "alac"),
        (".mov", "dts", True, "aac"),
        (".mkv", "pcm_f32be", True, "pcm_f32le"),
        (".mkv", "pcm_bluray", True, "flac"),
        (".mkv", "truehd", True, "copy"),
        (".mkv", "truehd", False, "flac"),
        (".mp4", "pcm_s24le", True, "aac"),
    ],
)
def test_sound_without_loss_stays_so_where_the_container_has_a_codec_for_it(ending, codec, whole, becomes):
    assert brought(ending, (Track.AUDIO, codec), whole=whole)[0] == [becomes]


def test_a_timecode_is_not_said_to_be_left_out():
    assert brought(".mp4", (Track.DATA, "timecode"), whole=True) == (["copy"], ())
    assert "data (timecode)" in brought(".gif", (Track.DATA, "timecode"), whole=True)[1][0]
