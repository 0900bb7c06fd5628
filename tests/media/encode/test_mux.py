from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import ffmpeg
import pytest
from support.films import FILM

from vidstyle.media.encode.codecs import codec_of
from vidstyle.media.encode.containers import CONTAINERS, container_of
from vidstyle.media.encode.extras import Extras
from vidstyle.media.encode.mux import FilmSpec, encoder_options, mux_arguments
from vidstyle.media.encode.segment import Segment
from vidstyle.media.encode.stream_plan import plan_streams
from vidstyle.media.geometry import FrameSize
from vidstyle.media.video.tracks import Chapter, Stream, Track
from vidstyle.options.media import EncodeOptions

CHAPTERS = (Chapter(Fraction(0), Fraction(1), "One"),)


def film(*streams, **changes):
    given = {
        "start": Fraction(7, 5),
        "timestamps": tuple(Fraction(i, 25) for i in range(4)),
        "streams": tuple(Stream(index, *stream) for index, stream in enumerate(streams, 3)),
    }
    return type(FILM)(**{**vars(FILM), **given, **changes})


def arguments(video, output="out.mp4", part=None, extras=None):
    output = Path(output)
    segment, encode = Segment(video, *(part or (0, video.frames))), EncodeOptions()
    container, size = container_of(output), FrameSize(64, 48, Fraction(1))
    plan = plan_streams(video, container, whole=segment.is_whole)
    spec = FilmSpec(segment, size, container, codec_of(encode, container), plan, encode)
    found = mux_arguments(ffmpeg.input("frames"), spec, extras or Extras(), output)
    return found, dict(pairwise(found))


def mapped(found):
    return [after for before, after in pairwise(found) if before == "-map"]


@pytest.mark.parametrize(
    ("ending", "codec", "chosen"),
    [
        ("mp4", "aac", "copy"),
        ("mp4", "pcm_s16le", "aac"),
        ("mov", "pcm_s16le", "copy"),
        ("mkv", "vorbis", "copy"),
        ("webm", "aac", "libopus"),
    ],
)
def test_audio_is_copied_where_the_container_supports_it(ending, codec, chosen):
    found, options = arguments(film((Track.AUDIO, codec, 6)), f"out.{ending}")
    assert mapped(found)[1] == "1:3"
    assert options["-c:a:0"] == chosen
    assert ("-b:a:0" in options) == (chosen != "copy")


def test_bit_rate_of_encoded_audio_counts_channels():
    _, options = arguments(film((Track.AUDIO, "flac", 6)), "out.webm")
    assert options["-b:a:0"] == str(6 * 64_000)
    assert "5.1" in options["-filter:a:0"]


def test_part_cuts_audio_at_its_frames_times():
    video = film((Track.AUDIO, "aac", 2), offset=Fraction(1, 2), chapters=CHAPTERS)
    found, options = arguments(video, part=(1, 3), extras=Extras(chapters=Path("chapters.txt")))
    assert options["-filter:a:0"].startswith("atrim=start=0.540000:end=0.620000,")
    assert options["-c:a:0"] == "aac"
    assert found[found.index("chapters.txt") - 2 :][:3] == ["ffmetadata", "-i", "chapters.txt"]
    assert options["-map_chapters"] == "2"


def test_subtitles_of_a_part_come_from_the_prepared_file():
    video = film((Track.SUBTITLE, "subrip"), (Track.SUBTITLE, "ass"))
    found, options = arguments(video, part=(1, 3), extras=Extras(subtitles=Path("texts.mkv")))
    assert mapped(found)[-2:] == ["2:s:0", "2:s:1"]
    assert (options["-c:s:0"], options["-c:s:1"]) == ("mov_text", "mov_text")
    assert mapped(arguments(video)[0])[-2:] == ["1:3", "1:4"]


def test_covers_are_copied_as_streams_or_attached():
    video = film((Track.ATTACHMENT, "font/ttf"), (Track.COVER, "mjpeg"))
    _, options = arguments(video)
    assert options["-c:v:1"] == "copy"
    found, options = arguments(video, "out.mkv", extras=Extras(covers=((Path("cover.jpg"), "image/jpeg"),)))
    assert options["-attach"] == "cover.jpg"
    assert options["-metadata:s:t:1"] == "mimetype=image/jpeg"
    assert "1:4" not in mapped(found)


def test_source_clock_is_shifted_to_its_start():
    found, options = arguments(film())
    assert options["-itsoffset"] == "-1.400000"
    assert "-copyts" in found


def test_tags_without_an_mp4_name_are_kept_as_keys():
    assert arguments(film(tags=("title",)))[1]["-movflags"] == "+faststart"
    assert arguments(film(tags=("title", "com.apple.make")))[1]["-movflags"].endswith("+use_metadata_tags")
    assert "-movflags" not in arguments(film(tags=("com.apple.make",)), "out.mkv")[1]


def test_language_and_timecode_of_the_video_are_kept():
    found, _ = arguments(film(labels=(("language", "jpn"), ("timecode", "01:00:00:00"))))
    labels = [after for before, after in pairwise(found) if before == "-metadata:s:v:0"]
    assert labels == ["language=jpn", "timecode=01:00:00:00"]


def test_users_encoder_options_win():
    encode = EncodeOptions(crf=20.5, encoder_option=("preset=slow",))
    options = encoder_options(codec_of(encode, CONTAINERS[".mp4"]), encode)
    assert (options["crf:v:0"], options["preset:v:0"]) == ("20.5", "slow")


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_mp4_brands_are_not_copied_as_tags(ending):
    found, _ = arguments(film(tags=("major_brand", "title")), f"out.{ending}")
    assert [after for before, after in pairwise(found) if before == "-metadata"] == ["major_brand="]


def test_languages_of_mov_use_its_own_codes():
    streams = (
        (Track.AUDIO, "aac", 2, "", "fre"),
        (Track.SUBTITLE, "subrip", 0, "", "swe"),
        (Track.AUDIO, "aac", 2, "", "jpn"),
    )
    _, options = arguments(film(*streams), "out.mov")
    assert options["-metadata:s:a:0"] == "language=fra"
    assert options["-metadata:s:s:0"] == "language=sve"
    assert "-metadata:s:a:1" not in options
    assert "-metadata:s:a:0" not in arguments(film(*streams), "out.mp4")[1]


def test_timecode_of_a_part_is_that_of_its_first_frame():
    recorded = film(labels=(("timecode", "01:00:00:24"),))
    for part, label in [(None, "01:00:00:24"), ((2, 4), "01:00:01:01")]:
        options = arguments(recorded, "out.mov", part)[1]
        assert options["-metadata:s:v:0"] == f"timecode={label}"
        assert options["-metadata"] == "timecode="
