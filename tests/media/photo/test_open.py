import numpy as np
import pytest
from PIL import Image

from vidstyle.errors import ProbeError
from vidstyle.media.frame_png import write_frame
from vidstyle.media.photo.open import bit_depth, open_image, orientation, photo_size
from vidstyle.media.photo.reader import read_photo

EIGHT = Image.fromarray(np.zeros((16, 24, 3), np.uint8))


def test_bombs_and_other_files_are_refused_by_name(tmp_path, monkeypatch):
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    for name in ("text.jpg", "empty.jpg", "missing.jpg", "."):
        for read in (read_photo, photo_size):
            with pytest.raises(ProbeError):
                read(tmp_path / name)
    EIGHT.save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 24 * 16 // 2 - 1)
    with pytest.raises(ProbeError, match="too large"):
        photo_size(tmp_path / "bomb.png")


@pytest.mark.parametrize("kind", ["avif", "heic", "gif"])
def test_phone_formats_are_opened(tmp_path, kind):
    from vidstyle.media.photo.open import register_heif

    register_heif()
    EIGHT.save(tmp_path / f"photo.{kind}")
    assert photo_size(tmp_path / f"photo.{kind}") == (24, 16)


def test_bit_depth_is_that_of_the_file(tmp_path):
    write_frame(tmp_path / "deep.png", np.zeros((4, 6, 3), np.float32))
    EIGHT.save(tmp_path / "flat.png")
    Image.fromarray(np.zeros((4, 6), np.uint16)).save(tmp_path / "grey.tif")
    for name, depth in (("deep.png", 16), ("flat.png", 8), ("grey.tif", 16)):
        with open_image(tmp_path / name) as image:
            assert bit_depth(image) == depth


@pytest.mark.parametrize("exif", [b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\0\0"])
def test_damaged_orientation_is_ignored(tmp_path, exif):
    EIGHT.save(tmp_path / "photo.jpg", exif=exif)
    with open_image(tmp_path / "photo.jpg") as image:
        assert orientation(image) == 1


def test_hdr_photo_is_refused_by_name(tmp_path, monkeypatch):
    EIGHT.save(tmp_path / "photo.png")
    plain = Image.open

    def hdr(path, formats):
        image = plain(path, formats=formats)
        image.info["nclx_profile"] = {"transfer_characteristics": 16}
        return image

    monkeypatch.setattr(Image, "open", hdr)
    with pytest.raises(ProbeError, match="HDR"), open_image(tmp_path / "photo.png"):
        pass
