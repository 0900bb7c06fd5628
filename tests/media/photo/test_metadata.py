import io
import struct

import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin

from vidstyle.media.photo.metadata import PREFIX, Metadata, adapt_exif, read_metadata

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
        (b'<a GCamera:MotionPhoto="1" b="1"/>', b'<a GCamera:MotionPhoto="0" b="1"/>'),
        (b"<a><xmp:Thumbnails>\n<b>/9j</b></xmp:Thumbnails></a>", b"<a></a>"),
        (b'<a dc:title="6"/>', b'<a dc:title="6"/>'),
    ],
)
def test_xmp_is_corrected_for_the_painting(tmp_path, xmp, true):
    assert noted(tmp_path / "photo.jpg", xmp=xmp).xmp == true


def test_stripping_keeps_the_resolution(tmp_path):
    PLAIN.save(tmp_path / "photo.jpg", comment=b"by the sea", dpi=(72, 72))
    with Image.open(tmp_path / "photo.jpg") as image:
        assert read_metadata(image, 8, 6, strip=True) == Metadata(dpi=(72, 72))


THUMBNAIL = b"\xff\xd8thumbnail\xff\xd9"


def block(order="<", *, behind=b""):
    """EXIF with an orientation, an inner directory with the size and a maker's note, and a thumbnail."""
    short = lambda tag, value: struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0)  # noqa: E731
    long = lambda tag, value: struct.pack(f"{order}HHII", tag, 4, 1, value)  # noqa: E731
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    second = 8 + 2 + 24 + 4
    inner = second + 2 + 24 + 4
    thumbnail = inner + 2 + 36 + 4 + 8
    data = (
        head
        + struct.pack(f"{order}H", 2)
        + short(0x0112, 6)
        + long(0x8769, inner)
        + struct.pack(f"{order}I", second)
    )
    data += struct.pack(f"{order}H", 2) + long(0x0201, thumbnail) + long(0x0202, len(THUMBNAIL)) + bytes(4)
    note = struct.pack(f"{order}HHII", 0x927C, 7, 8, inner + 2 + 36 + 4)
    data += (
        struct.pack(f"{order}H", 3) + note + long(0xA002, 4000) + short(0xA003, 3000) + bytes(4) + b"MAKERxyz"
    )
    return data + THUMBNAIL + behind


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("behind", [b"", b"more"])
def test_exif_of_a_painting_is_upright_with_its_size_and_no_thumbnail(order, behind):
    adapted = adapt_exif(PREFIX + block(order, behind=behind), 320, 240)
    exif = Image.Exif()
    exif.load(adapted)
    inner = exif.get_ifd(0x8769)
    assert exif[0x0112] == 1
    assert (inner[0xA002], inner[0xA003]) == (320, 240)
    assert inner[0x927C] == b"MAKERxyz"
    assert not exif.get_ifd(1)
    assert b"thumbnail" not in adapted
    assert adapted.endswith(behind)


def test_makers_note_keeps_its_offset():
    assert adapt_exif(block(), 1, 1).index(b"MAKERxyz") == block().index(b"MAKERxyz")


@pytest.mark.parametrize("length", [0, 3, 7, 9, 20, 40])
def test_damaged_exif_is_omitted(length):
    assert adapt_exif(block()[:length], 1, 1) == b""


def test_exif_of_pillow_is_read():
    exif = Image.Exif()
    exif[0x0112] = 3
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", exif=exif)
    adapted = adapt_exif(Image.open(buffer).info["exif"], 8, 8)
    again = Image.Exif()
    again.load(adapted)
    assert dict(again) == {0x0112: 1}
