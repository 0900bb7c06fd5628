from fractions import Fraction

import av
import pytest
from support.sounds import UNNAMED, with_sound

from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.tracks import Track, has_alpha


def test_accompanying_streams_are_listed(laden):
    video = probe_video(laden)
    assert [(stream.kind, stream.codec) for stream in video.streams] == [
        (Track.AUDIO, "aac"),
        (Track.AUDIO, "flac"),
        (Track.SUBTITLE, "subrip"),
        (Track.ATTACHMENT, "font/ttf"),
        (Track.COVER, "mjpeg"),
    ]
    assert video.audio == ("aac", "flac")
    assert [str(stream) for stream in video.streams[2:4]] == ["subtitle (subrip)", "attachment (f.ttf)"]
    assert video.streams[0].channels == 1
    assert [(c.start, c.end, c.title) for c in video.chapters] == [
        (Fraction(1, 10), Fraction(1, 2), "One"),
        (Fraction(1, 2), Fraction(1), "a=b;c"),
    ]
    assert dict(video.labels) == {"language": "jpn", "timecode": "01:00:00:00"}
    assert "title" in video.tags


def test_chapters_of_an_mp4_are_not_a_stream(draw, laden):
    path = draw("laden.mp4", "-i", laden, "-map", "0:v:0", "-map", "0:a:0", "-c", "copy")
    video = probe_video(path)
    assert [str(stream) for stream in video.streams] == ["audio (aac)", "data (timecode)"]
    assert len(video.chapters) == 2


@pytest.mark.parametrize(
    ("layout", "channels", "found"),
    [
        ("FR+FL+LFE+FC", 4, "4 channels (FR+FL+LFE+FC)"),
        ("FL+FR+FC+LFE+SL+SR+BL+BR", 8, "8 channels (FL+FR+FC+LFE+SL+SR+BL+BR)"),
        ("FL+FL", 2, "2 channels (FL+FL)"),
        (UNNAMED[4], 4, "4 channels"),
        (UNNAMED[16], 16, "16 channels"),
        ("7.1", 8, "7.1"),
    ],
)
def test_channel_order_without_a_name_is_read_without_a_crash(draw, layout, channels, found):
    path = draw("order.mov", *with_sound(layout, channels))
    # The crash was that of freeing memory twice, which is not noticed every time.
    for _ in range(5):
        (stream,) = probe_video(path).streams
    assert (stream.channels, stream.layout) == (channels, found)


def test_two_channels_without_names_are_stereo(draw):
    path = draw("stereo.mkv", *with_sound("stereo", 2))
    assert [stream.layout for stream in probe_video(path).streams] == ["stereo"]


@pytest.mark.parametrize(("pixels", "alpha"), [("yuv420p", False), ("yuva420p", True), ("gbrap", True)])
def test_transparency_is_found_in_the_first_frame(pixels, alpha):
    with av.open("/dev/null", "w", format="null") as container:
        stream = container.add_stream("rawvideo", 25)
        assert has_alpha(av.VideoFrame(16, 16, pixels), stream) == alpha
