import struct

import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin

from vidstyle.media.photo.metadata import Metadata, read_metadata

PLAIN = Image.new("RGB", (8, 6), "red")
IPTC = b"\x1c\x02\x05\x00\x03Sea"


def noted(path, **options):
    PLAIN.save(path, **options)
    with Image.open(path) as image:
        image.load()
        return read_metadata(image, 8, 6)


def test_image_without_metadata_has_none(tmp_path):
    assert noted(tmp_path / "photo.png") == Metadata()


def test_jpeg_iptc_and_comment_are_read(tmp_path):
    body = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC
    marker = b"\xff\xed" + struct.pack(">H", len(body) + 2) + body
    found = noted(tmp_path / "photo.jpg", extra=marker, comment=b"by the sea")
    assert (found.iptc, found.comment) == (IPTC, b"by the sea")


def test_png_texts_are_read_except_other_metadata(tmp_path):
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Jürgen")
    texts.add_text("Raw profile type exif", "\nexif\n 4\n00000000\n")
    texts.add_text("Raw profile type iptc", f"\niptc\n {len(IPTC)}\n{IPTC.hex()}\n")
    texts.add_itxt("XML:com.adobe.xmp", "<x/>")
    found = noted(tmp_path / "photo.png", pnginfo=texts)
    assert found.texts == (("Author", "Jürgen"),)
    assert (found.iptc, found.xmp) == (IPTC, b"<x/>")


def test_structure_of_a_tiff_is_not_metadata(tmp_path):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[315], tags[700] = "Anna", b"<x/>"
    tags.tagtype[33723] = 7
    tags[33723] = IPTC
    found = noted(tmp_path / "photo.tif", tiffinfo=tags, dpi=(240, 240))
    exif = Image.Exif()
    exif.load(found.exif)
    assert exif[315] == "Anna"
    assert not {256, 257, 258, 259, 273, 279, 700, 33723} & set(exif)
    assert (found.xmp, found.iptc, found.dpi) == (b"<x/>", IPTC, (240, 240))


@pytest.mark.parametrize(
    ("xmp", "true"),
    [
        (b'<a tiff:Orientation="8"/>', b'<a tiff:Orientation="1"/>'),
        (b"<tiff:Orientation>3</tiff:Orientation>", b"<tiff:Orientation>1</tiff:Orientation>"),
        (b'<a GCamera:MotionPhoto="1" b="1"/>', b'<a b="1"/>'),
    ],
)
def test_xmp_is_corrected_for_the_painting(tmp_path, xmp, true):
    assert noted(tmp_path / "photo.jpg", xmp=xmp).xmp == true


def test_stripping_keeps_the_resolution(tmp_path):
    PLAIN.save(tmp_path / "photo.jpg", comment=b"by the sea", dpi=(72, 72))
    with Image.open(tmp_path / "photo.jpg") as image:
        assert read_metadata(image, 8, 6, strip=True) == Metadata(dpi=(72, 72))
