from fractions import Fraction

import pytest
from support.clips import BEEP, FLASH, H264, packets_of

from vidstyle.errors import DecodeError
from vidstyle.media.video.probe import probe_video


@pytest.mark.parametrize("container", ["mp4", "mkv", "mov", "avi", "ts"])
@pytest.mark.parametrize("rate", ["30000/1001", "24000/1001", "25"])
def test_frame_rate_is_exact_in_every_container(draw, container, rate):
    source = f"testsrc2=s=64x48:r={rate}:d=1.5"
    video = probe_video(
        draw(f"{rate.replace('/', '-')}.{container}", "-f", "lavfi", "-i", source, *H264[:-1], 0)
    )
    assert video.rate == Fraction(rate)
    assert not video.variable


def test_variable_frame_rate_keeps_each_timestamp(variable):
    video = probe_video(variable)
    expected = [0, *(Fraction(60 + i, 60) for i in range(30)), Fraction(110, 60)]
    assert video.variable
    assert video.frames == 32
    assert max(abs(a - b) for a, b in zip(video.timestamps, expected, strict=True)) < Fraction(1, 1000)
    assert video.rate == Fraction(31) / video.timestamps[-1]


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_frame_may_last_for_hours(draw, container):
    late = "testsrc2=s=64x48:r=25:d=0.12,setpts='if(eq(N,2),36000,N)/TB'"
    path = draw(f"hours.{container}", "-f", "lavfi", "-i", late, "-fps_mode", "passthrough", *H264[:-1], 0)
    video = probe_video(path)
    assert video.timestamps == (0, 1, 36000)
    assert (video.rate, video.variable) == (Fraction(2, 36000), True)


def test_frame_missing_in_avi_makes_the_rate_variable(draw):
    chosen = "testsrc2=s=64x48:r=25:d=0.4,select='not(eq(n,1))'"
    video = probe_video(
        draw("gap.avi", "-f", "lavfi", "-i", chosen, "-fps_mode", "passthrough", "-c:v", "mjpeg")
    )
    assert video.timestamps == (0, *(Fraction(place, 25) for place in range(2, 10)))
    assert video.variable
    assert video.duration == Fraction(10, 25)


@pytest.mark.parametrize("container", ["mp4", "mkv", "ts"])
def test_late_first_frame_is_an_offset(draw, container):
    path = draw(
        f"late.{container}",
        "-f",
        "lavfi",
        "-i",
        BEEP,
        "-itsoffset",
        "0.32",
        "-f",
        "lavfi",
        "-i",
        FLASH,
        *H264,
        "-c:a",
        "ac3",
    )
    video = probe_video(path)
    assert abs(video.offset - Fraction(32, 100)) < Fraction(1, 100)
    assert video.timestamps[0] == 0


def test_late_audio_is_not_an_offset(draw):
    path = draw(
        "latesound.mp4",
        "-f",
        "lavfi",
        "-i",
        FLASH,
        "-itsoffset",
        "0.3",
        "-f",
        "lavfi",
        "-i",
        BEEP,
        *H264,
        "-c:a",
        "ac3",
    )
    assert probe_video(path).offset == 0


def test_frames_cut_by_an_edit_list_are_not_counted(draw):
    long = draw("long.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", *H264, "-g", 50)
    video = probe_video(draw("edited.mp4", "-ss", 1, "-i", long, "-c", "copy"))
    assert video.frames == 25
    assert video.timestamps[0] == 0


def test_fields_in_separate_packets_are_counted_as_frames(draw):
    path = draw(
        "fields.ts",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=64x48:r=25:d=1",
        *H264,
        "-flags",
        "+ildct+ilme",
        "-x264-params",
        "tff=1",
    )
    assert probe_video(path).frames == 25


def test_audio_hidden_by_an_edit_list_is_not_a_missing_end(draw, copy):
    """A phone's own trimming: the video begins between keyframes, and the packets before that are hidden."""
    frames, tone = (
        ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=3"),
        ("-f", "lavfi", "-i", "sine=d=3:r=48000"),
    )
    long = draw("long.mp4", *frames, *tone, *H264, "-g", 50, "-c:a", "aac")
    trimmed = draw("trimmed.mp4", "-ss", 1.5, "-i", long, "-c", "copy")
    kept = probe_video(copy(trimmed, "out.mkv"))
    assert kept.frames == probe_video(trimmed).frames
    assert kept.duration == probe_video(trimmed).duration
    assert packets_of(copy(trimmed, "out.mkv"))[-1] == packets_of(trimmed)[-1]


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_video_that_is_cut_short_is_refused(draw, container, tmp_path):
    whole = draw(
        f"whole.{container}",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=160x120:r=25:d=2",
        *H264,
        *(["-movflags", "+faststart"] * (container == "mp4")),
    )
    data = whole.read_bytes()
    cut = tmp_path / whole.name
    cut.write_bytes(data[: len(data) * 6 // 10])
    with pytest.raises(DecodeError, match=r"is damaged: .* are missing"):
        probe_video(cut)


@pytest.mark.parametrize(
    ("name", "codec"), [("bare.h264", H264), ("packed.avi", ("-c:v", "mpeg4", "-bf", 2))]
)
def test_frames_without_timestamps_are_counted(draw, name, codec):
    video = probe_video(draw(name, "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", *codec))
    assert (video.frames, video.rate, video.variable) == (25, 25, False)
