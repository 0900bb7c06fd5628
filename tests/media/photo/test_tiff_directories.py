import io

import pytest
from PIL import Image
from support import raw_files as raw

from vidstyle.media.photo.tiff_directories import Tiff, count_pages, is_whole

SMALL = raw.bitmap(Image.new("RGB", (16, 12), "lime"), reduced=True)
LARGE = raw.bitmap(raw.halves(48, 32, "red", "blue"), reduced=False)
MASK = LARGE | {254: (raw.LONG, 4)}


def read(data):
    return Tiff(io.BytesIO(data))


@pytest.mark.parametrize("signature", [b"II*\0", b"MM\0*"])
def test_pages_and_inner_directories_are_read_in_either_order_of_bytes(signature):
    tiff = read(raw.tiff(SMALL | {330: (raw.LONG, LARGE, MASK)}, LARGE, signature=signature))
    assert [page.size for page in tiff.pages] == [(16, 12), (48, 32)]
    assert [page.size for page in tiff.inner] == [(48, 32), (48, 32)]
    assert [page.is_reduced for page in tiff.pages] == [True, False]
    assert [page.is_mask for page in tiff.inner] == [False, True]


def test_big_tiff_is_read(tmp_path):
    Image.new("RGB", (20, 10)).save(tmp_path / "big.tif", big_tiff=True)
    assert [page.size for page in read((tmp_path / "big.tif").read_bytes()).pages] == [(20, 10)]


@pytest.mark.parametrize("marked", [{254: (raw.LONG, 1)}, {254: (raw.LONG, 0), 255: (raw.SHORT, 2)}])
def test_full_size_image_is_found_behind_a_thumbnail(marked):
    assert read(raw.tiff(SMALL | marked, MASK, LARGE)).full_size().size == (48, 32)
    assert read(raw.tiff(SMALL | marked | {330: (raw.LONG, LARGE)})).full_size().size == (48, 32)


def test_first_image_of_full_size_is_not_exchanged():
    assert read(raw.tiff(LARGE, SMALL)).full_size() is None
    assert read(raw.tiff(SMALL)).full_size() is None
    assert read(raw.tiff(SMALL | {330: (raw.LONG, raw.mosaic(48, 32))})).full_size() is None


def test_smaller_versions_and_masks_are_not_counted_as_pages():
    assert count_pages(read(raw.tiff(LARGE, SMALL, MASK, LARGE))) == 2


@pytest.mark.parametrize("signature", [b"II*\0", b"MM\0*"])
def test_file_beginning_with_its_full_size_image_has_the_description_of_the_first(signature):
    data = raw.tiff(SMALL | raw.CAMERA | {330: (raw.LONG, LARGE)}, signature=signature)
    tiff = read(data)
    with Image.open(io.BytesIO(tiff.beginning_with(data, tiff.full_size()))) as image:
        assert (image.size, image.tag_v2[271]) == ((48, 32), "Maker")
        assert [image.getpixel((x, 5)) for x in (4, 40)] == [(255, 0, 0), (0, 0, 255)]


def test_sensor_data_is_recognised_with_its_place():
    (page,) = read(raw.tiff(raw.mosaic(8, 6))).pages
    ((begin, end),) = page.stored_ranges
    assert page.is_sensor_data
    assert not is_whole(page)
    assert end - begin == 8 * 6 * 2


def test_size_of_a_dng_is_that_without_margins():
    (page,) = read(raw.tiff(raw.mosaic(20, 16) | {50720: (raw.RATIONAL, 18, 1, 14, 1)})).pages
    assert page.size == (18, 14)


@pytest.mark.parametrize("length", range(0, 140, 7))
def test_damaged_directories_are_omitted(length):
    data = raw.tiff(SMALL | {330: (raw.LONG, LARGE)})
    start = int.from_bytes(data[4:8], "little")
    assert len(read(data[: start + length]).pages) <= 1


@pytest.mark.usefixtures("promptly")
def test_directories_that_point_to_themselves_end():
    data = bytearray(raw.tiff({256: (raw.SHORT, 8), 330: (raw.LONG, 8)}))
    data[4:8] = (8).to_bytes(4, "little")
    data[-4:] = (8).to_bytes(4, "little")
    assert len(read(bytes(data)).all) <= 2
