from fractions import Fraction

from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.tracks import Track


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
