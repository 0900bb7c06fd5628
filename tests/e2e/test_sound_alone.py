"""Sound without a picture is no film, not even with a picture on its cover."""

import pytest

SOUND = ("-f", "lavfi", "-i", "sine=d=0.5")
COVER = (
    "-f",
    "lavfi",
    "-i",
    "testsrc2=s=64x48:d=0.04",
    "-map",
    0,
    "-map",
    1,
    "-c:v",
    "png",
    "-disposition:v",
    "attached_pic",
)


@pytest.mark.parametrize("name", ["sound.m4a", "sound.mp4", "sound.mkv", "sound.wav", "sound.mp3"])
def test_sound_alone_is_no_film(bench, name):
    bench.draw(name, *SOUND)
    assert bench.refused(name) == f"'{name}' has no video stream; give a video."


@pytest.mark.parametrize("name", ["cover.mp3", "cover.m4a", "cover.flac"])
def test_cover_image_is_no_film(bench, name):
    bench.draw(name, *SOUND, *COVER)
    assert bench.refused(name) == f"'{name}' has no video stream; give a video."
