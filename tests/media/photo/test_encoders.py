import io

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin
from support.photos import EIGHT, copied

from vidstyle.media.photo.encoders import JpegQuality, encode_jpeg, encode_png, encode_tiff, read_jpeg_quality
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


@pytest.mark.parametrize("write", [encode_png, encode_tiff])
@pytest.mark.parametrize("channels", [3, 4])
def test_pixels_and_metadata_are_written(write, channels):
    # Larger than a strip of a TIFF, and odd.
    pixels = np.random.default_rng(0).integers(0, 256, (701, 603, channels), np.uint8)
    with Image.open(io.BytesIO(write(pixels, SRGB, SAID))) as image:
        assert np.array_equal(np.asarray(image), pixels)
        assert image.info["icc_profile"] == SRGB
        assert image.getexif()[0x0110] == "Camera"
        assert image.info["xmp"] == b"<x/>"
        assert [round(float(dots)) for dots in image.info["dpi"]] == [300, 150]
        if write is encode_png:
            assert image.text["Author"] == "Jürgen"
        else:
            assert image.tag_v2[33723] == SAID.iptc


def test_sixteen_bit_tiffs_are_written():
    import cv2

    pixels = np.random.default_rng(0).integers(0, 65536, (33, 21, 3), np.uint16)
    data = np.frombuffer(encode_tiff(pixels, SRGB, Metadata()), np.uint8)
    assert np.array_equal(cv2.imdecode(data, cv2.IMREAD_UNCHANGED)[..., ::-1], pixels)


@pytest.mark.parametrize(("quality", "sampling"), [(60, 2), (90, 1), (98, 0)])
def test_jpeg_has_the_quality_of_its_source(tmp_path, quality, sampling):
    EIGHT.save(tmp_path / "in.jpg", quality=quality, subsampling=sampling, progressive=True)
    copied(tmp_path / "in.jpg", tmp_path / "out.jpg")
    with Image.open(tmp_path / "in.jpg") as source, Image.open(tmp_path / "out.jpg") as result:
        assert result.quantization == source.quantization
        assert JpegImagePlugin.get_sampling(result) == sampling
        assert result.info["progressive"]


@pytest.mark.parametrize("unit", [1, 2])
def test_jpeg_resolution_is_kept_in_its_unit(tmp_path, unit):
    EIGHT.save(tmp_path / "in.jpg", dpi=(29, 31))
    data = bytearray((tmp_path / "in.jpg").read_bytes())
    data[13] = unit  # An inch, or a centimetre.
    (tmp_path / "in.jpg").write_bytes(data)
    copied(tmp_path / "in.jpg", tmp_path / "out.jpg")
    with Image.open(tmp_path / "out.jpg") as image:
        assert (image.info["jfif_unit"], image.info["jfif_density"]) == (unit, (29, 31))


def test_tables_of_16_bits_are_not_imitated(tmp_path):
    EIGHT.save(tmp_path / "coarse.jpg", qtables=[[400] * 64] * 2)
    with Image.open(tmp_path / "coarse.jpg") as image:
        assert read_jpeg_quality(image) == JpegQuality()


def test_metadata_too_long_for_a_marker_are_omitted():
    pixels = np.asarray(EIGHT)
    bare = encode_jpeg(pixels, b"", Metadata(), JpegQuality())
    long = b"x" * 65533
    assert encode_jpeg(pixels, b"", Metadata(exif=long, xmp=long, iptc=long), JpegQuality()) == bare
