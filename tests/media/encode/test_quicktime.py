from dataclasses import replace

from support.films import FILM

from vidstyle.media.encode.quicktime import MAC_LANGUAGES, mp4_options
from vidstyle.media.encode.segment import Segment, timescale


def options(*tags):
    return mp4_options(Segment(replace(FILM, tags=tags), 0, FILM.frames))


def test_tags_without_an_mp4_name_are_kept_as_keys():
    assert options("title", "ENCODER")["movflags"] == "+faststart"
    assert options("title", "com.apple.make")["movflags"] == "+faststart+use_metadata_tags"


def test_ticks_are_those_of_the_frames():
    assert options()["video_track_timescale"] == timescale(FILM)


def test_mac_codes_of_languages_have_three_letters():
    assert all(len(code) == len(own) == 3 for code, own in MAC_LANGUAGES.items())
