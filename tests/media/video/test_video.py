from dataclasses import replace
from fractions import Fraction

from support.films import FILM

from vidstyle.media.video.tracks import Stream, Track
from vidstyle.options.values import Time


def test_constant_frame_rate_gives_the_exact_duration():
    assert FILM.duration == Fraction(2, 25)
    ragged = replace(FILM, variable=True, timestamps=(Fraction(0), Fraction(1)), last=Fraction(1, 2))
    assert ragged.duration == Fraction(3, 2)


def test_audio_codecs_are_listed():
    streams = Stream(1, Track.SUBTITLE, "ass"), Stream(2, Track.AUDIO, "aac"), Stream(3, Track.AUDIO, "opus")
    assert replace(FILM, streams=streams).audio == ("aac", "opus")


def test_frame_number_counts_decoded_frames():
    thinned = replace(FILM, timestamps=(Fraction(0), Fraction(1), Fraction(2)), picks=(0, 4, 8))
    assert [thinned.index_at(Time(frame=frame)) for frame in (0, 3, 4, 8, 9)] == [0, 1, 1, 2, 3]


def test_time_is_converted_to_seconds_of_the_video():
    video = replace(FILM, timestamps=(Fraction(0), Fraction(1), Fraction(2)))
    times = (Time(seconds=Fraction(7)), Time(frame=2), Time(frame=99))
    assert [video.second_of(time) for time in times] == [7, 2, video.duration]
