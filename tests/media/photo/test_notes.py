import pytest
from PIL import Image
from support import raw_files as raw

from vidstyle.media.photo.notes import photo_notes
from vidstyle.media.photo.open import register_heif

SMALL = raw.bitmap(Image.new("RGB", (16, 12)), reduced=True)
LARGE = raw.bitmap(Image.new("RGB", (48, 32)), reduced=False)
ULTRA_HDR = b'<a xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/>'
MOTION = b'<a GCamera:MotionPhoto="1"/>'


@pytest.mark.parametrize(
    ("pages", "notes"),
    [
        ((LARGE,), ()),
        ((LARGE, SMALL), ()),
        ((LARGE, SMALL, LARGE), ("only the first of 2 pages is painted",)),
        (
            (SMALL, LARGE),
            ("the first image is a thumbnail of 16 x 12 pixels; its full-size image of 48 x 32 is painted",),
        ),
        (
            (SMALL | {254: (raw.LONG, 0)}, LARGE),
            ("only the first of 2 pages is painted; it has 16 x 12 pixels, the largest 48 x 32",),
        ),
        ((SMALL,), ("its only image is marked as a reduced-size one, of 16 x 12 pixels",)),
    ],
)
def test_thumbnails_and_pages_of_a_tiff_are_noted(tmp_path, pages, notes):
    (tmp_path / "scan.tif").write_bytes(raw.tiff(*pages))
    assert photo_notes(tmp_path / "scan.tif") == notes


@pytest.mark.parametrize(
    ("xmp", "behind", "omitted"),
    [
        (ULTRA_HDR, b"", "gain map"),
        (b"", raw.jpeg(8, 6, xmp=b"<a HDRGainMap:HDRGainMapVersion='65536'/>"), "gain map"),
        (MOTION, b"", "motion clip"),
        (b"", b"ftypmp42\0\0\0MotionPhoto_DataSEFT", "motion clip"),
        (b'<a GDepth:Near="1" xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/"/>', b"", "depth map"),
        (ULTRA_HDR + MOTION, b"urn:com:apple:photo:2018:aux:depth", "gain map, motion clip and depth map"),
    ],
)
def test_companions_of_a_phones_photo_are_noted(tmp_path, xmp, behind, omitted):
    (tmp_path / "photo.jpg").write_bytes(raw.jpeg(16, 12, **({"xmp": xmp} if xmp else {})) + behind)
    assert photo_notes(tmp_path / "photo.jpg") == (f"painted from its base image, without its {omitted}",)
    assert photo_notes(tmp_path / "photo.jpg", companions=False) == ()


def test_heic_with_a_gain_map_is_noted(tmp_path):
    register_heif()
    Image.new("RGB", (16, 12)).save(tmp_path / "plain.heic")
    data = (tmp_path / "plain.heic").read_bytes()
    (tmp_path / "mapped.heic").write_bytes(data[:8] + data[8:].replace(b"miaf", b"tmap", 1))
    assert photo_notes(tmp_path / "plain.heic") == ()
    assert photo_notes(tmp_path / "mapped.heic") == ("painted from its base image, without its gain map",)


def test_tiff_pages_are_counted_and_jpeg_views_are_not(tmp_path):
    first, second = Image.new("RGB", (16, 12), "red"), Image.new("RGB", (16, 12), "lime")
    for name, kind in (("scan.tif", "TIFF"), ("photo.jpg", "MPO")):
        first.save(tmp_path / name, kind, save_all=True, append_images=[second])
    assert photo_notes(tmp_path / "scan.tif") == ("only the first of 2 pages is painted",)
    assert photo_notes(tmp_path / "photo.jpg") == ()


def test_plain_photos_have_no_notes(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(raw.jpeg(16, 12, xmp=b'<a GCamera:MotionPhoto="0"/>'))
    Image.new("RGB", (16, 12)).save(tmp_path / "photo.png")
    assert photo_notes(tmp_path / "photo.jpg") == photo_notes(tmp_path / "photo.png") == ()
