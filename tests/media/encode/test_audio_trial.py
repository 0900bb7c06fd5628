from pathlib import Path

import pytest
from support.clips import BEEP, H264
from support.sounds import PICTURE, UNNAMED, with_sound

from vidstyle.errors import EncodeError
from vidstyle.media.encode.audio_trial import check_audio
from vidstyle.media.video.probe import probe_video


@pytest.fixture(scope="module")
def many(draw):
    """Film with 16 channels of sound."""
    return probe_video(draw("16.mov", *with_sound(UNNAMED[16], 16)))


@pytest.mark.parametrize("part", [(0, 10), (2, 6)])
@pytest.mark.parametrize(("ending", "label"), [("mp4", "AAC"), ("webm", "Opus")])
def test_channels_that_an_encoder_refuses_are_refused_by_name(many, ending, label, part):
    with pytest.raises(EncodeError) as caught:
        check_audio(Path(f"out.{ending}"), many, *part)
    message = str(caught.value)
    assert message.startswith(
        f"'{many.path}': audio track 1 (pcm_s16le, 16 channels) cannot be encoded as {label} for .{ending} ("
    )
    remedy = "; write to .mov or .mkv, which keep all its channels, or omit the audio with --omit-audio."
    assert message.endswith(remedy)


@pytest.mark.parametrize("part", [(0, 10), (2, 6)])
@pytest.mark.parametrize("ending", ["mov", "mkv", "gif"])
def test_sound_that_a_container_takes_passes(many, ending, part):
    check_audio(Path(f"out.{ending}"), many, *part)


def test_track_that_is_refused_is_named_by_its_number(draw, many):
    path = draw(
        "two.mov", "-i", many.path, "-f", "lavfi", "-i", BEEP, "-map", 0, "-map", "1:a", "-map", "0:a",
        "-map", "-0:a:0", "-map", "1:a", "-map", "0:a", "-c", "copy", "-c:a:0", "pcm_s16le", "-c:a:1", "aac",
    )  # fmt: skip
    with pytest.raises(EncodeError, match=r"audio track 3 \(pcm_s16le, 16 channels\)"):
        check_audio(Path("out.mp4"), probe_video(path), 0, 10)


def test_sound_that_begins_late_passes(draw):
    late = ("-itsoffset", 2, "-f", "lavfi", "-i", BEEP, "-map", 0, "-map", 1)
    path = draw("late.mov", "-f", "lavfi", "-i", f"{PICTURE}:d=3", *late, *H264, "-c:a", "pcm_s16le")
    video = probe_video(path)
    for part in ((0, video.frames), (1, 4)):
        check_audio(Path("out.mp4"), video, *part)


def test_track_without_packets_is_refused_where_it_would_be_encoded(draw, many):
    path = draw("empty.mkv", "-i", many.path, "-map", 0, "-c", "copy", "-bsf:a", "noise=drop=1")
    video = probe_video(path)
    check_audio(Path("out.mkv"), video, 0, video.frames)
    with pytest.raises(EncodeError, match="--omit-audio"):
        check_audio(Path("out.mp4"), video, 0, video.frames)


def test_nothing_is_tried_without_sound(draw, monkeypatch):
    video = probe_video(draw("still.mkv", "-f", "lavfi", "-i", PICTURE, *H264))
    monkeypatch.setenv("VIDSTYLE_FFMPEG", "/missing")
    check_audio(Path("out.mp4"), video, 0, video.frames)
