from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import ffmpeg
import pytest

from vidstyle.media.colors import ColorTags
from vidstyle.media.graph import joined, pictures, prepared
from vidstyle.media.probe import Frame, Video


def film(*times, rate=Fraction(25), variable=False, audio=(), offset=Fraction(0)):
    return Video(
        path=Path("/films/-in.mkv"),
        width=64,
        height=48,
        pixel_aspect=Fraction(1),
        rotation=0,
        rate=rate,
        timestamps=tuple(map(Fraction, times)),
        offset=offset,
        variable=variable,
        color=ColorTags("bt709", "bt709", "iec61966-2-1", "pc"),
        audio=audio,
        others=(),
        start=Fraction(7, 5),
    )


def arguments(video, start, stop, output="out.mp4"):
    frame = Frame(64, 48, Fraction(483, 484))
    whole = (start, stop) == (0, video.frames)
    picture = prepared(ffmpeg.input("frames"), video, frame, video.offset)
    made = ffmpeg.get_args(joined(picture, video, start, stop, Path(output), whole=whole))
    return made, dict(pairwise(made))


def test_constant_rates_are_given_as_fractions():
    with pictures(Path("/a%b"), film(0, rate=Fraction(30000, 1001)), 12, 13) as (source, options):
        assert source == "/a%%b/%06d.png"
        assert options == {"f": "image2", "framerate": "30000/1001", "start_number": 12}


def test_rounding_of_varying_times_does_not_add_up(tmp_path):
    times = [Fraction(i, 3) + Fraction(i * i, 7) for i in range(100)]
    with pictures(tmp_path, film(*times, variable=True), 10, 100) as (source, _):
        listed = Path(source).read_text()
    durations = [int(line.split()[1][:-2]) for line in listed.splitlines() if line.startswith("duration")]
    for index in range(90):
        assert abs(Fraction(sum(durations[:index]), 10**6) - (times[10 + index] - times[10])) <= Fraction(
            1, 10**6
        )


@pytest.mark.parametrize(
    ("ending", "codec", "chosen"),
    [
        ("mp4", "aac", "copy"),
        ("mp4", "vorbis", "aac"),
        ("mov", "pcm_s16le", "copy"),
        ("mkv", "vorbis", "copy"),
    ],
)
def test_sound_is_copied_where_the_container_holds_it(ending, codec, chosen):
    _, options = arguments(film(0, 1, audio=("aac", codec)), 0, 2, f"out.{ending}")
    assert (options["-c:a:0"], options["-c:a:1"]) == ("copy", chosen)
    assert "-af" not in options


def test_a_part_cuts_sound_at_the_pictures_own_times():
    _, options = arguments(film(0, "1/25", "2/25", "3/25", audio=("aac",), offset=Fraction(1, 2)), 1, 3)
    assert options["-af"].startswith("atrim=start=0.540000:end=0.620000,")
    assert options["-c:a:0"] == "aac"
    assert options["-map_chapters"] == "-1"


def test_the_clock_of_the_source_is_set_back_to_its_start():
    made, options = arguments(film(0, 1), 0, 2)
    assert options["-itsoffset"] == "-1.400000"
    assert "-copyts" in made


def test_the_graph_converts_and_tags_in_the_sources_colours():
    _, options = arguments(film(0, 1, offset=Fraction(1, 3)), 0, 2)
    filters = options["-filter_complex"]
    assert "out_color_matrix=bt709" in filters
    assert "out_range=pc" in filters
    assert "color_primaries=bt709:color_trc=iec61966-2-1:colorspace=bt709" in filters
    assert "sar=483/484" in filters
    assert "PTS+30000" in filters  # A third of 90,000 ticks.
