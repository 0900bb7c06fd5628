from dataclasses import replace
from fractions import Fraction

import pytest
from support.films import FILM

from vidstyle.media.encode.containers import CONTAINERS
from vidstyle.media.encode.stream_plan import endings_that_keep, is_text, plan_streams, without_audio
from vidstyle.media.video.tracks import Chapter, Stream, Track


def planned(ending, *streams, whole=True, chapters=()):
    film = replace(
        FILM, streams=tuple(Stream(i, *stream) for i, stream in enumerate(streams, 1)), chapters=chapters
    )
    plan = plan_streams(film, CONTAINERS[ending], whole=whole)
    return [each.codec for each in plan.planned], plan.notes


def test_supported_streams_are_copied_without_notes():
    streams = (Track.AUDIO, "aac"), (Track.AUDIO, "ac3"), (Track.SUBTITLE, "mov_text"), (Track.COVER, "mjpeg")
    assert planned(".mp4", *streams) == (["copy"] * 4, ())


def test_converted_streams_are_reported():
    codecs, notes = planned(".mp4", (Track.AUDIO, "pcm_s16le"), (Track.SUBTITLE, "ass"))
    assert codecs == ["aac", "mov_text"]
    assert notes == (
        "audio (pcm_s16le) is converted to AAC for .mp4",
        "subtitle (ass) is converted to MP4 timed text for .mp4",
    )
    assert planned(".webm", (Track.AUDIO, "aac"), (Track.SUBTITLE, "subrip"))[0] == ["opus", "webvtt"]
    assert planned(".mkv", (Track.SUBTITLE, "mov_text"))[0] == ["subrip"]


def test_omitted_streams_are_reported():
    streams = (
        (Track.SUBTITLE, "hdmv_pgs_subtitle"),
        (Track.ATTACHMENT, "font/ttf", 0, "a.ttf"),
        (Track.DATA, "gpmd"),
        (Track.VIDEO, "h264"),
        (Track.AUDIO, "unknown"),
    )
    codecs, notes = planned(".mp4", *streams)
    assert codecs == []
    assert notes == (
        "only the first video stream is painted; omitted: video (h264)",
        (
            "omitted, since .mp4 does not support them: subtitle (hdmv_pgs_subtitle), attachment (a.ttf), "
            "data (gpmd), audio (unknown)"
        ),
    )
    assert planned(".mkv", *streams[:2]) == (["copy", "copy"], ())


@pytest.mark.parametrize(("codec", "becomes"), [("aac", "aac"), ("pcm_s16le", "pcm_s16le"), ("flac", "flac")])
def test_audio_of_a_part_is_encoded_again_without_loss_where_it_was_lossless(codec, becomes):
    codecs, notes = planned(".mkv", (Track.AUDIO, codec), whole=False)
    assert codecs == [becomes]
    label = becomes if "pcm" in becomes else becomes.upper()
    assert notes == (f"audio is cut to match, and encoded again as {label}",)


def test_chapters_are_planned_where_there_are_some():
    chapter = Chapter(Fraction(0), Fraction(1), "One")
    webm = CONTAINERS[".webm"]
    assert plan_streams(replace(FILM, chapters=(chapter,)), webm, whole=True).chapters
    assert not plan_streams(FILM, webm, whole=True).chapters


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
def test_lossless_audio_stays_lossless_where_the_container_supports_it(ending, codec, whole, becomes):
    assert planned(ending, (Track.AUDIO, codec), whole=whole)[0] == [becomes]


@pytest.mark.parametrize(
    ("ending", "codec", "channels", "layout", "whole", "becomes"),
    [
        (".mov", "flac", 8, "7.1", True, "pcm_s24le"),
        (".mov", "flac", 6, "5.1(side)", True, "alac"),
        (".mkv", "wavpack", 16, "16 channels", False, "pcm_s24le"),
        (".mkv", "wavpack", 2, "stereo", False, "flac"),
        (".mkv", "pcm_s16le", 4, "4 channels", True, "copy"),
        (".mkv", "pcm_s16le", 4, "4 channels (FR+FL+LFE+FC)", True, "pcm_s16le"),
        (".mov", "pcm_s16le", 4, "4 channels (FR+FL+LFE+FC)", True, "copy"),
    ],
)
def test_lossless_audio_keeps_its_channels(ending, codec, channels, layout, whole, becomes):
    assert planned(ending, (Track.AUDIO, codec, channels, "", "", layout), whole=whole)[0] == [becomes]


def test_change_of_channels_is_reported():
    codecs, notes = planned(".mkv", (Track.AUDIO, "pcm_s16le", 4, "", "", "4 channels (FR+FL+LFE+FC)"))
    assert (codecs, notes) == (
        ["pcm_s16le"],
        ("audio (pcm_s16le): 4 channels (FR+FL+LFE+FC) are taken as 3.1",),
    )


def test_audio_can_be_omitted_without_a_note():
    film = replace(FILM, streams=(Stream(1, Track.AUDIO, "aac"), Stream(2, Track.SUBTITLE, "mov_text")))
    plan = plan_streams(without_audio(film), CONTAINERS[".mp4"], whole=True)
    assert ([each.stream.index for each in plan.planned], plan.notes) == ([2], ())


def test_endings_that_keep_an_audio_track_are_listed():
    track = Stream(1, Track.AUDIO, "pcm_s16le", 16, layout="16 channels")
    assert endings_that_keep(track, whole=True) == endings_that_keep(track, whole=False) == [".mov", ".mkv"]
    assert endings_that_keep(replace(track, codec="dts"), whole=False) == []


def test_timecode_is_not_reported_as_omitted():
    assert planned(".mp4", (Track.DATA, "timecode"), whole=True) == (["copy"], ())
    assert "data (timecode)" in planned(".gif", (Track.DATA, "timecode"), whole=True)[1][0]


def test_only_text_subtitles_are_text():
    assert is_text("subrip")
    assert is_text("mov_text")
    assert not is_text("hdmv_pgs_subtitle")
