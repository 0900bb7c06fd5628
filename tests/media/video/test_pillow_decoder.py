import struct
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from vidstyle.errors import DecodeError, ProbeError
from vidstyle.media.geometry import fit
from vidstyle.media.video.pillow_decoder import probe_animation
from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.reader import VideoReader

COLOURS = ["red", "lime", "blue", "white"]
KINDS = ["gif", "webp", "png"]


@pytest.fixture
def animated(tmp_path):
    def make(kind, delays=(100, 500, 50, 1000), images=None, **options):
        images = images or [Image.new("RGB", (40, 30), colour) for colour in COLOURS]
        path = tmp_path / f"animated.{kind}"
        images[0].save(path, save_all=True, append_images=images[1:], duration=list(delays), **options)
        return path

    return make


def frames_of(video):
    with VideoReader(video, fit(video.width, video.height, Fraction(1), None, even=False)) as reader:
        return list(reader)


@pytest.mark.parametrize("kind", KINDS)
def test_delays_become_timestamps(animated, kind):
    video = probe_video(animated(kind))
    assert video.variable
    assert [round(stamp * 1000) for stamp in video.timestamps] == [0, 100, 600, 650]
    assert video.duration == Fraction(1650, 1000)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_delays_are_a_constant_frame_rate(animated, kind):
    video = probe_video(animated(kind, (40, 40, 40, 40)))
    assert (video.rate, video.variable, video.duration) == (25, False, Fraction(4, 25))


def test_missing_and_tiny_delays_are_those_of_browsers(animated):
    assert probe_video(animated("gif", (0, 10, 20, 30))).timestamps == (
        0,
        Fraction(1, 10),
        Fraction(2, 10),
        Fraction(22, 100),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_transparent_pixels_show_the_background(animated, kind):
    images = [Image.new("RGBA", (40, 30), colour) for colour in ("red", "blue")]
    for image in images:
        image.paste((0, 0, 0, 0), (3, 3, 20, 27))  # A hole.
    video = probe_video(animated(kind, (100, 200), images=images, lossless=True, disposal=2))
    assert video.alpha
    frames = frames_of(replace(video, background=(0, 255, 0)))
    assert np.abs(frames[1][15, [5, 35]] - [[0, 1, 0], [0, 0, 1]]).max() < 0.02


def test_damaged_animation_is_refused_by_name(animated):
    path = animated("png", images=[Image.effect_noise((40, 30), 50 + i) for i in range(4)])
    path.write_bytes(path.read_bytes()[:2500])
    with pytest.raises(DecodeError, match="damaged or cut short"):
        probe_video(path)


def test_decompression_bomb_is_refused_with_its_size(tmp_path):
    one = b"!\xf9\x04\x01\n\0\0\0," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2D\1\0"
    head = b"GIF89a" + struct.pack("<HHBBB", 13_000, 13_000, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    path = tmp_path / "bomb.gif"
    path.write_bytes(head + one * 50 + b";")
    size = path.stat().st_size
    with pytest.raises(ProbeError, match=f"50 frames of 13000 x 13000 pixels in {size} bytes; scale it down"):
        probe_video(path)


def test_animation_that_hardly_changes_is_read(animated, monkeypatch):
    monkeypatch.setattr("vidstyle.media.video.pillow_decoder._HARMLESS_PIXELS", 0)
    scene = Image.effect_noise((320, 180), 40)
    images = [scene.copy() for _ in range(30)]
    for number, image in enumerate(images):
        image.putpixel((number, 0), 255)
    assert probe_animation(animated("gif", [100] * 30, images=images)).frames == 30
