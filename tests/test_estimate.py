import dataclasses
from pathlib import Path

import pytest
from conftest import COPIED, H264, QUICK

from vidstyle.errors import ProbeError, RangeError
from vidstyle.options import SourceOptions, Time
from vidstyle.pipeline.estimate import estimate
from vidstyle.pipeline.jobs import plan


def estimated(path, style, options=QUICK, **source):
    options = dataclasses.replace(options, source=SourceOptions(**source))
    return estimate(plan([path], [style], Path("out.mp4"), options)[0])


def test_size_and_frames_are_those_of_the_result(short, style):
    guess = estimated(short, style, start=Time(frame=2))
    assert (guess.width, guess.height, guess.frames) == (48, 32, 4)


def test_memory_grows_with_the_picture_and_not_with_the_length(short, clip, style):
    small, large = estimated(short, style), estimated(clip, style)
    assert large.memory_bytes > small.memory_bytes
    assert estimated(clip, style, end=Time(frame=1)).memory_bytes == large.memory_bytes


def test_copying_needs_less_memory_than_painting(short, style):
    assert estimated(short, style, COPIED).memory_bytes < estimated(short, style).memory_bytes


def test_disk_holds_every_frame_in_16_bits(short, style):
    assert estimated(short, style).disk_bytes == 6 * 48 * 32 * 3 * 2


def test_sound_that_is_cut_and_streams_that_are_left_out_are_said(draw, short, style, tmp_path):
    subtitles = tmp_path / "words.srt"
    subtitles.write_text("1\n00:00:00,000 --> 00:00:00,100\nWords\n")
    film = draw("subtitled.mkv", "-i", short, "-i", subtitles, *H264, "-c:a", "copy", "-c:s", "srt")
    assert estimated(film, style).notes == ("subtitle (subrip) becomes MP4's own kind, which .mp4 holds",)
    assert estimated(film, style, end=Time(frame=3)).notes[0] == (
        "the sound is cut to match, and encoded anew as AAC"
    )
    assert estimated(short, style).notes == ()


def test_what_cannot_begin_says_why(short, style, tmp_path):
    jobs = plan([tmp_path / "missing.mp4", short], [style], tmp_path, COPIED)
    with pytest.raises(ProbeError, match=r"missing\.mp4"):
        estimate(jobs[0])
    with pytest.raises(RangeError):
        estimated(short, style, start=Time(frame=99))
