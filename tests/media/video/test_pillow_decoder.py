import struct
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from vidstyle.errors import DecodeError, ProbeError
from vidstyle.media.video.probe import fit, probe_video
from vidstyle.media.video.reader import VideoReader

COLOURS = ["red", "lime", "blue", "white"]
KINDS = ["gif", "webp", "png"]


@pytest.fixture
def animated(tmp_path):
    def make(kind, delays=(100, 500, 50, 1000), mode="RGB", pictures=None, **options):
        pictures = pictures or [Image.new(mode, (40, 30), colour) for colour in COLOURS]
        path = tmp_path / f"animated.{kind}"
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=list(delays), **options)
        return path

    return make


def frames_of(video):
    with VideoReader(video, fit(video.width, video.height, Fraction(1), None, even=False)) as reader:
        return list(reader)


@pytest.mark.parametrize("kind", KINDS)
def test_delays_are_the_times_of_the_pictures(animated, kind):
    video = probe_video(animated(kind))
    assert video.variable
    assert [round(stamp * 1000) for stamp in video.timestamps] == [0, 100, 600, 650]
    assert video.duration == Fraction(1650, 1000)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_delays_are_a_constant_rate(animated, kind):
    video = probe_video(animated(kind, (40, 40, 40, 40)))
    assert (video.rate, video.variable, video.duration) == (25, False, Fraction(4, 25))


def test_pictures_without_a_delay_are_shown_as_browsers_show_them(animated):
    assert probe_video(animated("gif", (0, 10, 20, 30))).timestamps == (
        0,
        Fraction(1, 10),
        Fraction(2, 10),
        Fraction(22, 100),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_read_in_order(animated, kind):
    frames = frames_of(probe_video(animated(kind, lossless=True)))
    expected = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]
    assert np.abs(np.array([frame[15, 20] for frame in frames]) - expected).max() < 0.02


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_transparent_shows_the_background(animated, kind):
    pictures = []
    for colour in ("red", "blue"):
        picture = Image.new("RGBA", (40, 30), colour)
        picture.paste((0, 0, 0, 0), (3, 3, 20, 27))  # A hole.
        pictures.append(picture)
    video = probe_video(animated(kind, (100, 200), pictures=pictures, lossless=True, disposal=2))
    assert video.alpha
    frames = frames_of(type(video)(**{**vars(video), "background": (0, 255, 0)}))
    assert np.abs(frames[1][15, [5, 35]] - [[0, 1, 0], [0, 0, 1]]).max() < 0.02


def test_a_damaged_animation_is_named(animated):
    path = animated("png", pictures=[Image.effect_noise((40, 30), 50 + i) for i in range(4)])
    path.write_bytes(path.read_bytes()[:2500])
    with pytest.raises(DecodeError, match="damaged or cut short"):
        probe_video(path)


def test_a_few_bytes_that_blow_up_are_refused_with_the_sum(tmp_path):
    one = b"!\xf9\x04\x01\n\0\0\0," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2D\1\0"
    head = b"GIF89a" + struct.pack("<HHBBB", 13_000, 13_000, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    path = tmp_path / "bomb.gif"
    path.write_bytes(head + one * 50 + b";")
    size = path.stat().st_size
    with pytest.raises(
        ProbeError, match=f"50 pictures of 13000 x 13000 pixels in {size} bytes; scale it down"
    ):
        probe_video(path)


def test_one_in_which_next_to_nothing_moves_is_read(animated, monkeypatch):
    monkeypatch.setattr("vidstyle.media.video.pillow_decoder._HARMLESS_PIXELS", 0)
    scene = Image.effect_noise((320, 180), 40)
    pictures = [scene.copy() for _ in range(30)]
    for number, picture in enumerate(pictures):
        picture.putpixel((number, 0), 255)
    assert probe_video(animated("gif", [100] * 30, pictures=pictures)).frames == 30
