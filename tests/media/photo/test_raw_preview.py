import io

import pytest
from PIL import Image
from support import raw_files as raw

from vidstyle.media.photo.raw_preview import Preview, find_preview, is_full_size, read_preview

FULL, THUMBNAIL = raw.jpeg(96, 64), raw.jpeg(16, 12)


@pytest.mark.parametrize(
    "data",
    [
        raw.nef(FULL),
        raw.raf(FULL, (96, 64)),
        raw.cr3(FULL, (96, 64)),
        b"IIU\0" + bytes(40) + THUMBNAIL + FULL,
        b"FOVb" + THUMBNAIL + FULL + THUMBNAIL,
    ],
)
def test_largest_jpeg_is_found(tmp_path, data):
    (tmp_path / "photo").write_bytes(data)
    found = find_preview(data)
    with Image.open(io.BytesIO(read_preview(tmp_path / "photo", found))) as image:
        assert (found.width, found.height) == image.size == (96, 64)
        assert image.convert("RGB").getpixel((5, 5))[0] > 250


def test_uncompressed_preview_is_found(tmp_path):
    first = raw.bitmap(raw.halves(96, 64, "red", "blue"), reduced=True)
    data = raw.tiff(first | {330: (raw.LONG, raw.mosaic(96, 64))})
    (tmp_path / "photo").write_bytes(data)
    with Image.open(io.BytesIO(read_preview(tmp_path / "photo", find_preview(data)))) as image:
        assert image.size == (96, 64)
        assert image.getpixel((90, 5)) == (0, 0, 255)


def test_sensor_data_is_not_taken_for_a_preview():
    jpeg = raw.jpeg(96, 64)
    sensor = raw.mosaic(8, 6) | {273: (raw.LONG, raw.Data(jpeg)), 279: (raw.LONG, len(jpeg))}
    first = raw.bitmap(Image.new("RGB", (16, 12)), reduced=True)
    assert find_preview(raw.tiff(first | {330: (raw.LONG, sensor)}))[:2] == (16, 12)


def test_lossless_and_broken_jpegs_are_not_previews():
    start = FULL.index(b"\xff\xc0")
    lossless = FULL[: start + 1] + b"\xc3" + FULL[start + 2 :]
    for other in (lossless, FULL[:20], b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xe0\0\0", b""):
        assert find_preview(b"FOVb" + other) is None


def test_preview_of_full_size_may_lack_the_margins_of_the_sensor():
    large, small = Preview(6000, 4000, 0), Preview(1616, 1080, 0)
    assert is_full_size(large, (6048, 4024), 1)
    assert not is_full_size(small, (6048, 4024), 1)


def test_thumbnail_is_recognised_by_the_bytes_of_the_file_where_the_size_is_unknown():
    assert is_full_size(Preview(6000, 4000, 0), None, 50 << 20)
    assert not is_full_size(Preview(160, 120, 0), None, 25 << 20)
