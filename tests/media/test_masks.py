from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from support.masks import FRAME, half, save

from vidstyle.errors import InputError
from vidstyle.media import masks as module
from vidstyle.media.geometry import FrameSize
from vidstyle.media.masks import open_mask
from vidstyle.media.video.probe import probe_video


def test_opaque_image_masks_by_its_luma(tmp_path):
    mask = open_mask(save(tmp_path / "m.png", half(0.8, 0.2)), FRAME, None, 1)
    np.testing.assert_allclose(mask.at(0), half(0.8, 0.2), atol=2e-3)
    assert (mask.moves, mask.note) == (False, None)


def test_transparent_image_masks_by_its_opacity(tmp_path):
    pixels = np.zeros((32, 48, 4), np.uint8)
    pixels[..., 3] = 255 * half()
    Image.fromarray(pixels).save(tmp_path / "m.png")
    np.testing.assert_allclose(open_mask(tmp_path / "m.png", FRAME, None, 1).at(0), half(), atol=1e-6)


def test_mask_of_another_size_is_resized_and_reported(tmp_path):
    mask = open_mask(save(tmp_path / "m.png", np.kron(half(), np.ones((3, 3)))), FRAME, None, 1)
    np.testing.assert_allclose(mask.at(0), half(), atol=1e-6)
    assert "m.png' is 144 x 96 pixels, and is resized to 48 x 32" in mask.note


def test_mask_of_another_aspect_ratio_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"m\.png' is 48 x 48 pixels, another aspect ratio than the 48 x 32"):
        open_mask(save(tmp_path / "m.png", np.ones((48, 48))), FRAME, None, 1)


def test_folder_gives_one_image_per_frame(tmp_path, short):
    for number in range(6):
        save(tmp_path / "masks" / f"{number}.png", np.full((32, 48), number / 5))
    mask = open_mask(tmp_path / "masks", FRAME, probe_video(short), 6)
    assert mask.moves
    assert [round(float(mask.at(index).mean()), 2) for index in (5, 0, 3)] == [1.0, 0.0, 0.6]
    with pytest.raises(InputError, match=r"masks' has 6 images, but frames up to number 7"):
        open_mask(tmp_path / "masks", FRAME, probe_video(short), 7)


def test_video_mask_follows_the_times_of_the_source(draw, clip, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 4)
    # Twice as many frames per second: the mask of frame 3 is frame 6.
    growing = "nullsrc=s=48x32:r=50:d=1.1,geq=lum='255*lt(X\\,N)':cb=128:cr=128"
    path = draw("growing.mkv", "-f", "lavfi", "-i", growing, "-c:v", "ffv1")
    mask = open_mask(path, FRAME, probe_video(clip), 25)
    for index in (0, 1, 3, 4, 9, 8, 7, 2, 20):  # Forward, backward and far.
        expected = np.broadcast_to(np.arange(48) < 2 * index, (32, 48))
        np.testing.assert_allclose(mask.at(index), expected, atol=0.02)


def test_transparent_video_masks_by_its_opacity(draw, clip):
    half_clear = "format=yuva444p10le,geq=lum=940:cb=512:cr=512:a='1023*lt(X\\,24)'"
    source = ("-f", "lavfi", "-i", f"color=white:s=48x32:r=25:d=1,{half_clear}")
    path = draw("clear.mov", *source, "-c:v", "prores_ks", "-profile:v", 4)
    found = open_mask(path, FRAME, probe_video(clip), 25).at(3)
    np.testing.assert_allclose(found[:, :20], 1, atol=0.05)
    np.testing.assert_allclose(found[:, 28:], 0, atol=0.05)


def test_video_mask_that_ends_too_early_is_refused(clip, short):
    with pytest.raises(InputError, match=r"short\.mp4' lasts 0\.20 s, but frames up to 0\.96 s are painted"):
        open_mask(short.with_name(short.name), FrameSize(48, 32, Fraction(1)), probe_video(clip), 25)


def test_moving_mask_of_a_photo_is_refused(short):
    with pytest.raises(InputError, match="moves"):
        open_mask(short, FRAME, None, 1)
