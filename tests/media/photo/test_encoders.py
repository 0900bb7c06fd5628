import io

import numpy as np
import pytest
from PIL import Image

from vidstyle.media.photo.encoders import png, tiff
from vidstyle.media.photo.icc import SRGB
from vidstyle.media.photo.metadata import Metadata

EXIF = Image.Exif()
EXIF[0x0110] = "Camera"
SAID = Metadata(
    exif=EXIF.tobytes().removeprefix(b"Exif\0\0"),
    xmp=b"<x/>",
    iptc=b"\x1c\x02\x05\x00\x03Sea",
    texts=(("Author", "Jürgen"),),
    dpi=(300, 150),
)


@pytest.mark.parametrize("write", [png, tiff])
@pytest.mark.parametrize("channels", [3, 4])
def test_pixels_and_notes_are_written(write, channels):
    # Larger than a strip of a TIFF, and odd.
    pixels = np.random.default_rng(0).integers(0, 256, (701, 603, channels), np.uint8)
    with Image.open(io.BytesIO(write(pixels, SRGB, SAID))) as image:
        assert np.array_equal(np.asarray(image), pixels)
        assert image.info["icc_profile"] == SRGB
        assert image.getexif()[0x0110] == "Camera"
        assert image.info["xmp"] == b"<x/>"
        assert [round(float(dots)) for dots in image.info["dpi"]] == [300, 150]
        if write is png:
            assert image.text["Author"] == "Jürgen"
        else:
            assert image.tag_v2[33723] == SAID.iptc


def test_sixteen_bit_tiffs_are_written():
    import cv2

    pixels = np.random.default_rng(0).integers(0, 65536, (33, 21, 3), np.uint16)
    data = np.frombuffer(tiff(pixels, SRGB, Metadata()), np.uint8)
    assert np.array_equal(cv2.imdecode(data, cv2.IMREAD_UNCHANGED)[..., ::-1], pixels)
