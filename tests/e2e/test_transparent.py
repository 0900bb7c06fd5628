"""Transparency is kept where the container can hold it; otherwise a notice says that the background shows."""

import numpy as np
import pytest
from PIL import Image
from support.clips import decoded_by_ffmpeg

from vidstyle.media.video.probe import probe_video

# The left half is transparent.
HALF = "color=red:s=64x48:r=25:d=0.2,format=rgba,geq=r=255:g=0:b=0:a='if(lt(X,32),0,255)'"
SOURCES = {
    "in.mov": ("-c:v", "prores_ks", "-profile:v", 4, "-pix_fmt", "yuva444p10le"),
    "in.webm": ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-cpu-used", 8, "-auto-alt-ref", 0),
    "in.apng": ("-f", "apng", "-plays", 0),
}


@pytest.mark.parametrize("name", SOURCES)
def test_transparency_is_kept_where_it_can_be(bench, name):
    bench.draw(name, "-f", "lavfi", "-i", HALF, *SOURCES[name])
    bench.painted(name, "-o", "out.mov", "--codec", "prores")
    assert probe_video(bench / "out.mov").alpha


@pytest.mark.parametrize("name", SOURCES)
def test_elsewhere_the_background_shows_and_that_is_said(bench, name):
    bench.draw(name, "-f", "lavfi", "-i", HALF, *SOURCES[name])
    words = (name, "-o", "out.mp4", "--background", "#0000ff")
    assert "transparent areas show the --background" in bench.painted(*words, "--dry-run").out
    bench.painted(*words)
    image = decoded_by_ffmpeg(bench / "out.mp4", bench.folder).astype(int)
    assert np.abs(image[24, 10] - (0, 0, 255)).max() <= 6
    assert np.abs(image[24, 54] - (255, 0, 0)).max() <= 6


def test_transparent_photo_keeps_its_transparency(bench):
    pixels = np.zeros((40, 60, 4), np.uint8)
    pixels[:, 30:] = (250, 10, 20, 255)
    Image.fromarray(pixels).save(bench / "in.png")
    bench.painted("in.png", "-o", "out.png")
    with Image.open(bench / "out.png") as made:
        assert np.asarray(made.convert("RGBA"))[20, [5, 55], 3].tolist() == [0, 255]
