"""RAW photos are painted from the photo, never from a thumbnail, and once per pair."""

import sys

import pytest
from PIL import Image
from support import raw_files as raw


@pytest.fixture(autouse=True)
def _without_rawpy(monkeypatch):
    monkeypatch.setitem(sys.modules, "rawpy", None)


def test_raw_photo_is_painted_from_its_full_size_preview_and_says_so(bench):
    (bench / "in.nef").write_bytes(raw.nef(raw.jpeg(96, 64, "red"), orientation=6))
    said = bench.painted("in.nef", "-o", "out.jpg").err
    assert "'in.nef': RAW photo, painted from its embedded preview of 96 x 64 pixels" in said
    with Image.open(bench / "out.jpg") as made:
        assert made.size == (64, 96)
        assert made.getpixel((9, 9))[0] > 240
        assert (made.getexif()[271], made.getexif().get(274, 1)) == ("Maker", 1)


def test_raw_photo_with_a_thumbnail_alone_is_refused(bench):
    (bench / "in.dng").write_bytes(raw.dng())
    assert bench.refused("in.dng", "-o", "out.png").endswith("pip install vidstyle[raw].")


def test_pair_of_raw_and_jpeg_is_painted_once_from_the_jpeg(bench):
    (bench / "album").mkdir()
    (bench / "album/IMG_1.CR3").write_bytes(raw.cr3(raw.jpeg(96, 64, "red"), (96, 64)))
    (bench / "album/IMG_1.jpg").write_bytes(raw.jpeg(48, 32, "blue"))
    (bench / "album/IMG_2.nef").write_bytes(raw.nef(raw.jpeg(96, 64, "red")))
    said = bench.painted("album", "-o", "out").err
    assert "1 RAW of a pair" in said
    assert sorted(path.name for path in (bench / "out").glob("*.*")) == [
        ".vidstyle",
        "IMG_1.jpg",
        "IMG_2.png",
    ]


def test_tiff_that_begins_with_a_thumbnail_is_painted_from_its_full_size_image(bench):
    small = raw.bitmap(Image.new("RGB", (16, 12), "lime"), reduced=True)
    large = raw.bitmap(raw.halves(96, 64, "red", "blue"), reduced=False)
    (bench / "in.tif").write_bytes(raw.tiff(small | raw.CAMERA, large))
    assert "thumbnail of 16 x 12 pixels" in bench.painted("in.tif", "-o", "out.png").err
    with Image.open(bench / "out.png") as made:
        assert made.size == (96, 64)
        assert [made.getpixel((x, 9)) for x in (9, 90)] == [(255, 0, 0), (0, 0, 255)]
